"""Hostile files, written by code: every kind of damage and trick, each with what has to become of it."""

from tests.corpus import (
    archives,
    boundary_points,
    geojson_shapes,
    geojson_text,
    geopackages,
    kml_files,
    other_vectors,
    rasters,
    shapefiles,
    tables,
    workbooks,
)
from tests.corpus.entry import Entry, World

MODULES = (
    shapefiles,
    archives,
    geojson_text,
    geojson_shapes,
    geopackages,
    boundary_points,
    tables,
    workbooks,
    kml_files,
    rasters,
    other_vectors,
)
CORPUS: tuple[Entry, ...] = tuple(entry for module in MODULES for entry in module.ENTRIES)

__all__ = ["CORPUS", "Entry", "World"]
