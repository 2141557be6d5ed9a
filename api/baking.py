"""Tiles as somebody sees them in one file: the bytes that the service sends, of one revision and one day."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from api import pool
from api.access import STRANGER, Scope
from api.tile_lane import Drawn, Lane, Seen, drawn
from api.versions import Versions
from spatial import catalog, wall
from spatial.inventory import CountyState, inventory
from spatial.releases import newest_revision
from tiles import archive, style
from tiles.grid import Tile

Progress = Callable[[str, int, int | None], None]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True)
class Baked:
    tiles: int
    revision: int
    data_date: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """Layers as somebody sees them, and how every layer stands in each county: of one revision and one day."""

    seen: Seen
    states: dict[str, list[CountyState]]


def bake(layers: list[str], path: Path, maxzoom: int, progress: Progress) -> Baked:
    """All tiles of layers that are not empty, from zoom 0 to `maxzoom`, as PMTiles 3 under `path`.

    Raises LayerNotFound, Unauthenticated for what a stranger may not see, OSError, psycopg.Error.
    """
    wall.keep_rights(catalog.current())  # as a server does at its start: there may have been none yet
    looked = look(STRANGER, layers)
    return bake_box(STRANGER, looked, catalog.current().region.extent, (0, maxzoom), path, progress)


def look(scope: Scope, layers: list[str]) -> Looked:
    """What of these layers `scope` may see now. Raises as `bake`."""
    while True:
        seen = asyncio.run(_seen(scope, layers))
        states = inventory(catalog.current(), seen.as_of)
        if newest_revision() == seen.revision:
            return Looked(seen, states)


def bake_box(
    scope: Scope, looked: Looked, box: Box, zooms: tuple[int, int], path: Path, progress: Progress
) -> Baked:
    """The tiles that meet `box` of what was looked at, from the first to the last of `zooms`."""
    seen, told = looked.seen, _metadata(looked, zooms)
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=f".{path.name}-") as folder:
        tiles = archive.Archive(Path(folder))
        try:
            asyncio.run(_draw_all(scope, seen, tiles, Path(folder), box, zooms, progress))
            tiles.finish(path, told, box, zooms)
        finally:
            tiles.close()
    return Baked(tiles.tiles, seen.revision, told["data_date"])


async def _seen(scope: Scope, layers: list[str]) -> Seen:
    async with pool.opened():
        return await Lane(Versions(), []).seen(scope, ",".join(layers))


def _metadata(looked: Looked, zooms: tuple[int, int]) -> style.Spec:
    """What PMTiles wants of vector tiles, and of which data they are: `data_date` is the oldest."""
    seen = looked.seen
    asked = [one.layer for one in seen.views]
    loaded = [state for layer in asked for state in looked.states[layer.id] if state.data_date]
    return {
        "name": "、".join(layer.title for layer in asked),
        "attribution": "、".join(dict.fromkeys(layer.owner for layer in asked)),
        "type": "overlay",
        "format": "pbf",
        "minzoom": zooms[0],
        "maxzoom": zooms[1],
        "vector_layers": style.vector_layers(asked),
        "revision": seen.revision,
        "version": seen.version,
        "as_of": seen.as_of.isoformat(),
        "release": sorted({state.release for state in loaded if state.release}),
        "data_date": min((state.data_date.isoformat() for state in loaded if state.data_date), default=None),
    }


async def _draw_all(
    scope: Scope,
    seen: Seen,
    tiles: archive.Archive,
    folder: Path,
    box: Box,
    zooms: tuple[int, int],
    progress: Progress,
) -> None:
    """Zoom by zoom along the curve. Only within a tile where something lies can something lie at the next zoom."""
    async with pool.opened():
        with (folder / "here").open("w+b") as here, (folder / "next").open("w+b") as following:
            here.write(_packed(0))
            for z in range(zooms[1] + 1):
                async for along, made in _drawn(scope, seen, z, here, box):
                    if made.body and z >= zooms[0]:
                        tiles.add(archive.first_number(z) + along, archive.compressed(made.body))
                        progress("tiles", tiles.tiles, None)
                    if made.features:
                        following.write(b"".join(_packed(4 * along + part) for part in range(4)))
                here, following = following, here
                following.seek(0)
                following.truncate()


async def _drawn(
    scope: Scope, seen: Seen, z: int, places: BinaryIO, box: Box
) -> AsyncIterator[tuple[int, Drawn]]:
    """As many at once as stand within one tile of the zoom above."""
    places.seek(0)
    while some := places.read(4 * len(_packed(0))):
        along = [int.from_bytes(some[at : at + 8]) for at in range(0, len(some), 8)]
        met = [(one, Tile(z, *archive.place(z, one))) for one in along]
        met = [(one, tile) for one, tile in met if _meet(tile.degrees(), box)]
        made = await asyncio.gather(*(drawn(scope, seen, tile) for _, tile in met))
        for (one, _), body in zip(met, made, strict=True):
            yield one, body


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _packed(number: int) -> bytes:
    return number.to_bytes(8)
