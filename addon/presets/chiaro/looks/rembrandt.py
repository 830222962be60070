"""One lamp high at the side: a triangle of light on the cheek that is in shadow."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(-50), radians(40)
look.key.distance, look.key.size = 1.6, 0.3
look.key.level, look.key.colour = 1.8, (1.0, 0.93, 0.84)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(40), radians(5)
look.fill.distance, look.fill.size = 1.8, 1.2
look.fill.level, look.fill.colour = 0.07, (0.85, 0.92, 1.0)

look.rim.use = False
