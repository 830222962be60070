"""Widths of the portrait model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSize:
    """How wide and deep the model is.

    Attributes:
        fine: channels of the albedo encoder at 64².
        middle: channels at 32².
        coarse: channels at 16².
        attention_blocks: transformer blocks of the albedo encoder at 16².
        high: channels of the high-frequency branch at 128².
        shading_fine: channels of the shading encoder at 64².
        shading_middle: channels at 32².
        shading_coarse: channels at 16².
        shading_blocks: transformer blocks of the shading encoder at 16².
        albedo_planes: channels of each albedo plane.
        shading_planes: channels of each shading plane.
        field: width of the field's hidden layers.
        refinement: channels of the refinement at 128².
        full: channels of the refinement at 256².
    """

    fine: int = 64
    middle: int = 128
    coarse: int = 256
    attention_blocks: int = 4
    high: int = 32
    shading_fine: int = 48
    shading_middle: int = 96
    shading_coarse: int = 160
    shading_blocks: int = 2
    albedo_planes: int = 24
    shading_planes: int = 12
    field: int = 48
    refinement: int = 32
    full: int = 32
