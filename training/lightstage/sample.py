"""A training picture and its truth, in the conventions of the portrait network."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.head import CROP_HALF_WIDTH_METRES
from .parts import PartClass
from .person import BytesArray
from .pose import Pose
from .view import View

HalfArray = np.ndarray[tuple[int, ...], np.dtype[np.float16]]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Sample:
    """A picture and its truth; conventions of the portrait network's inputs and outputs.

    Attributes:
        plate: (3, h, w) float16 sRGB-encoded after the gain.
        albedo: (3, h, w) float16 linear.
        normal: (3, h, w) float16 crop camera axes.
        depth: (h, w) float16, behind the head centre, in units of the crop's true half width.
        matte: (h, w) float16.
        transport: (9, h, w) float16, crop camera axes.
        parts: (h, w) uint8.
        light: (9, 3) float32 in the units of the gained plate.
        head: (9,) float32.
        roughness: (h, w) float16.
        specular: (h, w) float16 F0.
        tangent: () float32, half the crop's width at depth one.
        mirrored: () bool, whether the person's mesh is seen mirrored.
        environment: (3, 16, 16) float16 radiance around the person, `lights.small_environment`, in the units of the
            gained plate; None where a stored view was prepared without.
    """

    plate: HalfArray
    albedo: HalfArray
    normal: HalfArray
    depth: HalfArray
    matte: HalfArray
    transport: HalfArray
    parts: BytesArray
    light: Float32Array
    head: Float32Array
    roughness: HalfArray
    specular: HalfArray
    tangent: Float32Array
    mirrored: BoolArray
    environment: HalfArray | None = None

    @property
    def pose(self) -> Pose:
        """Of the head against the crop's camera."""
        head = self.head.astype(np.float64)
        x, y = head[:3], head[3:6]
        half_width = CROP_HALF_WIDTH_METRES * float(np.exp(head[8]))
        offset = np.array([*(head[6:8] * half_width), -half_width / float(self.tangent)])
        return Pose(np.stack([x, y, np.cross(x, y)], axis=1), offset, half_width, bool(self.mirrored))


@dataclass(frozen=True)
class SampleMaps:
    """What all pictures of one view share; as in `Sample`."""

    albedo: HalfArray
    normal: HalfArray
    depth: HalfArray
    matte: HalfArray
    transport: HalfArray
    parts: BytesArray
    head: Float32Array
    roughness: HalfArray
    specular: HalfArray
    tangent: Float32Array
    mirrored: BoolArray


def sample_maps(view: View) -> SampleMaps:
    """The truth of a view as the portrait network is taught it."""
    half, maps, pose = np.float16, view.maps, view.pose
    depth = (maps.depth + np.float32(pose.offset[2])) / np.float32(pose.half_width)
    return SampleMaps(
        albedo=maps.albedo.transpose(2, 0, 1).astype(half),
        normal=maps.normal.transpose(2, 0, 1).astype(half),
        depth=np.where(maps.matte > 0, depth, 0.0).astype(half),
        matte=maps.matte.astype(half),
        transport=view.transport.transpose(2, 0, 1).astype(half),
        parts=np.where(maps.matte > 0, maps.parts, PartClass.BACKGROUND).astype(np.uint8),
        head=pose.numbers,
        roughness=maps.roughness.astype(half),
        specular=maps.specular.astype(half),
        tangent=np.array(pose.tangent, np.float32),
        mirrored=np.array(pose.mirrored),
    )


def sample_of(
    maps: SampleMaps, plate: HalfArray, light: Float32Array, environment: Float32Array | None = None
) -> Sample:
    """A picture of a view.

    Args:
        maps: of the view.
        plate: (3, h, w).
        light: (9, 3).
        environment: (16, 16, 3), where it is known.
    """
    around = None if environment is None else np.ascontiguousarray(environment.transpose(2, 0, 1), np.float16)
    return Sample(
        plate=plate,
        albedo=maps.albedo,
        normal=maps.normal,
        depth=maps.depth,
        matte=maps.matte,
        transport=maps.transport,
        parts=maps.parts,
        light=light,
        head=maps.head,
        roughness=maps.roughness,
        specular=maps.specular,
        tangent=maps.tangent,
        mirrored=maps.mirrored,
        environment=around,
    )
