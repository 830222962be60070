"""Rooms and streets made of shapes: walls, windows, curtains, furniture, leaves and twigs, one over the other.

A window's light beside hair, a curtain's folds or a dark picture frame are what mattes take for a part of the person.
Shapes that cover each other have the edges and the sizes of things in photographs ("dead leaves": Lee, Mumford and
Huang 2001, section 3).
"""

from dataclasses import dataclass, replace

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from .optics import defocused
from .skin import noise_textures

RECTANGLE, ELLIPSE, BLOB, TWIG = range(4)

_COLOURS = np.array(
    [
        (0.60, 0.58, 0.54),  # plaster
        (0.36, 0.35, 0.34),  # stone
        (0.20, 0.11, 0.06),  # wood
        (0.45, 0.30, 0.18),  # pale wood
        (0.04, 0.035, 0.03),  # dark brown, black
        (0.55, 0.36, 0.27),  # the colour of skin
        (0.07, 0.14, 0.04),  # leaves
        (0.30, 0.04, 0.03),  # curtains
        (0.05, 0.09, 0.28),
        (0.45, 0.60, 0.85),  # sky
    ]
)
"""Reflectances, linear."""


@dataclass(frozen=True)
class Shape:
    """Something flat in the background; lengths in widths of the picture.

    Attributes:
        kind: RECTANGLE, ELLIPSE, BLOB (an ellipse with a wavy outline) or TWIG (a bent stroke).
        x: of the centre, from the left.
        y: of the centre, from the top.
        half_width: along its own first axis.
        half_height: across it; of a twig the half thickness.
        angle: of the first axis, radians.
        colour: (3,) radiance.
        slope: (2,) by which the radiance changes over the shape, relative.
        bend: of a twig, or depth of the waves of an outline, 0..1.
        stripes: folds, blinds or panes over the width of the picture, 0 for none.
        depth: of the stripes, 0..1.
        panes: whether stripes run both ways, as thin bars between panes.
    """

    kind: int
    x: float
    y: float
    half_width: float
    half_height: float
    angle: float
    colour: Float64Array
    slope: Float64Array
    bend: float = 0.0
    stripes: float = 0.0
    depth: float = 0.0
    panes: bool = False

    @property
    def numbers(self) -> list[float]:
        """As `_painted` reads them."""
        place = [self.x, self.y, self.half_width, self.half_height, np.cos(self.angle), np.sin(self.angle)]
        look = [self.bend, self.stripes, self.depth, float(self.panes), *self.colour, *self.slope]
        return [float(self.kind), *place, *look]


def random_scenery(random: np.random.Generator, size: int) -> Float32Array:
    """(size, size, 3) linear background of shapes, sharp or out of focus."""
    shapes = [*_walls(random), *_windows(random), *_curtains(random), *_things(random), *_plants(random)]
    base = np.full((size, size, 3), _colour(random), np.float32)
    image = _painted(base, np.array([shape.numbers for shape in shapes]))
    image *= _grain(random, size)
    if random.uniform() < 0.75:
        radius = np.exp(random.uniform(np.log(1.0), np.log(14.0))) * size / 256.0
        image = defocused(image, float(radius), disc=bool(random.uniform() < 0.5))
    return np.clip(image, 0.0, 20.0).astype(np.float32)


@numba.njit(cache=True, fastmath=True)
def _painted(image: Float32Array, shapes: Float64Array) -> Float32Array:
    """Shapes over an image (n, n, 3), the later ones over the earlier."""
    size = image.shape[0]
    for index in range(shapes.shape[0]):
        kind, x, y, half_width, half_height, cosine, sine = shapes[index, :7]
        bend, stripes, depth, panes = shapes[index, 7:11]
        red, green, blue, slope_x, slope_y = shapes[index, 11:16]
        thick = half_height + (abs(bend) * half_width if kind == TWIG else 0.0)
        reach = np.sqrt(half_width * half_width + thick * thick) * (1.5 if kind == BLOB else 1.0) + 2.0 / size
        top, bottom = max(int((y - reach) * size), 0), min(int((y + reach) * size) + 1, size)
        left, right = max(int((x - reach) * size), 0), min(int((x + reach) * size) + 1, size)
        for row in range(top, bottom):
            for column in range(left, right):
                dx, dy = (column + 0.5) / size - x, (row + 0.5) / size - y
                u, v = (dx * cosine + dy * sine) / half_width, (dy * cosine - dx * sine) / half_height
                if kind == RECTANGLE:
                    inside = min((1.0 - abs(u)) * half_width, (1.0 - abs(v)) * half_height)
                elif kind == TWIG:
                    v -= bend * (u * u - 0.3) * half_width / half_height
                    inside = min((1.0 - abs(u)) * half_width, (1.0 - abs(v)) * half_height)
                else:
                    outline = 1.0
                    if kind == BLOB:
                        around = np.arctan2(v, u)
                        outline += 0.3 * bend * (np.sin(3.0 * around + 9.0 * x) + 0.5 * np.sin(7.0 * around + 9.0 * y))
                    inside = (outline - np.sqrt(u * u + v * v)) * min(half_width, half_height)
                cover = min(max(inside * size + 0.5, 0.0), 1.0)
                if cover <= 0.0:
                    continue
                level = max(1.0 + slope_x * u + slope_y * v, 0.1)
                if stripes > 0.0:
                    across = np.cos(2.0 * np.pi * stripes * u * half_width)
                    if panes > 0.0:
                        along = np.cos(2.0 * np.pi * stripes * v * half_height)
                        level *= 1.0 - depth * (max(across, along) > 0.93)
                    else:
                        level *= 1.0 - depth * (0.5 + 0.5 * across)
                image[row, column, 0] += cover * (level * red - image[row, column, 0])
                image[row, column, 1] += cover * (level * green - image[row, column, 1])
                image[row, column, 2] += cover * (level * blue - image[row, column, 2])
    return image


def _colour(random: np.random.Generator, spread: float = 0.5) -> Float64Array:
    """(3,) radiance of something in the room."""
    colour = _COLOURS[random.integers(len(_COLOURS))] * np.exp(random.normal(size=3) * 0.15)
    return np.asarray(colour * np.exp(random.normal() * spread), np.float64)


def _anywhere(random: np.random.Generator, kind: int, half: tuple[float, float]) -> Shape:
    """A plain shape of these half extents."""
    return Shape(
        kind=kind,
        x=float(random.uniform(-0.1, 1.1)),
        y=float(random.uniform(-0.1, 1.1)),
        half_width=half[0],
        half_height=half[1],
        angle=float(random.normal() * 0.05),
        colour=_colour(random),
        slope=random.normal(size=2) * 0.15,
    )


def _walls(random: np.random.Generator) -> list[Shape]:
    return [
        _anywhere(random, RECTANGLE, (random.uniform(0.2, 0.7), random.uniform(0.2, 0.9)))
        for _ in range(random.integers(0, 4))
    ]


def _windows(random: np.random.Generator) -> list[Shape]:
    """Bright, with bars between panes or blinds before them, in frames."""
    shapes = []
    for _ in range(random.choice(4, p=[0.35, 0.35, 0.2, 0.1])):
        half = (random.uniform(0.05, 0.3), random.uniform(0.08, 0.4))
        x, y, angle = random.uniform(0, 1), random.uniform(-0.1, 0.7), random.normal() * 0.03
        thick = random.uniform(0.01, 0.04)
        frame = _anywhere(random, RECTANGLE, (half[0] + thick, half[1] + thick))
        bright = np.array([0.9, 1.0, 1.1]) * np.exp(random.normal(size=3) * 0.1) * np.exp(random.uniform(-0.5, 2.0))
        stripes, depth, panes = random.uniform(4, 40), random.uniform(0.2, 1.0), random.uniform() < 0.7
        glass = replace(_anywhere(random, RECTANGLE, half), colour=bright, stripes=stripes, depth=depth, panes=panes)
        shapes += [replace(one, x=x, y=y, angle=angle) for one in (frame, glass)]
        # What is seen through it.
        for _ in range(random.integers(0, 5)):
            right, down = x + random.uniform(-1, 1) * half[0], y + random.uniform(-1, 1) * half[1]
            size = (random.uniform(0.2, 0.7) * half[0], random.uniform(0.1, 0.6) * half[1])
            colour = bright * random.uniform(0.15, 0.8)
            shapes.append(replace(_anywhere(random, BLOB, size), x=right, y=down, bend=1.0, colour=colour))
    return shapes


def _curtains(random: np.random.Generator) -> list[Shape]:
    """Folds from top to bottom."""
    if random.uniform() < 0.6:
        return []
    look = _colour(random), random.uniform(8, 50), random.uniform(0.2, 0.8)
    return [_curtain(random, random.uniform(0.05, 0.25), *look) for _ in range(random.integers(1, 4))]


def _curtain(
    random: np.random.Generator, half_width: float, colour: Float64Array, stripes: float, depth: float
) -> Shape:
    shape = _anywhere(random, RECTANGLE, (half_width, 1.0))
    return replace(shape, y=0.5, colour=colour, stripes=stripes, depth=depth)


def _things(random: np.random.Generator) -> list[Shape]:
    """Furniture, pictures, lamps, other people out of focus."""
    shapes = []
    for _ in range(random.integers(3, 25)):
        kind = int(random.choice([RECTANGLE, ELLIPSE, BLOB], p=[0.5, 0.25, 0.25]))
        half = _extents(random, 0.01, 0.2)
        angle = random.uniform(0, np.pi) if random.uniform() < 0.3 else random.normal() * 0.05
        lamp = random.uniform() < 0.1
        colour = np.array([1.0, 0.9, 0.7]) * np.exp(random.uniform(0, 2)) if lamp else _colour(random, 0.8)
        striped = random.uniform() < 0.3
        stripes, depth = (random.uniform(10, 80), random.uniform(0, 0.8)) if striped else (0.0, 0.0)
        bend = random.uniform(0, 1)
        plain = replace(_anywhere(random, kind, half), angle=angle, colour=colour, bend=bend)
        shapes.append(replace(plain, stripes=stripes, depth=depth))
    return shapes


def _plants(random: np.random.Generator) -> list[Shape]:
    """Leaves in clusters, and twigs, which are as thin as strands of hair."""
    shapes = []
    if random.uniform() < 0.4:
        x, y, spread = random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.05, 0.3)
        leaf = _colour(random) if random.uniform() < 0.3 else _COLOURS[6] * np.exp(random.normal() * 0.6)
        for _ in range(random.integers(10, 60)):
            half = _extents(random, 0.008, 0.05)
            right, down = x + random.normal() * spread, y + random.normal() * spread
            colour, angle = leaf * np.exp(random.normal() * 0.4), random.uniform(0, np.pi)
            shapes.append(replace(_anywhere(random, ELLIPSE, half), x=right, y=down, angle=angle, colour=colour))
    if random.uniform() < 0.3:
        colour = _colour(random)
        for _ in range(random.integers(3, 30)):
            half = (random.uniform(0.05, 0.3), float(np.exp(random.uniform(np.log(0.001), np.log(0.006)))))
            angle, bend, shade = random.uniform(0, np.pi), random.normal() * 0.4, random.uniform(0.6, 1.4)
            shapes.append(replace(_anywhere(random, TWIG, half), angle=angle, bend=bend, colour=colour * shade))
    return shapes


def _extents(random: np.random.Generator, least: float, most: float) -> tuple[float, float]:
    """Two half extents, as often between 1 and 2 hundredths as between 10 and 20."""
    wide, high = np.exp(random.uniform(np.log(least), np.log(most), 2))
    return float(wide), float(high)


def _grain(random: np.random.Generator, size: int) -> Float32Array:
    """(size, size, 1) factor of the roughness of surfaces."""
    textures = noise_textures()
    layer = np.roll(textures[random.integers(1, 4)], tuple(random.integers(0, 256, 2)), (0, 1))
    repeated = np.resize(layer, (max(size, len(layer)), layer.shape[1]))[:size, :size]
    if repeated.shape[1] < size:
        repeated = np.concatenate([repeated] * (-(-size // repeated.shape[1])), axis=1)[:, :size]
    factor: Float32Array = np.exp(random.uniform(0, 0.35) * np.clip(repeated, -2, 2)).astype(np.float32)
    return factor[..., None]
