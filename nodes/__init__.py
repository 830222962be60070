"""The compositor nodes and what reads the Blender scene for them; calls the runtime, holds no maths."""
