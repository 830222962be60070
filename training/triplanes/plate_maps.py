"""The maps of the plate's own view that the model predicts, in the order of its raw numbers."""

CHANNELS = {"transport": 9, "albedo": 3, "normal": 3, "depth": 1, "matte": 1, "roughness": 1, "specular": 1, "parts": 9}
RAW_CHANNELS = sum(CHANNELS.values())
NORMAL = slice(
    CHANNELS["transport"] + CHANNELS["albedo"], CHANNELS["transport"] + CHANNELS["albedo"] + CHANNELS["normal"]
)
"""Where the normal's numbers are among them."""
