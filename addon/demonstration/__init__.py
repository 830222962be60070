"""`./install run`: a portrait relit in a real Blender from end to end. Not part of the extension's zip."""
