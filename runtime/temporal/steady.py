"""Steady a frame's encoding by the frames before it: R3DPVR, section 3.3.

The result is a function of the window alone, each frame of it encoded by itself. So a frame comes out the same whether
it is rendered first, last or alone on another machine, and the encodings on disk stay plain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..encode import head_pose
from ..encoding import Encoding
from ..errors import WeightsError
from ..field.planes import PLANES, FieldPlanes, planes_of_outputs
from ..head import CROP_HALF_WIDTH_METRES
from ..network import Network
from ..own_light import estimate_own_light
from .continuity import unbroken
from .maps import as_stored, changed, depth_offset, reduced_maps

FRAMES = 5
"""Frames of a window, the present one among them; what the network is trained for."""
FIRM = 0.5
"""Matte over which a pixel is the person's."""
PRIOR_PIXELS = 90.0
"""Of the plain light, when it is fitted again to a picture that harmonics explain altogether."""
UNCLIPPED = 0.9
"""Of the exposure at which a plate clips."""


def steadied(window: Sequence[Encoding], temporal: Network) -> Encoding:
    """The last encoding of a window, steadied by the others.

    Args:
        window: plain encodings of up to FRAMES neighbouring frames, the oldest first, the present one last.
        temporal: the network "temporal".

    Returns:
        The steadied encoding; after a cut, and where there is no other frame, the plain one, unchanged.

    Raises:
        WeightsError: the temporal network belongs to another portrait network.
    """
    frames = unbroken(window[-FRAMES:])
    present = frames[-1]
    if len(frames) == 1:
        return present
    outputs = temporal.run(**_inputs(frames, temporal))
    maps = changed(present, outputs["change"])
    head = np.concatenate([outputs["steady_head"], np.zeros(1, np.float32)])
    return replace(
        maps,
        light=light_for(maps, present),
        crop_camera_from_head=head_pose(head, present.crop),
        planes=_steady_planes(maps, outputs),
    )


def _inputs(frames: Sequence[Encoding], temporal: Network) -> dict[str, Float32Array]:
    luminance = [frame.luminance for frame in frames if frame.luminance is not None]
    inputs = {
        "maps": np.stack([reduced_maps(frame) for frame in frames]),
        "luminance": as_stored(np.stack(luminance)[:, None]),
        "head": np.stack([head_numbers(frame.crop_camera_from_head) for frame in frames]),
    }
    for kind, names in (("albedo_planes", PLANES[:3]), ("shading_planes", PLANES[3:])):
        wanted = _channels(temporal, kind)
        if wanted == 0:
            continue
        planes = [_joined(frame.planes, names) for frame in frames if frame.planes is not None]
        if len(planes) < len(frames) or len(planes[0]) != wanted:
            raise WeightsError(
                f"The temporal network steadies {wanted} channels of {kind.replace('_', ' ')}, and the portrait "
                f"network gives {len(planes[0]) if planes else 'none'}; install Chiaro's own weights again."
            )
        inputs[kind] = np.stack(planes)
    return inputs


def _channels(temporal: Network, name: str) -> int:
    """Of an input; 0 where the network has none of that name."""
    return next((int(given.shape[1]) for given in temporal.session.get_inputs() if given.name == name), 0)


def _joined(planes: FieldPlanes, names: Sequence[str]) -> Float32Array:
    return as_stored(np.concatenate([getattr(planes, name) for name in names]))


def head_numbers(crop_camera_from_head: AnyFloatArray) -> Float32Array:
    """(8,) rotation in six numbers and centre in half widths: the network's own form, without the scale."""
    rotation, centre = crop_camera_from_head[:3, :2].T.ravel(), crop_camera_from_head[:2, 3] / CROP_HALF_WIDTH_METRES
    numbers: Float32Array = np.concatenate([rotation, centre]).astype(np.float32)
    return numbers


def light_for(maps: Encoding, plain: Encoding) -> Float64Array:
    """The own light under which steadied maps give the picture that the plain frame's maps give under theirs.

    The plain light is fitted to the present plate, so this one follows a lamp that is switched at once; but what was
    wrong with the plain maps was wrong with their light too, and flickers with them, unless it is fitted again.

    Args:
        maps: steadied maps.
        plain: the same frame, encoded by itself.

    Returns:
        (9, 3) radiance harmonics in the plate's exposure.
    """
    weight = np.minimum(plain.matte, maps.matte)
    picture = plain.albedo * np.maximum(plain.transport @ plain.light.astype(np.float32), np.float32(0))
    inside = weight > FIRM
    brightest = float(picture[inside].max()) if inside.any() else 0.0
    if brightest <= 0.0:
        return plain.light
    # The fit leaves out what is clipped in a plate; here nothing is.
    gain = UNCLIPPED / brightest
    fitted = estimate_own_light(
        radiance=picture * np.float32(gain),
        albedo=maps.albedo,
        transport=maps.transport,
        weight=weight,
        prior=plain.light * gain,
        prior_pixels=PRIOR_PIXELS,
    )
    light: Float64Array = fitted / gain
    return light


def _steady_planes(encoding: Encoding, outputs: Mapping[str, Float32Array]) -> FieldPlanes | None:
    """The field's planes, with the steadied depth and matte; plain ones where the network steadies none."""
    if encoding.planes is None:
        return None
    if "steady_albedo_planes" not in outputs:
        kinds = {name: getattr(encoding.planes, name) for name in PLANES}
    else:
        both = (*np.split(outputs["steady_albedo_planes"], 3), *np.split(outputs["steady_shading_planes"], 3))
        kinds = dict(zip(PLANES, both, strict=True))
    maps = {"depth": depth_offset(encoding), "matte": encoding.matte}
    return planes_of_outputs({name: array[None] for name, array in kinds.items()} | _batched(maps))


def _batched(maps: Mapping[str, Float32Array]) -> dict[str, Float32Array]:
    return {name: array[None, None] for name, array in maps.items()}
