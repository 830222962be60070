"""Names for the array types that public signatures share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
AnyFloatArray = NDArray[np.floating[Any]]
BytesArray = NDArray[np.uint8]
