"""One plate of an analytic head, delit, for the tests of the compose step."""

from dataclasses import dataclass

import numpy as np
import pytest
from tests.analytic_head import AnalyticHead, analytic_head, posed_camera, side_light

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.camera import Camera
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import DelitPlate, delight
from chiaro.runtime.compose.kept_light import KeptLight
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.gbuffer import GBuffer, Shaded
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.harmonics import harmonics_rotation
from chiaro.runtime.light.shade import no_light
from chiaro.runtime.passes import Passes
from chiaro.runtime.view import view


@dataclass(frozen=True)
class Stage:
    """An analytic head on a noisy background, its plate, and what was made of it."""

    head: AnalyticHead
    plate: Float32Array
    encoding: Encoding
    gbuffer: GBuffer
    own: Shaded
    delit: DelitPlate

    def lit(self, gbuffer: GBuffer, light: Float64Array) -> Shaded:
        """A gbuffer under light in the crop camera's axes, with a faint reflection."""
        world_light = harmonics_rotation(self.head.world_from_crop[:3, :3]) @ light
        shading = np.maximum(gbuffer.transport @ world_light, 0).astype(np.float32)
        there = (gbuffer.matte > 0)[..., None].astype(np.float32)
        return Shaded(shading * there, 0.02 * float(light[0].mean()) * there * np.ones(3, np.float32))

    def kept(self, gbuffer: GBuffer, share: float = 1.0) -> KeptLight:
        """So much of the plate's own light."""
        return KeptLight(share, lambda: self.lit(gbuffer, side_light()))

    def in_its_own_light(self, camera: Camera | None = None) -> Passes:
        """The plate under no light but its own."""
        gbuffer = self.gbuffer if camera is None else view(self.encoding, self.head.plate_camera, camera)
        camera = camera or self.head.plate_camera
        return compose(self.plate, None, self.delit, gbuffer, no_light(gbuffer), camera, self.kept(gbuffer))


def make_stage(width: int, height: int, box: HeadBox | None = None) -> Stage:
    """Build a stage at a plate size."""
    head = analytic_head(plate_camera=posed_camera(width, height), box=box)
    background = 0.15 + 0.1 * np.random.default_rng(0).random((height, width, 3))
    plate = head.plate(side_light(), background.astype(np.float32))
    encoding = head.encoding(side_light())
    gbuffer = view(encoding, head.plate_camera, head.plate_camera)
    bare = Stage(head, plate, encoding, gbuffer, None, None)  # type: ignore[arg-type]  # filled in below
    own = bare.lit(gbuffer, side_light())
    plate = plate + own.specular.max() * (head.trace(head.plate_camera).hit[..., None])
    plate = plate.astype(np.float32)
    return Stage(head, plate, encoding, gbuffer, own, delight(plate, encoding, own))


@pytest.fixture(scope="session")
def stage() -> Stage:
    """At a size that keeps tests quick."""
    return make_stage(640, 360)
