"""FlatGeobuf (.fgb) through GDAL, which checks its buffers before it follows them. Texts are UTF-8 by its standard."""

from __future__ import annotations

from loaders.formats import vector
from loaders.record import Delivery, File

MAGIC = b"fgb\x03fgb"


def read(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The one layer of a FlatGeobuf."""
    vector.require_magic(file, MAGIC, "FlatGeobuf")
    return vector.read_layer(file.path, crs, "utf-8", None, [], None)
