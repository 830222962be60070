"""Magenta from one side, cyan from the other, violet from behind."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(-58), radians(14)
look.key.distance, look.key.size = 1.4, 0.7
look.key.level, look.key.colour = 1.3, (1.0, 0.07, 0.45)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(62), radians(8)
look.fill.distance, look.fill.size = 1.4, 0.7
look.fill.level, look.fill.colour = 1.1, (0.03, 0.62, 1.0)

look.rim.use = True
look.rim.yaw, look.rim.pitch = radians(172), radians(40)
look.rim.distance, look.rim.size = 1.6, 0.4
look.rim.level, look.rim.colour = 2.0, (0.45, 0.12, 1.0)
