"""GeoParquet files (EPSG:4490; id, columns, geometry) as public layers of Jingtu's store, and as plain tables.

Run in a process of its own, with JINGTU_DATABASE_URL and JINGTU_CATALOG_DIR: tile_store.py FOLDER. The files of the
layers are written into that catalog folder first: `write_catalog`.
"""

from __future__ import annotations

import os
import sys
import tomllib
import uuid
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
RELEASE = "bench"
LAYER = """id = "{name}"
title = "{name}"
title_en = "{name}"
group = "国土空间规划"
role = "context"
geometry = "{geometry}"
owner = "bench"
read = "public"
{fields}
[tile]
minzoom = 0
maxzoom = 16
fields = [{listed}]

[style]
shown = true
label = "{name}"
label_en = "{name}"
order = {order}
minzoom = 0
{drawn}
mark = {{ shape = "circle", fill = "#7A4A1E", stroke = "#FFFFFF", size_px = 9, maxzoom = 0 }}
"""
FIELD = '[fields.{name}]\ntitle = "{name}"\ntype = "{type}"\n'


def tables(folder: Path) -> dict[str, pa.Table]:
    return {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}


def columns(table: pa.Table) -> list[str]:
    return [name for name in table.schema.names if name not in ("id", "geometry")]


def write_catalog(folder: Path, data: Path) -> None:
    """A layer file for each table, open to everyone, all its columns in its tiles."""
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    for order, (name, table) in enumerate(tables(data).items(), 900):
        point = shapely.from_wkb(table["geometry"][0].as_py()).geom_type == "Point"
        kinds = {
            one: "number" if pa.types.is_floating(table.schema.field(one).type) else "text"
            for one in columns(table)
        }
        # A layer that the built-in catalog has too keeps the fields that rules ask of it.
        known = ROOT / "spatial" / "catalog" / "layers" / f"{name}.toml"
        asked = tomllib.loads(known.read_text("utf-8"))["fields"] if known.exists() else {}
        more = {one: "text" for one in asked if one not in kinds}
        text = LAYER.format(
            name=name,
            geometry="Point" if point else "MultiPolygon",
            fields="\n".join(FIELD.format(name=one, type=kind) for one, kind in (kinds | more).items()),
            listed=", ".join(f'"{one}"' for one in kinds),
            order=order,
            drawn="" if point else 'fill = { color = "#7D1E78", opacity = 0.2 }',
        )
        (folder / "layers" / f"{name}.toml").write_text(text, "utf-8")


def fill(url: str, data: Path) -> None:
    """Every table live in one release; public.<name> holds the same rows, with ids of their own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "spatial.settings"
    import django

    django.setup()
    from django.utils import timezone

    from api.drawing_job import draw_missing
    from spatial import catalog
    from spatial.models import Load, Release
    from spatial.releases import publish

    release, counties = Release.objects.create(name=RELEASE), list(catalog.current().counties)
    with psycopg.connect(url) as database:
        for name, table in tables(data).items():
            load = Load.objects.create(
                release=release,
                layer=name,
                counties=["", *counties],
                state=Load.State.STAGED,
                file_name=name,
                file_sha256="0" * 64,
                data_date=timezone.localdate(),
                base_revision=0,
            )
            _copy(database, name, table, load.pk)
    publish(RELEASE)
    draw_missing()
    with psycopg.connect(url, autocommit=True) as database:
        for name, table in tables(data).items():
            _plain(database, name, table)
        database.execute("VACUUM ANALYZE")


def _stored(table: pa.Table) -> np.ndarray:
    shapes = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    if shapes[0].geom_type != "Point":
        single = shapely.get_type_id(shapes) == 3
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.sum()))
    return shapely.to_wkb(shapely.set_srid(shapes, 4490), hex=True, include_srid=True)


def _copy(database: psycopg.Connection, name: str, table: pa.Table, load: int) -> None:
    """Rows that wait, as a load leaves them: publishing them is left to Jingtu."""
    of_row = "layer, key, code, name, county, geom, has_boundary, attributes, revisions, content, load_id, file, row"
    rows = table.drop_columns(["geometry"]).to_pylist()
    with database.cursor().copy(f"COPY spatial_feature ({of_row}) FROM STDIN") as copy:
        for number, (shape, row) in enumerate(zip(_stored(table), rows, strict=True), 1):
            said = psycopg.types.json.Jsonb({one: row[one] for one in columns(table)})
            copy.write_row(
                (name, row["code"], row["code"], None, row.get("county"), shape, True, said, "{}",
                 uuid.uuid4().bytes, load, 1, number)
            )  # fmt: skip
    database.commit()


def _plain(database: psycopg.Connection, name: str, table: pa.Table) -> None:
    kinds = ", ".join(
        f"{one} {'float8' if pa.types.is_floating(table.schema.field(one).type) else 'text'}"
        for one in columns(table)
    )
    database.execute(f"CREATE TABLE {name} (id integer PRIMARY KEY, {kinds}, geom geometry(Geometry, 4490))")
    with database.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for shape, row in zip(_stored(table), table.drop_columns(["geometry"]).to_pylist(), strict=True):
            copy.write_row((row["id"], *(row[one] for one in columns(table)), shape))
    database.execute(f"CREATE INDEX ON {name} USING gist (geom)")


if __name__ == "__main__":
    fill(os.environ["JINGTU_DATABASE_URL"], Path(sys.argv[1]))
