"""The beginning of scripts that look at a file through the Image node of Blender's compositor."""

SET_UP_IMAGE_NODE = """
scene = bpy.context.scene
scene.render.resolution_x, scene.render.resolution_y = size
scene.render.resolution_percentage = 100
scene.render.image_settings.file_format = "OPEN_EXR"
scene.render.image_settings.color_depth = "32"
scene.render.engine = "CYCLES"
scene.frame_start = scene.frame_end = 1
if bpy.app.version >= (5, 0):
    tree = scene.compositing_node_group = bpy.data.node_groups.new("c", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    output = tree.nodes.new("NodeGroupOutput")
else:
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("CompositorNodeComposite")
node = tree.nodes.new("CompositorNodeImage")
"""
"""After a script has set `size`: leaves `scene`, `tree`, the Image node `node` and the node `output`."""
