"""The networks that ship with Chiaro (ONNX), their model cards, and their hashes."""

from pathlib import Path

WEIGHTS_FOLDER = Path(__file__).resolve().parent
