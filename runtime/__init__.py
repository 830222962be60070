"""The relighting engine: plates in, passes out. Imports no bpy, no torch, no Qt."""
