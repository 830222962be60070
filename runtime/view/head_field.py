"""The field of an encoding, ready to be seen."""

from collections.abc import Sequence

import numpy as np

from ..encoding import Encoding
from ..field.carved_field import CarvedField, PointField
from ..field.field import Field
from ..head import CROP_HALF_WIDTH_METRES
from ..network import is_listed, load_network
from .heightfield import heightfield
from .seam import largest_around

NETWORKS = ("field_distance", "field_surface")


def head_field(encoding: Encoding, *, providers: Sequence[str] | None = None) -> CarvedField | None:
    """The field of an encoding; None where its network gave no planes, or the weights hold no field.

    Args:
        encoding: of a plate frame.
        providers: what its networks run on, see `network.choose_providers`.

    Raises:
        WeightsError: the field's weights are listed, but damaged.
    """
    if encoding.planes is None or not all(is_listed(name) for name in NETWORKS):
        return None
    networks = [load_network(name, providers=providers) for name in NETWORKS]
    return carved(Field(encoding.planes, *networks), encoding)


def carved(field: PointField, encoding: Encoding) -> CarvedField:
    """A field cut with the depth and the matte of an encoding.

    Each pixel cuts no more than its most forward and most solid neighbour: near the head's outline the surface falls
    away steeply, and the outline itself is known to a pixel at best.
    """
    extended = encoding.depth.reshape(-1)[heightfield(encoding).source].reshape(encoding.depth.shape)
    depth = (extended - encoding.crop.head_distance) / CROP_HALF_WIDTH_METRES
    return CarvedField(field, -largest_around(-depth.astype(np.float32), 1), largest_around(encoding.matte, 1))
