"""Light from behind: an edge around a dark face."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(142), radians(25)
look.key.distance, look.key.size = 1.6, 0.4
look.key.level, look.key.colour = 2.4, (0.86, 0.93, 1.0)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(0), radians(15)
look.fill.distance, look.fill.size = 1.8, 1.5
look.fill.level, look.fill.colour = 0.12, (0.9, 0.95, 1.0)

look.rim.use = True
look.rim.yaw, look.rim.pitch = radians(-142), radians(25)
look.rim.distance, look.rim.size = 1.6, 0.4
look.rim.level, look.rim.colour = 2.4, (0.86, 0.93, 1.0)
