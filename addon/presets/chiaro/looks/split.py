"""One lamp straight from the side: half the face in light, half in the dark."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(-84), radians(10)
look.key.distance, look.key.size = 1.6, 0.35
look.key.level, look.key.colour = 2.0, (1.0, 0.95, 0.88)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(60), radians(0)
look.fill.distance, look.fill.size = 2.0, 1.2
look.fill.level, look.fill.colour = 0.03, (0.8, 0.9, 1.0)

look.rim.use = False
