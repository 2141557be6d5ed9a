"""A made-up prefecture, the same for the same seed: blocks of irregular neighbouring parcels, and zones over them."""

from __future__ import annotations

import sys
import zipfile
from itertools import pairwise
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
    places = _places(draw, blocks)
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


def _places(draw: np.random.Generator, blocks: int) -> np.ndarray:
    places = np.stack([np.repeat(np.arange(60), 60) / 60, np.tile(np.arange(60), 60) / 60], axis=1)
    return places[draw.permutation(len(places))[:blocks]]


def zones(count: int, seed: int = 20261125) -> dict[str, np.ndarray]:
    """Six polygon layers (EPSG:4490) over the blocks of `parcels(count, seed)`, fewer where there are fewer parcels.

    Layers and numbers of vertices are those of a prefecture: many small plots, some water zones of up to 2,000
    vertices, few recharge areas of up to 5,000, units that tile the ground, farmland in pieces of a block.
    """
    places = _places(np.random.default_rng(seed), -(-count // BLOCK**2))
    draw, share = np.random.default_rng(seed + 1), count / 500_000
    near = _Near(draw, places)

    def some(many: int) -> int:
        return max(3, round(many * share))

    return {
        "contaminated_plot": near.blobs(some(5_000), (40, 400), (12, 61)),
        "suspected_plot": near.blobs(some(10_000), (30, 300), (12, 61)),
        "drinking_water_zone": near.blobs(some(300), (500, 6_500), (200, 2_001)),
        "groundwater_recharge_zone": near.blobs(some(60), (8_000, 26_000), (1_000, 5_001)),
        "eco_control_unit": _units(draw),
        "farmland_class": _farmland(draw, places, some(80_000)),
    }


def points(many: int, count: int, seed: int = 20261125) -> np.ndarray:
    """Wells (EPSG:4490) strewn over the blocks of `parcels(count, seed)`."""
    draw = np.random.default_rng(seed + 2)
    places = _places(np.random.default_rng(seed), -(-count // BLOCK**2))
    middle = _corner(places[draw.integers(len(places), size=many)])
    return shapely.points(np.round(middle + draw.uniform(0, BLOCK * SIZE_DEG, (many, 2)), 9))


def counties(vertices: int = 2_000, seed: int = 20261125) -> np.ndarray:
    """Outlines (EPSG:4490) of COUNTIES: strips from west to east with bent borders, which cover the whole ground."""
    draw = np.random.default_rng(seed + 3)
    at = np.linspace(0, 1, vertices // 2)
    wide = (EAST - WEST) / len(COUNTIES)
    borders = []
    for number in range(len(COUNTIES) + 1):
        bent = sum(np.sin(wave * np.pi * at + draw.uniform(0, 2 * np.pi)) / wave for wave in (3, 7, 19, 47))
        x = WEST + wide * (number + 0.1 * bent) + draw.uniform(-2e-5, 2e-5, len(at))
        x += {0: -wide / 4, len(COUNTIES): wide / 4}.get(number, 0)
        borders.append(np.stack([x, SOUTH - 0.1 + at * (NORTH - SOUTH + 0.2)], axis=1).round(9))
    return np.array([shapely.Polygon(np.concatenate([west, east[::-1]])) for west, east in pairwise(borders)])


class _Near:
    """Irregular star-shaped polygons somewhere in or beside a block."""

    def __init__(self, draw: np.random.Generator, places: np.ndarray) -> None:
        self._draw, self._places = draw, places

    def blobs(self, many: int, metres: tuple[float, float], vertices: tuple[int, int]) -> np.ndarray:
        return np.array([self._blob(metres, int(self._draw.integers(*vertices))) for _ in range(many)])

    def _blob(self, metres: tuple[float, float], vertices: int) -> shapely.Polygon:
        draw = self._draw
        middle = _corner(self._places[draw.integers(len(self._places))]) + draw.uniform(
            0, BLOCK * SIZE_DEG, 2
        )
        angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        radius = np.ones(vertices)
        for wave in range(2, 9):
            radius += 0.24 / wave * np.sin(wave * angle + draw.uniform(0, 2 * np.pi))
        radius = np.maximum(radius + draw.normal(0, 0.0125, vertices), 0.25)
        radius *= np.exp(draw.uniform(*np.log(metres))) / 111_132
        ring = np.stack(
            [np.cos(angle) * radius / np.cos(np.radians(middle[1])), np.sin(angle) * radius], axis=1
        )
        return shapely.Polygon(np.round(ring + middle, 9))


def _units(draw: np.random.Generator) -> np.ndarray:
    """20 x 20 units that share their bent edges and cover the whole ground."""
    rings = _lattice(draw, 20, 27) / 20
    return shapely.polygons(np.round(rings * np.array([EAST - WEST, NORTH - SOUTH]) + [WEST, SOUTH], 9))


def _farmland(draw: np.random.Generator, places: np.ndarray, many: int) -> np.ndarray:
    """Pieces about two parcels wide, 14 x 14 to a block, turned a little against the parcels."""
    turned = np.array([[0.98, 0.2], [-0.2, 0.98]])
    size = BLOCK / 14 * SIZE_DEG * np.array([1.35, 1.0])
    blocks = [_lattice(draw, 14, 4) @ turned * size + _corner(place) for place in places[: -(-many // 14**2)]]
    return shapely.polygons(np.round(np.concatenate(blocks)[:many], 9))


def _corner(place: np.ndarray) -> np.ndarray:
    return np.array([WEST, SOUTH]) + place * np.array([EAST - WEST, NORTH - SOUTH])


def _block(draw: np.random.Generator) -> np.ndarray:
    return np.round(_lattice(draw, BLOCK, EDGE) * SIZE_DEG * np.array([1.35, 1.0]), 9)


def _lattice(draw: np.random.Generator, side: int, edge: int) -> np.ndarray:
    """Rings of side x side cells from (0, 0): corners moved a little, edges bent, each edge shared by two."""
    grid = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    grid += draw.uniform(-0.2, 0.2, grid.shape)
    across = _bent(draw, grid[:, :-1], grid[:, 1:], edge)
    along = _bent(draw, grid[:-1], grid[1:], edge)
    rings = np.concatenate(
        [
            grid[:-1, :-1, None], across[:-1], grid[:-1, 1:, None], along[:, 1:],
            grid[1:, 1:, None], across[1:, :, ::-1], grid[1:, :-1, None], along[:, :-1, ::-1], grid[:-1, :-1, None],
        ],
        axis=2,
    )  # fmt: skip
    return rings.reshape(side**2, -1, 2)


def _bent(draw: np.random.Generator, start: np.ndarray, end: np.ndarray, edge: int) -> np.ndarray:
    at = (np.arange(edge) + 1) / (edge + 1)
    line = start[..., None, :] * (1 - at)[:, None] + end[..., None, :] * at[:, None]
    return line + draw.uniform(-0.09, 0.09, line.shape) / (edge + 1)


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
