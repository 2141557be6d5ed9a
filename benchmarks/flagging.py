"""How long after a publication an open case is flagged, beside many stored answers.

    .venv/bin/python benchmarks/flagging.py [--parcels 500000] [--cases 20] [--home FOLDER]

On the store that benchmarks/check.py made in the same folder (each of its runs stores a thousand answers and more). A
plot is published over the parcel of one case, by a notice and by a release; the clock runs from the publication to the
flag, and to the end of the recheck. The flagged case must be the one that lies under the plot.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from api.private_database import PrivateDatabase

HALF_DEG = 0.0005


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parcels", type=int, default=500_000)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    asked = parser.parse_args()
    home = asked.home / f"check-{asked.parcels}"
    if not home.exists():
        raise SystemExit("run benchmarks/check.py first: its store is used")
    with PrivateDatabase(home / "database").running() as url:
        os.environ |= {
            "JINGTU_DATABASE_URL": url,
            "JINGTU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "spatial.settings",
        }
        subprocess.run(
            [Path(sys.executable).with_name("jingtu"), "migrate"], check=True, stdout=subprocess.DEVNULL
        )
        measure(asked.cases, home)


def measure(many: int, home: Path) -> None:
    import django

    django.setup()
    import shapely
    from django.contrib.auth.models import User
    from django.db import connection

    from loaders.pipeline import load
    from spatial import cases
    from spatial.checks import Question
    from spatial.models import CheckRun
    from spatial.registers.notices import Line, Paper, publish_notice
    from spatial.releases import publish

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(ST_Multi(geom)) FROM naive.parcel ORDER BY random() LIMIT %s", [many]
        )
        parcels = [shapely.from_wkb(bytes(row[0])) for row in cursor.fetchall()]
    user, _ = User.objects.get_or_create(username="benchmark")
    opened = [
        cases.open_case("transfer", f"case {n}", Question(one, "transfer"), user)
        for n, one in enumerate(parcels)
    ]
    print(f"{CheckRun.objects.count()} answers stored, {many} cases opened")
    for way, under in (("notice", 0), ("release", 1)):
        x, y = parcels[under].centroid.coords[0]
        plot = shapely.MultiPolygon([shapely.box(x - HALF_DEG, y - HALF_DEG, x + HALF_DEG, y + HALF_DEG)])
        name, county = f"{way}-{time.time_ns()}", opened[under].counties[0]
        if way == "notice":
            paper = Paper(name, date(2026, 11, 1), name, "region_ecology")
            publish_notice(
                "risk_register_plot", paper, [Line(name, name=name, county=county, shape=plot)], [], user
            )
        else:
            file = home / f"{name}.geojson"
            file.write_text(json.dumps(collection(name, shapely.geometry.mapping(plot))))
            load(file, "risk_register_plot", county=county, release=name, commit=True)
            file.unlink()
            publish(name)
        timed(way, opened[under].number)


def timed(way: str, number: str) -> None:
    """Ask again, and tell when the case was flagged."""
    from spatial import watch
    from spatial.recheck import recheck
    from spatial.releases import newest_revision

    begun, flagged, real = time.perf_counter(), dict[str, float](), watch.flag

    def flag(change: Any) -> Any:
        found = real(change)
        flagged.update({one.number: time.perf_counter() - begun for one in found})
        return found

    watch.flag = flag
    kept = recheck(since=newest_revision() - 1)
    watch.flag = real
    assert number in flagged, "the case under the plot is not flagged"
    ended = time.perf_counter() - begun
    print(f"{way:8} flagged after {flagged[number]:.2f} s, {kept.asked} asked again in {ended:.2f} s")


def collection(code: str, shape: Any) -> dict[str, Any]:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    told = {
        "code": code,
        "name": code,
        "register_status": "listed",
        "stage": "listed",
        "entry_date": "2026-11-01",
    }
    return {"type": "FeatureCollection", "crs": crs,
            "features": [{"type": "Feature", "properties": told, "geometry": shape}]}  # fmt: skip


if __name__ == "__main__":
    main()
