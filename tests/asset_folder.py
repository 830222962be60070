"""Where the tests find the asset folder, which is no part of the repository."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

ASSETS = Path(os.environ.get("CHIARO_DATA") or _BESIDE)
"""Named by CHIARO_DATA, else beside the repository; it may not exist."""

HDRI_FOLDER = ASSETS / "hdri"
