"""A soft lamp a little to the side: the flattering everyday portrait."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(-36), radians(32)
look.key.distance, look.key.size = 1.5, 0.8
look.key.level, look.key.colour = 1.25, (1.0, 0.96, 0.91)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(38), radians(8)
look.fill.distance, look.fill.size = 1.8, 1.4
look.fill.level, look.fill.colour = 0.25, (0.94, 0.97, 1.0)

look.rim.use = True
look.rim.yaw, look.rim.pitch = radians(150), radians(38)
look.rim.distance, look.rim.size = 1.6, 0.4
look.rim.level, look.rim.colour = 0.7, (1.0, 1.0, 1.0)
