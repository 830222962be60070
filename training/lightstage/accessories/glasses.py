"""Glasses: frames of many forms, with clear, tinted or no lenses."""

import numpy as np

from ....runtime.arrays import AnyFloatArray
from ..head_mesh import Mesh, merged
from ..parts import Part
from ..surgery import sheet, tube

FORMS = ("round", "square", "aviator", "cat", "wide")


def _outline(form: str, random: np.random.Generator) -> AnyFloatArray:
    """(36, 2) outline of the lens before the person's left eye (outside towards +x), metres."""
    angle = np.linspace(0.0, 2 * np.pi, 36, endpoint=False)
    power = {"round": 2.0, "aviator": 2.5, "cat": 2.6}.get(form, random.uniform(2.8, 5.0))
    width, height = random.uniform(0.022, 0.029), random.uniform(0.017, 0.024)
    if form == "wide":
        width, height = random.uniform(0.028, 0.033), random.uniform(0.022, 0.029)
    if form == "round":
        height = width * random.uniform(0.88, 1.0)
    cosine, sine = np.cos(angle), np.sin(angle)
    x = np.sign(cosine) * np.abs(cosine) ** (2 / power) * width
    y = np.sign(sine) * np.abs(sine) ** (2 / power) * height
    if form == "aviator":
        x = x * np.where(y < 0, 1.0 - 0.22 * (y / height) ** 2, 1.0)
        y = y * np.where(y < 0, 1.25, 0.85)
    if form == "cat":
        y = y + 0.007 * np.maximum(x / width, 0.0) ** 2 * (y > 0)
    return np.stack([x, y], axis=1)


def glasses_meshes(
    eyes: tuple[AnyFloatArray, AnyFloatArray], ears: tuple[AnyFloatArray, AnyFloatArray], random: np.random.Generator
) -> list[Mesh]:
    """Rims, bridge, temples and lenses in the head frame.

    Args:
        eyes: centres of the left and right eyeball, metres.
        ears: where the temples rest, left and right, metres.
        random: source of chance.
    """
    form = str(random.choice(FORMS))
    outline = _outline(form, random)
    thin = form == "aviator" or random.uniform() < 0.4
    radius = random.uniform(0.0006, 0.0011) if thin else random.uniform(0.0013, 0.0028)
    lens = random.choice(["clear", "dark", "none"], p=[0.66, 0.26, 0.08])
    forward, tilt = random.uniform(0.023, 0.029), random.uniform(0.0, 0.12)
    slide = random.uniform(-0.012, 0.002) if random.uniform() < 0.15 else 0.0
    width, height = outline[:, 0].max(), outline[:, 1].max()
    pieces, inner = [], []
    for eye, ear, side in zip(eyes, ears, (1.0, -1.0), strict=True):
        centre = eye + np.array([side * 0.002, -0.004 + slide, forward - 0.6 * slide])
        x, y = side * outline[:, 0], outline[:, 1]
        depth = -0.006 * np.maximum(side * x / width, 0.0) ** 2 + tilt * y
        rim = centre + np.stack([x, y, depth], axis=1)
        pieces.append(tube(rim, radius, Part.GLASSES, closed=True))
        hinge = centre + np.array([side * width, 0.4 * height, -0.006])
        bend = ear + np.array([side * 0.001, 0.004, -0.004])
        path = np.vstack(
            [hinge + np.linspace(0, 1, 9)[:, None] * (bend - hinge), bend + np.array([0.0, -0.018, -0.012])]
        )
        pieces.append(tube(path, radius * (1.0 if thin else 1.3), Part.GLASSES))
        inner.append(centre + np.array([-side * (width - 0.001), 0.25 * height, 0.0]))
        if lens != "none":
            part = Part.LENS if lens == "clear" else Part.DARK_LENS
            pieces.append(_lens(centre, rim, part))
    arch = inner[0] + np.linspace(0, 1, 7)[:, None] * (inner[1] - inner[0])
    arch[:, 1] += 0.003 * np.sin(np.linspace(0, np.pi, 7))
    pieces.append(tube(arch, radius, Part.GLASSES))
    if form == "aviator":
        top = arch + np.array([0.0, 0.5 * height, 0.001])
        pieces.append(tube(top, radius, Part.GLASSES))
    return [merged(pieces)]


def _lens(centre: AnyFloatArray, rim: AnyFloatArray, part: Part) -> Mesh:
    """A slightly bulging disc within a rim."""
    share = np.array([1.0, 0.75, 0.4, 0.02])[:, None, None]
    points = centre + (rim - centre)[None] * share
    points[..., 2] += 0.0022 * (1.0 - share[..., 0] ** 2)
    disc = sheet(points, points * 100.0, part, closed=True)
    if disc.normals[:, 2].mean() < 0.0:
        disc = Mesh(disc.vertices, -disc.normals, disc.rest, disc.triangles[:, ::-1].copy(), disc.parts)
    return disc
