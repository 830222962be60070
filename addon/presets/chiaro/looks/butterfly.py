"""One lamp high in front: a shadow like a butterfly under the nose, and a reflector below."""

from math import radians

import bpy

look = bpy.context.scene.chiaro_look
look.use_world = False

look.key.use = True
look.key.yaw, look.key.pitch = radians(0), radians(50)
look.key.distance, look.key.size = 1.4, 0.45
look.key.level, look.key.colour = 1.5, (1.0, 0.97, 0.93)

look.fill.use = True
look.fill.yaw, look.fill.pitch = radians(0), radians(-40)
look.fill.distance, look.fill.size = 1.2, 0.9
look.fill.level, look.fill.colour = 0.22, (1.0, 0.97, 0.94)

look.rim.use = True
look.rim.yaw, look.rim.pitch = radians(165), radians(35)
look.rim.distance, look.rim.size = 1.6, 0.4
look.rim.level, look.rim.colour = 0.6, (1.0, 1.0, 1.0)
