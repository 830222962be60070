"""The product's road from plate to relit picture, with networks from any folder; what an artist would get.

`Encoder` is the only place where a plain and a streaming (temporal) encoder differ.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.camera import Camera
from ...runtime.compose.catchlights import with_eyes
from ...runtime.compose.compose import compose
from ...runtime.compose.delight import DelitPlate, delight
from ...runtime.compose.kept_light import KeptLight
from ...runtime.encode import encode
from ...runtime.encoding import Encoding
from ...runtime.field.carved_field import CarvedField
from ...runtime.field.field import Field
from ...runtime.gbuffer import GBuffer, Shaded
from ...runtime.head import HeadBox
from ...runtime.light.equirectangular import map_directions
from ...runtime.light.harmonics import evaluate_harmonics
from ...runtime.light.light import Environment, Light
from ...runtime.light.shade import no_light, own_shading, shade
from ...runtime.network import Network, is_listed, load_network
from ...runtime.passes import ALL_PASSES, Passes
from ...runtime.temporal.streaming import StreamingEncoder
from ...runtime.view.head_field import NETWORKS as FIELD_NETWORKS
from ...runtime.view.head_field import carved
from ...runtime.view.view import view
from ...runtime.weights import WEIGHTS_FOLDER

THREADS = 2


class Encoder(Protocol):
    """Encodes the frames of a shot in their order."""

    def begin(self) -> None:
        """A new shot: forget the last one."""

    def encode(self, plate: Float32Array, camera: Camera, box: HeadBox) -> Encoding:
        """Encode the next frame; arguments as `runtime.encode.encode`."""


@dataclass(frozen=True)
class PlainEncoder:
    """Each frame alone.

    Attributes:
        portrait: the network.
    """

    portrait: Network

    def begin(self) -> None:
        """Nothing is kept from frame to frame."""

    def encode(self, plate: Float32Array, camera: Camera, box: HeadBox) -> Encoding:
        """Encode a frame."""
        return encode(plate, camera, box, self.portrait)


@dataclass(frozen=True)
class Contestant:
    """A folder of exported networks.

    Attributes:
        name: for tables.
        folder: with manifest.json.
        portrait: its network.
        locator: its own, or the shipped one where it has none.
        field: the networks of its field, none where it has no field.
        plain: encodes frames alone.
        streaming: encodes frames with their predecessors; None where there is no temporal network.
    """

    name: str
    folder: Path
    portrait: Network
    locator: Network
    field: tuple[Network, ...]
    plain: Encoder
    streaming: Encoder | None = None

    def prepared(self, plate: Float32Array, camera: Camera, box: HeadBox) -> "PreparedPlate":
        """A frame encoded alone; arguments and errors as `runtime.encode.encode`."""
        self.plain.begin()
        return PreparedPlate(plate, camera, self.plain.encode(plate, camera, box), self.field)


def contestant(folder: Path, name: str | None = None) -> Contestant:
    """Load the networks of a folder.

    Raises:
        WeightsError: the folder has no portrait network, or it is damaged.
    """

    def load(network: str, place: Path) -> Network:
        return load_network(network, folder=place, threads=THREADS, providers=["cpu"])

    portrait = load("portrait", folder)
    has_field = all(is_listed(network, folder) for network in FIELD_NETWORKS)
    return Contestant(
        name=name or folder.name,
        folder=folder,
        portrait=portrait,
        locator=load("locator", folder if is_listed("locator", folder) else WEIGHTS_FOLDER),
        field=tuple(load(network, folder) for network in FIELD_NETWORKS) if has_field else (),
        plain=PlainEncoder(portrait),
        streaming=StreamingEncoder(portrait, load("temporal", folder)) if is_listed("temporal", folder) else None,
    )


def harmonics_light(harmonics: np.ndarray) -> Light:  # type: ignore[type-arg]  # any float
    """The environment that harmonics (9, 3), world axes, stand for; negative radiance counts as none."""
    radiance = np.maximum(evaluate_harmonics(harmonics, map_directions(32, 64)), 0.0).astype(np.float32)
    return Light(Environment(radiance, np.asarray(harmonics, np.float64)))


@dataclass(frozen=True)
class PreparedPlate:
    """An encoded frame, ready for any light and camera.

    Attributes:
        plate: (H, W, 3) scene-linear.
        camera: of the plate, posed in the world.
        encoding: of the frame.
        field_networks: of the contestant.
    """

    plate: Float32Array
    camera: Camera
    encoding: Encoding
    field_networks: tuple[Network, ...] = ()

    @cached_property
    def field(self) -> CarvedField | None:
        """What the plate never saw; None where there is no field."""
        if self.encoding.planes is None or not self.field_networks:
            return None
        return carved(Field(self.encoding.planes, *self.field_networks), self.encoding)

    @cached_property
    def gbuffer(self) -> GBuffer:
        """The surface as the plate's camera sees it."""
        return self.seen_from(self.camera)

    @cached_property
    def own(self) -> Shaded:
        """The plate's own light on it."""
        return own_shading(self.gbuffer)

    @cached_property
    def delit(self) -> DelitPlate:
        """The plate without it."""
        return delight(self.plate, self.encoding, self.own)

    @property
    def own_light(self) -> Light:
        """As estimated, for cameras that see more than the plate did."""
        return harmonics_light(self.gbuffer.own_light)

    def seen_from(self, camera: Camera) -> GBuffer:
        """The surface as a camera sees it."""
        size = self.encoding.crop.camera.width
        return view(self.encoding, self.camera, camera, size=size, field=lambda: self.field)

    def under(
        self,
        light: Light,
        camera: Camera | None = None,
        *,
        wanted: frozenset[str] = ALL_PASSES,
    ) -> Passes:
        """The relit frame.

        Args:
            light: new light, world axes.
            camera: to see from; the plate's own when None.
            wanted: passes.
        """
        gbuffer = self.gbuffer if camera is None else self.seen_from(camera)
        camera = camera or self.camera
        shaded = with_eyes(
            shade(gbuffer, light), gbuffer, self.delit, plate_camera=self.camera, render_camera=camera, light=light
        )
        return compose(self.plate, None, self.delit, gbuffer, shaded, camera, wanted=wanted)

    def turned(self, camera: Camera, *, wanted: frozenset[str] = ALL_PASSES) -> Passes:
        """The frame from another camera in the light that it was shot in.

        Args:
            camera: to see from.
            wanted: passes.
        """
        gbuffer = self.seen_from(camera)
        kept = KeptLight(1.0, lambda: own_shading(gbuffer))
        return compose(self.plate, None, self.delit, gbuffer, no_light(gbuffer), camera, kept, wanted=wanted)


def named_contestants(folders: list[Path]) -> list[Contestant]:
    """Load several folders; the first is called "model", the second "first network"."""
    return [contestant(folder, name) for folder, name in zip(folders, ("model", "first network"), strict=False)]
