"""What row-level security costs a tile: as the owner reads it, as people do, and without LEAKPROOF.

    .venv/bin/python benchmarks/wall.py [--parcels 500000] [--home FOLDER]

On the store that benchmarks/check.py made in the same folder. The statement is the tile server's own; all three answers
must be the same bytes.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg

from api.private_database import LEAKPROOF, PrivateDatabase

ZOOMS = (12, 14, 16)
TILES = 16
LAYER = "parcel"
"""Of 500,000 features; a layer that an administrator of the whole region reads."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    asked = parser.parse_args()
    home = asked.home / f"check-{asked.parcels}"
    if not home.exists():
        raise SystemExit("run benchmarks/check.py first: its store is used")
    private = PrivateDatabase(home / "database")
    with private.running() as url:
        own = {
            "JINGTU_DATABASE_URL": url,
            "JINGTU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "spatial.settings",
        }
        os.environ.update(own)
        subprocess.run(
            [Path(sys.executable).with_name("jingtu"), "migrate"], check=True, stdout=subprocess.DEVNULL
        )
        measure(url, private.superuser_url())


def measure(url: str, superuser: str) -> None:
    import django

    django.setup()
    from spatial import catalog, wall

    wall.keep_rights(catalog.current())
    who = wall.asker(None, "administrator", [], True)
    with psycopg.connect(url, autocommit=True) as database:
        statements = [statement for zoom in ZOOMS for statement in tiles(database, catalog.current(), zoom)]
        owner = timed(database, statements)
        reader = timed(database, statements, (wall.ENTER, who))
    with psycopg.connect(superuser, autocommit=True) as server:
        try:
            for function in LEAKPROOF:
                server.execute(f"ALTER FUNCTION {function} NOT LEAKPROOF")
            with psycopg.connect(url, autocommit=True) as database:
                slow = timed(database, statements[::TILES], (wall.ENTER, who))
        finally:
            for function in LEAKPROOF:
                server.execute(f"ALTER FUNCTION {function} LEAKPROOF")
    assert any(told for told, _ in owner), "nothing lies where the tiles are"
    assert [told for told, _ in owner] == [told for told, _ in reader], (
        "the wall hides or shows something else"
    )
    print(f"{'zoom':>6}{'owner ms':>10}{'reader ms':>11}{'not leakproof ms':>18}")
    for at, zoom in enumerate(ZOOMS):
        of = [median(ms for _, ms in found[at * TILES : (at + 1) * TILES]) for found in (owner, reader)]
        print(f"{zoom:>6}{of[0]:>10.2f}{of[1]:>11.2f}{slow[at][1]:>18.1f}")


def tiles(database: Any, known: Any, zoom: int) -> list[Any]:
    """Statements of tiles in the middle of the layer."""
    from tiles import mvt

    box = "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(ST_Extent(geom)) c FROM naive.parcel) middle"
    lon, lat = database.execute(box).fetchone()
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    (newest,) = database.execute("SELECT max(number) FROM spatial_revision").fetchone()
    layer = known.layer(LAYER)
    given = {"revision": newest, "as_of": date.today(), "counties": None, "fields": frozenset(layer.fields)}
    return [mvt.query(known, layer, zoom, x + n % 4, y + n // 4, **given) for n in range(TILES)]


def timed(database: Any, statements: list[Any], enter: Any = None) -> list[tuple[bytes, float]]:
    """Bytes and milliseconds of each, the best of three."""
    found = []
    for statement in statements:
        best = math.inf
        with database.transaction():
            if enter:
                database.execute(*enter)
            for _ in range(3):
                begun = time.perf_counter()
                rows = psycopg.RawCursor(database).execute(*statement).fetchall()
                best = min(best, 1000 * (time.perf_counter() - begun))
        found.append((b"".join(bytes(row[0]) for row in rows), best))
    return found


if __name__ == "__main__":
    main()
