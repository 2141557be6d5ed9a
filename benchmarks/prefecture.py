"""Parcels of a made-up prefecture as files: blocks of irregular neighbours around towns, the same for the same seed."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import shapely

COUNTIES = ("652301", "652302", "652323", "652324", "652325", "652327", "652328")
USES = ("0101", "0103", "0201", "0301", "0404", "0601", "0701", "0702", "0809", "1003")
WEST, SOUTH, EAST, NORTH = 85.7, 43.4, 91.3, 45.4
BLOCK = 28
"""Parcels along one side of a block."""
EDGE = 5
"""Vertices between two corners of a parcel: 24 a parcel, as in the survey of a county."""
SIZE_DEG = 0.0004


def parcels(count: int, seed: int = 20261125) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`count` polygons (EPSG:4490) that share their edges within a block, and their columns."""
    draw = np.random.default_rng(seed)
    blocks = -(-count // BLOCK**2)
    places = np.stack(
        [np.repeat(np.arange(60), 60)[:3600] / 60, np.tile(np.arange(60), 60)[:3600] / 60], axis=1
    )
    places = places[draw.permutation(len(places))[:blocks]]
    shapes = np.concatenate([_block(draw) + _corner(place) for place in places])[:count]
    number = np.arange(count)
    county = np.array(COUNTIES)[(number // BLOCK**2) % len(COUNTIES)]
    middle = np.radians(shapes[:, 0, 1])
    polygons = shapely.polygons(shapes)
    square_degree = (
        np.radians(1) ** 2 * 6_378_137.0**2 * (1 - 0.00669438) / (1 - 0.00669438 * np.sin(middle) ** 2) ** 2
    )
    return polygons, {
        "code": np.array(
            [f"{c}{n // 100_000:06d}GB{n % 100_000:05d}" for c, n in zip(county, number, strict=True)]
        ),
        "land_use": np.array(USES)[draw.integers(0, len(USES), count)],
        "county": county,
        "area_m2": np.round(shapely.area(polygons) * square_degree * np.cos(middle), 2),
    }


def _corner(place: np.ndarray) -> np.ndarray:
    return np.array([WEST, SOUTH]) + place * np.array([EAST - WEST, NORTH - SOUTH])


def _block(draw: np.random.Generator) -> np.ndarray:
    """Rings of BLOCK x BLOCK parcels from (0, 0): corners moved a little, edges bent, each edge shared by two."""
    grid = np.stack(np.meshgrid(np.arange(BLOCK + 1.0), np.arange(BLOCK + 1.0)), axis=-1)
    grid += draw.uniform(-0.2, 0.2, grid.shape)
    across = _bent(draw, grid[:, :-1], grid[:, 1:])
    along = _bent(draw, grid[:-1], grid[1:])
    rings = np.concatenate(
        [
            grid[:-1, :-1, None], across[:-1], grid[:-1, 1:, None], along[:, 1:],
            grid[1:, 1:, None], across[1:, :, ::-1], grid[1:, :-1, None], along[:, :-1, ::-1], grid[:-1, :-1, None],
        ],
        axis=2,
    )  # fmt: skip
    return np.round(rings.reshape(BLOCK**2, -1, 2) * SIZE_DEG * np.array([1.35, 1.0]), 9)


def _bent(draw: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    at = (np.arange(EDGE) + 1) / (EDGE + 1)
    line = start[..., None, :] * (1 - at)[:, None] + end[..., None, :] * at[:, None]
    return line + draw.uniform(-0.015, 0.015, line.shape)


def names(folder: Path, count: int) -> tuple[Path, Path]:
    return folder / f"parcels_{count}.gpkg", folder / f"parcels_{count}.zip"


def write_files(folder: Path, count: int) -> tuple[Path, Path]:
    """The parcels as GeoPackage and as zipped Shapefile (UTF-8), written by GDAL."""
    package, zipped = names(folder, count)
    if package.exists() and zipped.exists():
        return package, zipped
    shapes, columns = parcels(count)
    given = {
        "geometry": shapely.to_wkb(shapes),
        "field_data": list(columns.values()),
        "fields": list(columns),
        "geometry_type": "Polygon",
        "crs": "EPSG:4490",
    }
    pyogrio.raw.write(package, driver="GPKG", layer="parcels", **given)
    loose = folder / "parcels.shp"
    pyogrio.raw.write(loose, driver="ESRI Shapefile", encoding="UTF-8", **given)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            archive.write(loose.with_suffix(suffix), f"parcels{suffix}")
            loose.with_suffix(suffix).unlink()
    return package, zipped


if (
    __name__ == "__main__"
):  # in a process of its own, so that the memory of what is measured is not counted from here
    write_files(Path(sys.argv[1]), int(sys.argv[2]))
