"""The colours of one person: skin, lips, brows, eyes, hair and clothes, redrawn for every picture."""

import colorsys
from dataclasses import dataclass, fields

import numpy as np

from ...runtime.arrays import Float32Array

HAIR_COLOURS = np.array(
    [
        [0.008, 0.006, 0.005],
        [0.016, 0.010, 0.007],
        [0.035, 0.019, 0.010],
        [0.075, 0.040, 0.018],
        [0.150, 0.085, 0.038],
        [0.300, 0.190, 0.085],
        [0.500, 0.370, 0.190],
        [0.190, 0.060, 0.020],
        [0.320, 0.300, 0.280],
        [0.620, 0.600, 0.570],
    ],
    np.float32,
)
"""Linear albedo of hair: black, brown-black, browns, dark blond, blonds, red, grey, white."""
IRIS_COLOURS = np.array(
    [
        [0.030, 0.014, 0.006],
        [0.07, 0.035, 0.013],
        [0.12, 0.085, 0.03],
        [0.09, 0.14, 0.20],
        [0.16, 0.19, 0.19],
        [0.08, 0.12, 0.06],
    ],
    np.float32,
)
METALS = np.array([[0.72, 0.70, 0.68], [0.80, 0.58, 0.26], [0.75, 0.48, 0.36], [0.12, 0.12, 0.13]], np.float32)
"""Silver, gold, copper, blackened steel."""


@dataclass(frozen=True)
class Appearance:
    """Numbers for the materials; colours are linear albedo (3,), the rest are amounts 0..1 unless said.

    Attributes:
        melanin: of the skin, 0..2.2.
        blood: of the skin, 0..1.
        mottle: strength of variation over the skin.
        redness: of cheeks and nose, added blood.
        lip_blood: added blood of the lips.
        lipstick: how much of `lip_colour` covers the lips.
        brow: density of the brows.
        lashes: density of the lash line and of eyeliner.
        shadow: make-up over the eyes.
        stubble: density of shaved stubble.
        beard: density of a beard.
        moustache: density of a moustache and goatee.
        freckles: density of freckles.
        buzz: how dark the scalp is where hair is shaved.
        skin_roughness: GGX roughness.
        skin_specular: F0.
        hair_variation: contrast of strands.
        hair_streak: share of the second hair colour.
        hair_roughness: GGX roughness.
        iris_radius: angle from the optical axis, radians.
        pupil_radius: angle, radians.
        teeth: brightness of teeth.
        pattern: kind of cloth pattern, 0 plain to 5.
        pattern_size: its period, centimetres.
        cloth_roughness: GGX roughness.
        noise_offset: shifts all noise.
        lip_colour, brow_colour, shadow_colour, hair_colour, hair_second, iris_colour, cloth_colour, cloth_second,
        jacket_colour, tie_colour, headwear_colour, glasses_colour: as named.
        moles: (4, 3) x, y on the neutral mean and radius, centimetres.
        garment_recolour: of textured people, how far the clothes of the texture take the two cloth colours.
        texture_contrast: of textured people, exponent of the texture's deviations from the mean skin.
    """

    melanin: float
    blood: float
    mottle: float
    redness: float
    lip_blood: float
    lipstick: float
    brow: float
    lashes: float
    shadow: float
    stubble: float
    beard: float
    moustache: float
    freckles: float
    buzz: float
    skin_roughness: float
    skin_specular: float
    hair_variation: float
    hair_streak: float
    hair_roughness: float
    iris_radius: float
    pupil_radius: float
    teeth: float
    pattern: float
    pattern_size: float
    cloth_roughness: float
    noise_offset: float
    ombre: float
    ombre_from: float
    grey: float
    beard_grey: float
    pattern_two: float
    pattern_jacket: float
    knit: float
    crease: float
    band: float
    zip: float
    collar: float
    pores: float
    wrinkle: float
    oil: float
    under_eye: float
    blush: float
    eyeliner: float
    age_spots: float
    acne: float
    lip_gloss: float
    tattoo: float
    tattoo_x: float
    tattoo_y: float
    tattoo_size: float
    paint: float
    vitiligo: float
    sclera: float
    red_eye: float
    limbus: float
    teeth_yellow: float
    headwear_knit: float
    lip_colour: Float32Array
    brow_colour: Float32Array
    shadow_colour: Float32Array
    hair_colour: Float32Array
    hair_second: Float32Array
    iris_colour: Float32Array
    cloth_colour: Float32Array
    cloth_second: Float32Array
    jacket_colour: Float32Array
    tie_colour: Float32Array
    headwear_colour: Float32Array
    glasses_colour: Float32Array
    beard_colour: Float32Array
    metal_colour: Float32Array
    plastic_colour: Float32Array
    blush_colour: Float32Array
    paint_colour: Float32Array
    paint_second: Float32Array
    iris_second: Float32Array
    headwear_second: Float32Array
    moles: Float32Array
    garment_recolour: float
    texture_contrast: float


SCALARS = tuple(f.name for f in fields(Appearance) if f.type is float)
COLOURS = tuple(f.name for f in fields(Appearance) if f.name.endswith(("_colour", "_second")))


def random_colour(random: np.random.Generator, *, vivid: float = 0.8) -> Float32Array:
    """A linear cloth colour: often dark, white or grey, else of any hue."""
    kind = random.uniform()
    if kind < 0.22:
        return np.full(3, random.uniform(0.01, 0.05), np.float32) * random.uniform(0.8, 1.2, 3).astype(np.float32)
    if kind < 0.42:
        return np.full(3, random.uniform(0.5, 0.88), np.float32) * random.uniform(0.92, 1.0, 3).astype(np.float32)
    if kind < 0.55:
        return np.full(3, random.uniform(0.06, 0.5), np.float32)
    encoded = colorsys.hsv_to_rgb(random.uniform(), vivid * random.beta(2, 2) * 1.2 % 1.0, random.uniform(0.15, 0.95))
    return (np.array(encoded, np.float32) ** 2.2).astype(np.float32)


def _hair_colour(random: np.random.Generator) -> Float32Array:
    if random.uniform() < 0.03:
        return random_colour(random, vivid=1.0)
    base = HAIR_COLOURS[random.choice(len(HAIR_COLOURS), p=[0.17, 0.14, 0.14, 0.11, 0.1, 0.1, 0.07, 0.06, 0.07, 0.04])]
    result: Float32Array = (
        (base * np.exp(random.normal(size=3) * 0.05 + random.normal() * 0.25)).clip(0.003, 0.85).astype(np.float32)
    )
    return result


def _no_lighter(colour: Float32Array, most: float) -> Float32Array:
    """A colour of the same hue whose largest channel is at most `most`."""
    result: Float32Array = (colour * min(1.0, most / float(colour.max()))).clip(0.003, 1.0).astype(np.float32)
    return result


def random_appearance(random: np.random.Generator) -> Appearance:
    """Colours over the whole human range, with make-up, stubble, freckles and moles now and then."""
    hair = _hair_colour(random)
    made_up = random.uniform() < 0.35
    bearded = not made_up and random.uniform() < 0.45
    iris = (IRIS_COLOURS[random.choice(len(IRIS_COLOURS), p=[0.28, 0.2, 0.14, 0.15, 0.12, 0.11])]).astype(np.float32)
    iris = (iris * np.exp(random.normal(size=3) * 0.15)).astype(np.float32)
    old = float(random.beta(0.8, 1.6))
    facial = random.choice(["stubble", "beard", "moustache"], p=[0.8, 0.12, 0.08]) if bearded else ""
    moles = np.stack(
        [
            random.uniform(-6, 6, 4),
            random.uniform(-8, 8, 4),
            random.uniform(0.05, 0.16, 4) * (random.uniform(size=4) < 0.4),
        ],
        axis=1,
    )
    return Appearance(
        melanin=float(random.beta(1.0, 1.5) * 2.1 + random.uniform(0.0, 0.1)),
        blood=float(random.uniform(0.0, 0.7)),
        mottle=float(random.uniform(0.3, 1.4)),
        redness=float(random.uniform(0.0, 0.6)),
        lip_blood=float(random.uniform(0.3, 1.3)),
        lipstick=float(random.uniform(0.3, 0.95)) if made_up else 0.0,
        brow=float(random.uniform(0.05, 0.55)),
        lashes=float(random.uniform(0.3, 0.95)),
        shadow=float(random.uniform(0.0, 0.7)) if made_up else 0.0,
        stubble=float(random.uniform(0.15, 0.75)) if facial == "stubble" else 0.0,
        beard=float(random.uniform(0.6, 1.0)) if facial == "beard" else 0.0,
        moustache=float(random.uniform(0.6, 1.0)) if facial == "moustache" else 0.0,
        freckles=float(random.uniform(0.2, 1.0)) if random.uniform() < 0.12 else 0.0,
        buzz=float(random.uniform(0.0, 0.95)),
        skin_roughness=float(random.uniform(0.40, 0.68)),
        skin_specular=float(random.uniform(0.016, 0.04)),
        hair_variation=float(random.uniform(0.12, 0.5)),
        hair_streak=float(random.uniform(0.0, 0.6) * (random.uniform() < 0.4)),
        hair_roughness=float(random.uniform(0.42, 0.75)),
        iris_radius=float(random.uniform(0.36, 0.42)),
        pupil_radius=float(random.uniform(0.09, 0.22)),
        teeth=float(random.uniform(0.30, 0.70)),
        pattern=float(random.choice(11, p=[0.42, 0.09, 0.07, 0.06, 0.09, 0.05, 0.05, 0.05, 0.03, 0.04, 0.05])),
        pattern_size=float(np.exp(random.uniform(np.log(0.6), np.log(6.0)))),
        cloth_roughness=float(random.uniform(0.45, 0.95)),
        noise_offset=float(random.uniform(0.0, 97.0)),
        pattern_two=float(random.choice([0, 0, 1, 2, 3, 5, 6, 7, 8, 9])),
        pattern_jacket=float(random.choice([0, 0, 0, 2, 4, 7, 8])),
        knit=float(random.uniform(0.0, 1.0)) if random.uniform() < 0.2 else 0.0,
        crease=float(random.uniform(0.0, 0.5)),
        band=float(random.uniform() < 0.15),
        zip=float(random.uniform() < 0.12),
        collar=float(random.uniform() < 0.75),
        pores=float(random.uniform(0.02, 0.16)),
        wrinkle=old * float(random.uniform(0.3, 1.0)),
        oil=float(random.uniform(0.0, 1.0)),
        under_eye=float(random.beta(1.2, 2.5)),
        blush=float(random.uniform(0.2, 1.0)) if made_up and random.uniform() < 0.6 else 0.0,
        eyeliner=float(random.uniform(0.5, 1.0)) if made_up and random.uniform() < 0.4 else 0.0,
        age_spots=old * float(random.uniform(0.0, 1.0)),
        acne=float(random.uniform(0.2, 1.0)) if random.uniform() < 0.12 else 0.0,
        lip_gloss=float(random.uniform(0.0, 1.0)) if made_up else float(random.uniform(0.0, 0.3)),
        tattoo=float(random.uniform(0.5, 0.95)) if random.uniform() < 0.05 else 0.0,
        tattoo_x=float(random.choice([-1.0, 1.0]) * random.uniform(2.5, 7.5)),
        tattoo_y=float(random.choice([random.uniform(-12.0, -8.0), random.uniform(-5.0, 9.0)], p=[0.7, 0.3])),
        tattoo_size=float(random.uniform(1.5, 6.0)),
        paint=float(random.integers(1, 6)) if random.uniform() < 0.035 else 0.0,
        vitiligo=float(random.uniform(0.5, 1.0)) if random.uniform() < 0.012 else 0.0,
        sclera=float(random.uniform(0.36, 0.60)),
        red_eye=float(random.beta(1.2, 3.0)),
        limbus=float(random.uniform(0.3, 0.9)),
        teeth_yellow=float(random.beta(1.5, 1.5)),
        headwear_knit=float(random.uniform() < 0.5),
        ombre=float(random.uniform(0.3, 1.0)) if random.uniform() < 0.15 else 0.0,
        ombre_from=float(random.uniform(3.0, 22.0)),
        grey=float(random.uniform(0.1, 0.9)) if random.uniform() < 0.15 else 0.0,
        beard_grey=float(random.uniform(0.1, 1.0)) if random.uniform() < 0.3 else 0.0,
        lip_colour=(np.array([0.35, 0.05, 0.06], np.float32) * np.exp(random.normal(size=3) * 0.5))
        .clip(0.01, 0.8)
        .astype(np.float32),
        brow_colour=_no_lighter(hair * random.uniform(0.4, 0.9), 0.24),
        shadow_colour=random_colour(random) * np.float32(0.4),
        hair_colour=hair,
        hair_second=(hair * np.exp(random.normal() * 0.7)).clip(0.003, 0.85).astype(np.float32)
        if random.uniform() < 0.7
        else _hair_colour(random),
        iris_colour=iris,
        cloth_colour=random_colour(random),
        cloth_second=random_colour(random),
        jacket_colour=random_colour(random, vivid=0.5) * np.float32(random.choice([1.0, 0.35])),
        tie_colour=random_colour(random),
        headwear_colour=random_colour(random),
        glasses_colour=random_colour(random) * np.float32(random.choice([0.15, 1.0])),
        beard_colour=_no_lighter(hair * np.exp(random.normal() * 0.35 - 0.2), 0.5),
        metal_colour=METALS[random.integers(len(METALS))],
        plastic_colour=random_colour(random),
        blush_colour=np.array([0.45, 0.12, 0.12], np.float32) * random.uniform(0.6, 1.3),
        paint_colour=random_colour(random, vivid=1.0),
        paint_second=random_colour(random, vivid=1.0),
        iris_second=(iris * np.exp(random.normal(size=3) * 0.45)).clip(0.004, 0.3).astype(np.float32),
        headwear_second=random_colour(random),
        moles=moles.astype(np.float32),
        garment_recolour=float(random.choice([0.0, 1.0, random.uniform(0.5, 1.0)], p=[0.25, 0.5, 0.25])),
        texture_contrast=float(random.uniform(0.75, 1.2)),
    )


def packed(appearance: Appearance) -> tuple[Float32Array, Float32Array, Float32Array]:
    """The numbers as arrays for the compiled materials: scalars (S,), colours (C, 3), moles (4, 3)."""
    scalars = np.array([getattr(appearance, name) for name in SCALARS], np.float32)
    colours = np.stack([getattr(appearance, name) for name in COLOURS]).astype(np.float32)
    return scalars, colours, appearance.moles
