"""The networks that ship with Chiaro (ONNX), their model cards, and their hashes."""
