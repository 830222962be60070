"""Label the heads in pictures and clips with MediaPipe's face landmarker, for training and checking the locator.

A program of its own, because MediaPipe needs an environment of its own: it imports nothing of Chiaro.

    python -m venv labels && labels/bin/pip install mediapipe
    labels/bin/python training/locator/label_frames.py --model face_landmarker.task --every 3 --out labels.json CLIP …
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import cv2  # type: ignore[import-not-found]  # lives in the environment of this program alone
import mediapipe as mp  # type: ignore[import-not-found]  # likewise
import numpy as np

VERTICAL_FIELD_OF_VIEW = np.deg2rad(63.0)
"""The camera that MediaPipe's face transform is relative to (face geometry module, default environment)."""
HEAD_CENTRE = np.array([0.0, 0.93, -4.4, 1.0])
"""Midway between the ear canals in MediaPipe's canonical face, centimetres.

From the distances of the eye corners, the nose tip and the ear canals in ICT-FaceKit's mean head, which has the
same width between the outer eye corners.
"""
HALF_WIDTH_CENTIMETRES = 25.0


def head_box(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]], width: int, height: int) -> list[float]:
    """Centre x, centre y, half size (pixels), roll, yaw, pitch (radians) from a 4x4 camera_from_face in centimetres."""
    focal = height / 2 / np.tan(VERTICAL_FIELD_OF_VIEW / 2)
    x, y, z, _ = matrix @ HEAD_CENTRE
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    return [
        float(width / 2 + focal * x / -z),
        float(height / 2 - focal * y / -z),
        float(focal * HALF_WIDTH_CENTIMETRES / -z),
        float(np.arctan2(-rotation[1, 0], rotation[0, 0])),
        float(np.arcsin(np.clip(-rotation[2, 0], -1.0, 1.0))),
        float(np.arctan2(-rotation[2, 1], rotation[2, 2])),
    ]


def frames(path: Path, every: int) -> Iterator[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]]:
    """(index, RGB) of every n-th frame of a clip, or of a still."""
    if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
        yield 0, cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        return
    capture = cv2.VideoCapture(str(path))
    index = 0
    while True:
        good, frame = capture.read()
        if not good:
            return
        if index % every == 0:
            yield index, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        index += 1


def main() -> None:
    """Write {file name: {frame index: [[box], …]}} as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    vision = mp.tasks.vision
    options = vision.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(arguments.model)),
        num_faces=4,
        output_facial_transformation_matrixes=True,
    )
    labels: dict[str, dict[str, list[list[float]]]] = {}
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for path in arguments.files:
            found = labels.setdefault(path.name, {})
            for index, rgb in frames(path, arguments.every):
                picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
                result = landmarker.detect(picture)
                matrices = result.facial_transformation_matrixes or []
                found[str(index)] = [head_box(np.asarray(m), rgb.shape[1], rgb.shape[0]) for m in matrices]
    temporary = arguments.out.with_suffix(".part")
    temporary.write_text(json.dumps(labels))
    temporary.replace(arguments.out)


if __name__ == "__main__":
    main()
