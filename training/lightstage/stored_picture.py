"""New pictures of stored views: another mixture of light, another camera, mirrored, the crop moved by some pixels."""

from dataclasses import dataclass, replace

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.light.harmonics import harmonics_rotation
from .lamps import lamp_colour
from .picture import Shot, encoded_plate, exposed_clip, exposure_factor, over, random_shot
from .pose import MIRROR_SIGNS, Pose
from .reduced import reduced_camera
from .sample import HalfArray, Sample, SampleMaps, sample_of
from .stage import Stage
from .stored_view import ENVIRONMENTS, LAMPS, StoredView

SCENERY_SHARE = 0.35
"""Of pictures before a room or a street made of shapes."""


@dataclass(frozen=True)
class Mixture:
    """How much of each stored light shines.

    Attributes:
        weights: (ENVIRONMENTS + LAMPS, 3) factor on each light and channel.
        background: index of the environment behind the person.
    """

    weights: Float32Array
    background: int


def random_mixture(view: StoredView, random: np.random.Generator) -> Mixture:
    """One environment or two mixed by Beta(0.5, 0.5), none to three coloured lamps, as `lights.random_light` draws."""
    weights = np.zeros((ENVIRONMENTS + LAMPS, 3))
    first, second = random.permutation(ENVIRONMENTS)[:2]
    share = float(random.beta(0.5, 0.5)) if random.uniform() < 0.5 else 1.0
    weights[first], weights[second] = share, 1.0 - share
    count = int(random.choice(4, p=[0.26, 0.40, 0.23, 0.11]))
    level = np.exp(random.uniform(np.log(0.06), np.log(2.0))) if count else 1.0
    weights *= level * np.exp(random.normal(size=3) * 0.08)
    for lamp in random.permutation(LAMPS)[:count]:
        strength = np.exp(random.normal() * 0.8 + 0.9) * (1.4 if view.lamp_behind[lamp] else 1.0)
        weights[ENVIRONMENTS + lamp] = lamp_colour(random) * strength
    return Mixture(weights.astype(np.float32), int(first))


@numba.njit(cache=True, fastmath=True)
def _summed(radiance: np.ndarray, weights: Float32Array, out: Float32Array) -> None:  # type: ignore[type-arg]  # float16 as float32
    for light in range(weights.shape[0]):
        if weights[light, 0] == 0.0 and weights[light, 1] == 0.0 and weights[light, 2] == 0.0:
            continue
        for pixel in range(out.shape[0]):
            for c in range(3):
                out[pixel, c] += weights[light, c] * radiance[light, pixel, c]


def mixed_radiance(view: StoredView, mixture: Mixture) -> Float32Array:
    """(N, 3) radiance of the covered pixels."""
    used = np.flatnonzero(mixture.weights.any(axis=1))
    out = np.zeros((len(view.pixel), 3), np.float32)
    _summed(view.radiance[used].astype(np.float32), mixture.weights[used], out)
    return out


def looking_aside(pose: Pose, columns: int, rows: int, size: int) -> Float64Array:
    """(3, 3) crop_from_view: rotation of a camera whose crop lies `columns` right and `rows` down of the view's middle.

    The shifted pixels are taken for those of the turned camera; over the margin they differ by a quarter of a pixel
    at R3DPVR's lens, by one at the corners of the widest.
    """
    step = pose.tangent / (0.5 * size)
    backward = np.array([-columns * step, rows * step, 1.0])
    backward /= np.linalg.norm(backward)
    right = np.cross(np.array([0.0, 1.0, 0.0]), backward)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(backward, right), backward])


@dataclass(frozen=True)
class Framing:
    """Where in the stored view the crop lies.

    Attributes:
        top: first row.
        left: first column.
        mirrored: whether the picture is mirrored.
    """

    top: int
    left: int
    mirrored: bool


def random_framing(random: np.random.Generator, margin: int) -> Framing:
    """Anywhere within the margin, mirrored half of the time."""
    top, left = random.integers(0, 2 * margin + 1, 2)
    return Framing(int(top), int(left), bool(random.uniform() < 0.5))


@dataclass(frozen=True)
class _Crop:
    """A crop of a stored view.

    Attributes:
        size: pixels along each side.
        inside: (N,) bool, which of the view's pixels lie in it.
        place: their flat index in the crop.
        crop_from_view: (3, 3) rotation.
        pose: of the head against the crop's camera.
    """

    size: int
    inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    place: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    crop_from_view: Float64Array
    pose: Pose


def _crop(view: StoredView, framing: Framing) -> _Crop:
    size = view.crop_size
    row, column = view.pixel // view.size - framing.top, view.pixel % view.size - framing.left
    inside = (row >= 0) & (row < size) & (column >= 0) & (column < size)
    turn = looking_aside(view.pose, framing.left - view.margin, framing.top - view.margin, size)
    pose = replace(view.pose, rotation=turn @ view.rotation, offset=turn @ view.offset)
    return _Crop(size, inside, (row[inside] * size + column[inside]).astype(np.int64), turn, pose)


def stored_picture(
    stage: Stage, view: StoredView, random: np.random.Generator, environments: HalfArray | None = None
) -> Sample:
    """A new picture of a stored view and its truth.

    Args:
        stage: for its panoramas.
        view: prepared.
        random: generator.
        environments: around the person, of each light alone, where they are known.
    """
    return stored_clip(stage, [view], [random_mixture(view, random)], random, environments)[0]


def stored_clip(
    stage: Stage,
    views: list[StoredView],
    mixtures: list[Mixture],
    random: np.random.Generator,
    environments: HalfArray | None = None,
) -> list[Sample]:
    """New pictures of the frames of a stored sequence: one framing, one exposure, one camera for all.

    Args:
        stage: for its panoramas.
        views: of each frame.
        mixtures: of light in each frame, all before the same environment's background.
        random: generator.
        environments: (ENVIRONMENTS + LAMPS, 3, 16, 16) around the person of a clip of one frame, of each light alone.
    """
    first, background = views[0], mixtures[0].background
    framing = random_framing(random, first.margin)
    shot = random_shot(stage.panoramas[first.panorama[background]], first.crop_size, random)
    if random.uniform() < SCENERY_SHARE:
        shot = replace(shot, backdrop=replace(shot.backdrop, scenery=True))
    if first.reduction > 1:
        shot = replace(shot, camera=reduced_camera(shot.camera, first.reduction))
    harmonics = np.einsum("lkc,lc->kc", first.harmonics.astype(np.float64), mixtures[0].weights)
    transport, albedo = first.transport[::16].astype(np.float32), first.albedo[::16].astype(np.float32)
    factor = exposure_factor(shot.exposure, transport, albedo, harmonics)
    frames = [_frame(view, mixture, framing, shot, factor) for view, mixture in zip(views, mixtures, strict=True)]
    samples = []
    linear_frames = exposed_clip([frame.scene for frame in frames], shot)
    for frame, mixture, linear in zip(frames, mixtures, linear_frames, strict=True):
        plate, gain = encoded_plate(linear)
        around = None if environments is None else mixed_environment(environments, mixture, factor * gain, framing)
        samples.append(sample_of(frame.maps, plate, (frame.light * gain).astype(np.float32), around))
    return samples


def mixed_environment(
    environments: HalfArray, mixture: Mixture, factor: Float64Array, framing: Framing
) -> Float32Array:
    """(16, 16, 3) radiance around the person under a mixture of light.

    The crop's camera looks aside by less than two degrees, a pixel holds eleven: that turn is left out.

    Args:
        environments: (ENVIRONMENTS + LAMPS, 3, 16, 16) of each light alone.
        mixture: how much of each.
        factor: (3,) or () of exposure.
        framing: whether the picture is mirrored.
    """
    weights = mixture.weights * np.asarray(factor, np.float32)
    mixed = np.einsum("lchw,lc->hwc", environments.astype(np.float32), weights)
    return np.ascontiguousarray(mixed[:, ::-1]) if framing.mirrored else mixed


@dataclass(frozen=True)
class _Frame:
    """A frame before the camera: scene (n, n, 3) linear, truth, and light (9, 3)."""

    scene: Float32Array
    maps: SampleMaps
    light: Float64Array


def _frame(view: StoredView, mixture: Mixture, framing: Framing, shot: Shot, factor: Float64Array) -> _Frame:
    crop = _crop(view, framing)
    harmonics = np.einsum("lkc,lc->kc", view.harmonics.astype(np.float64), mixture.weights)
    person = np.zeros((crop.size * crop.size, 3), np.float32)
    person[crop.place] = mixed_radiance(view, mixture)[crop.inside] * factor.astype(np.float32)
    panorama_from_camera = view.panorama_from_camera[mixture.background] @ crop.crop_from_view.T
    background = shot.backdrop.drawn(panorama_from_camera, view.pose.tangent, crop.size)
    background = background * (shot.exposure.background * shot.exposure.balance)
    maps, light = _maps(view, crop), harmonics_rotation(crop.crop_from_view) @ harmonics * factor
    scene = over(person.reshape(crop.size, crop.size, 3), maps.matte.astype(np.float32), background)
    if framing.mirrored:
        return _Frame(np.ascontiguousarray(scene[:, ::-1]), _mirrored(maps), MIRROR_SIGNS[:, None] * light)
    return _Frame(scene, maps, light)


def random_mixtures(view: StoredView, frames: int, random: np.random.Generator) -> list[Mixture]:
    """Light over the frames of a clip: steady (45 %), or from one mixture to another, slowly or between two frames.

    Where it changes, shares are drawn from Beta(0.5, 0.5) as in NVPR's triplets.
    """
    first, second = random_mixture(view, random), random_mixture(view, random)
    kind = random.uniform()
    if kind < 0.45:
        return [first] * frames
    start, end = random.beta(0.5, 0.5, 2)
    ramp = np.linspace(0.0, 1.0, frames) if kind < 0.85 else np.arange(frames) >= random.integers(1, max(2, frames))
    shares = start + (end - start) * ramp
    return [Mixture(_between(first, second, float(share)), first.background) for share in shares]


def _between(first: Mixture, second: Mixture, share: float) -> Float32Array:
    weights: Float32Array = np.float32(1.0 - share) * first.weights + np.float32(share) * second.weights
    return weights


def _depth(view: StoredView, crop: _Crop) -> Float32Array:
    """(N,) depth behind the head's centre along the crop's own axis, in half widths."""
    step = view.pose.tangent / (0.5 * crop.size)
    across = (view.pixel % view.size + 0.5 - 0.5 * view.size) * step
    down = (view.pixel // view.size + 0.5 - 0.5 * view.size) * step
    along = view.depth.astype(np.float32) * view.half_width - view.offset[2]
    x, y, z = crop.crop_from_view[2]
    depth = -(x * across - y * down - z) * along
    relative: Float32Array = ((depth + crop.pose.offset[2]) / view.half_width).astype(np.float32)
    return relative


def _maps(view: StoredView, crop: _Crop) -> SampleMaps:
    """The truth of the crop, in its camera's axes."""

    def plane(values: np.ndarray, channels: int, kind: type) -> np.ndarray:  # type: ignore[type-arg]  # several types
        out: np.ndarray = np.zeros((channels, crop.size * crop.size), kind)  # type: ignore[type-arg]  # several types
        out[:, crop.place] = values[crop.inside].reshape(-1, channels).T
        shape = (channels, crop.size, crop.size)
        return out.reshape(shape if channels > 1 else shape[1:])

    turn = crop.crop_from_view
    normal = view.normal.astype(np.float32) @ turn.T.astype(np.float32)
    transport = view.transport.astype(np.float32) @ harmonics_rotation(turn).T.astype(np.float32)
    return SampleMaps(
        albedo=plane(view.albedo, 3, np.float16),
        normal=plane(normal, 3, np.float16),
        depth=plane(_depth(view, crop), 1, np.float16),
        matte=plane(view.matte.astype(np.float32) / 255.0, 1, np.float16),
        transport=plane(transport, 9, np.float16),
        parts=plane(view.parts, 1, np.uint8),
        head=crop.pose.numbers,
        roughness=plane(view.roughness.astype(np.float32) / 255.0, 1, np.float16),
        specular=plane(view.specular, 1, np.float16),
        tangent=np.array(view.pose.tangent, np.float32),
        mirrored=np.array(False),
    )


def _mirrored(maps: SampleMaps) -> SampleMaps:
    """The truth of the picture mirrored left to right, whose person is mirrored too."""

    def flipped(values: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]  # several types
        return np.ascontiguousarray(values[..., ::-1])

    signs = MIRROR_SIGNS.astype(np.float16)[:, None, None]
    head = maps.head.copy()
    # camera_from_head ↦ M R M: the person is mirrored in its own frame, the picture in the camera's.
    head[:3] *= np.array([1.0, -1.0, -1.0], np.float32)
    head[3:6] *= np.array([-1.0, 1.0, 1.0], np.float32)
    head[6] *= -1.0
    return SampleMaps(
        albedo=flipped(maps.albedo),
        normal=flipped(maps.normal) * np.array([-1, 1, 1], np.float16)[:, None, None],
        depth=flipped(maps.depth),
        matte=flipped(maps.matte),
        transport=flipped(maps.transport) * signs,
        parts=flipped(maps.parts),
        head=head,
        roughness=flipped(maps.roughness),
        specular=flipped(maps.specular),
        tangent=maps.tangent,
        mirrored=~maps.mirrored,
    )
