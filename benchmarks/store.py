"""The made-up prefecture in Jingtu's store and, beside it, in plain tables, as a naive program would keep it.

Run in a process of its own, with JINGTU_DATABASE_URL: store.py COUNT.
"""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

import numpy as np
import prefecture
import psycopg
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
RELEASE = "bench"
WELLS = "groundwater_source_facility"
"""The layer of points that rules look at."""
STATED = {
    "contaminated_plot": {"status": "confirmed", "risk_grade": "high"},
    "suspected_plot": {"status": "suspected"},
    "drinking_water_zone": {"zone": "II", "source_type": "groundwater"},
    "groundwater_recharge_zone": {},
    "eco_control_unit": {"unit_class": "key"},
    "farmland_class": {"class": "safe_use"},
    WELLS: {"type": "industrial_cluster"},
    "admin_county": {},
    "parcel": {},
}
CONSTRAINTS = tuple(layer for layer in STATED if layer not in ("admin_county", "parcel"))


def layers(count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Layer → its shapes and their codes."""
    outlines = prefecture.counties()
    parcels, columns = prefecture.parcels(count)
    found = {name: (shapes, _codes(name, shapes)) for name, shapes in prefecture.zones(count).items()}
    wells = prefecture.points(count // 10, count)
    found[WELLS] = (wells, _codes(WELLS, wells))
    found["admin_county"] = (outlines, np.array(prefecture.COUNTIES))
    found["parcel"] = (parcels, columns["code"])
    return found


def _codes(name: str, shapes: np.ndarray) -> np.ndarray:
    return np.array([f"{name[:4].upper()}{number:07d}" for number in range(len(shapes))])


def fill(url: str, count: int) -> None:
    """All layers live in one release, every other layer that rules ask confirmed empty, as loading leaves them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "spatial.settings"
    import django

    django.setup()
    from django.utils import timezone

    from spatial import catalog, rules
    from spatial.models import Load, Release
    from spatial.releases import confirm_empty, publish

    release, today = Release.objects.create(name=RELEASE), timezone.localdate()
    known, outlines = catalog.current(), prefecture.counties()
    with psycopg.connect(url) as database:
        for name, (shapes, codes) in layers(count).items():
            load = Load.objects.create(
                release=release,
                layer=name,
                counties=["", *known.counties],
                state=Load.State.STAGED,
                file_name="prefecture",
                file_sha256="0" * 64,
                data_date=today,
                base_revision=0,
            )
            county = np.array(prefecture.COUNTIES)[_county_of(shapes, outlines)]
            _copy(database, name, shapes, codes, county, load.pk)
    publish(RELEASE)
    for layer in sorted(rules.current().layers_asked(today) - STATED.keys()):
        for code in known.counties:
            confirm_empty(layer, code, "基准", today)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE SCHEMA naive")
        for name in STATED:
            database.execute(
                f"CREATE TABLE naive.{name} AS SELECT id::int, code, geom FROM spatial_feature WHERE layer = '{name}'"
            )
            database.execute(f"CREATE INDEX ON naive.{name} USING gist (geom)")
            database.execute(f"ALTER TABLE naive.{name} ADD PRIMARY KEY (id)")
        database.execute("VACUUM ANALYZE")


def _county_of(shapes: np.ndarray, outlines: np.ndarray) -> np.ndarray:
    """The place of the county in which the middle of each shape lies; beyond all of them the last."""
    found = np.full(len(shapes), len(outlines) - 1)
    shape, outline = shapely.STRtree(outlines).query(shapely.point_on_surface(shapes), predicate="within")
    found[shape] = outline
    return found


def _copy(
    database: psycopg.Connection,
    name: str,
    shapes: np.ndarray,
    codes: np.ndarray,
    county: np.ndarray,
    load: int,
) -> None:
    """Rows that wait, as a load leaves them: publishing them is left to Jingtu."""
    points = shapes[0].geom_type == "Point"
    stored = shapes if points else shapely.multipolygons(shapes, indices=np.arange(len(shapes)))
    wkb = shapely.to_wkb(shapely.set_srid(stored, 4490), hex=True, include_srid=True)
    stated = psycopg.types.json.Jsonb(STATED[name])
    columns = "layer, key, code, name, county, geom, has_boundary, attributes, revisions, content, load_id, file, row"
    with database.cursor().copy(f"COPY spatial_feature ({columns}) FROM STDIN") as copy:
        for row, (shape, code, place) in enumerate(zip(wkb, codes, county, strict=True), 1):
            copy.write_row(
                (name, str(code), str(code), f"{code}号", str(place), shape, True, stated, "{}",
                 uuid.uuid4().bytes, load, 1, row)
            )  # fmt: skip
    database.commit()


if __name__ == "__main__":
    fill(os.environ["JINGTU_DATABASE_URL"], int(sys.argv[1]))
