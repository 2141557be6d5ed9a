"""Loading beside ogr2ogr and geopandas.to_postgis: the same file into the same server, in turn; ratios are printed.

    .venv/bin/python benchmarks/load.py [--rows 500000] [--rounds 3] [--geopandas-python PYTHON] [--home FOLDER]

ogr2ogr (Debian's gdal-bin) copies into a new table and builds one index over its shapes: no validation, no
provenance. It is the floor. `jingtu load --commit` reads, casts, validates, compares and stores beside the live data;
"with neighbours" is the same into a layer that says `exclusive`. `publish` is timed on its own. PYTHON has geopandas,
sqlalchemy, geoalchemy2 and psycopg; without it that peer is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from prefecture import names

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from api.private_database import PrivateDatabase

LAYER = """
id       = "{id}"
title    = "{id}"
title_en = "{id}"
group    = "国土空间规划"
role     = "context"
geometry = "MultiPolygon"
exclusive = {exclusive}
owner    = "自然资源主管部门"
read     = ["clerk"]
key      = "code"
[fields.code]
title = "宗地代码"
type  = "text"
[fields.land_use]
title = "地类"
type  = "code"
[fields.area_m2]
title = "面积"
type  = "number"
unit  = "m²"
[tile]
minzoom = 10
[style]
label    = "{id}"
label_en = "{id}"
order    = 13
minzoom  = 10
line     = {{ color = "#8C8F8A", width = 0.75 }}
"""
TO_POSTGIS = """
import sys, geopandas, sqlalchemy
frame = geopandas.read_file(sys.argv[1], engine="pyogrio", use_arrow=True)
engine = sqlalchemy.create_engine(sys.argv[2].replace("postgresql://", "postgresql+psycopg://"))
frame.to_postgis("peer_geopandas", engine, if_exists="replace", index=False, chunksize=50_000)
"""
EMPTY = "TRUNCATE spatial_feature, spatial_keptrow, spatial_load, spatial_release, spatial_revision CASCADE"


def measured(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds by the clock, and the most memory of the process in MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:3]} failed: {said[-2000:]}")
    return time.perf_counter() - started, used.ru_maxrss / 1024


def ogr2ogr(file: Path, url: str) -> list[str]:
    at = urlsplit(url)
    source = f"/vsizip/{file}" if file.suffix == ".zip" else str(file)
    target = f"PG:host={at.hostname} port={at.port} dbname={at.path[1:]} user={at.username}" + (
        f" password={at.password}" if at.password else ""
    )
    return [
        "ogr2ogr", "-q", "-f", "PostgreSQL", target, source, "-nln", "peer_ogr", "-nlt", "POLYGON", "-overwrite",
        "-a_srs", "EPSG:4490", "-lco", "SPATIAL_INDEX=GIST", "-lco", "GEOMETRY_NAME=geom", "-gt", "65536",
        "--config", "PG_USE_COPY", "YES",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--geopandas-python")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "jingtu-benchmark")
    asked = parser.parse_args()
    (asked.home / "catalog" / "layers").mkdir(parents=True, exist_ok=True)
    for layer, exclusive in (("bench_apart", "false"), ("bench_neighbours", "true")):
        file = asked.home / "catalog" / "layers" / f"{layer}.toml"
        file.write_text(LAYER.format(id=layer, exclusive=exclusive), encoding="utf-8")
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "prefecture.py", asked.home, str(asked.rows)], check=True
    )
    files = names(asked.home, asked.rows)
    with PrivateDatabase(asked.home / "database").running() as url:
        run(asked, files, url)


def run(asked: argparse.Namespace, files: tuple[Path, Path], url: str) -> None:
    jingtu = str(ROOT / ".venv" / "bin" / "jingtu")
    own = {
        **os.environ,
        "JINGTU_DATABASE_URL": url,
        "JINGTU_CATALOG_DIR": str(asked.home / "catalog"),
        "JINGTU_HOME": str(asked.home / "home"),
    }
    # What Jingtu allows GDAL in its own processes is not what a peer is used with.
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("GDAL_", "CPL_", "OGR_"))}
    subprocess.run([jingtu, "migrate"], env=own, check=True, stdout=subprocess.DEVNULL)

    def load(layer: str, file: Path) -> list[str]:
        return [jingtu, "load", layer, str(file), "--county", "652300", "--release", "bench", "--commit"]

    figures: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(asked.rounds):
        for file in files:
            kind = file.suffix[1:]
            tried = {
                "ogr2ogr": (ogr2ogr(file, url), plain),
                "jingtu load": (load("bench_apart", file), own),
                "jingtu publish": ([jingtu, "publish", "bench"], own),
                "jingtu load, with neighbours": (load("bench_neighbours", file), own),
            }
            if asked.geopandas_python:
                tried["to_postgis"] = ([asked.geopandas_python, "-c", TO_POSTGIS, str(file), url], plain)
            for what, (command, environment) in tried.items():
                if command[:2] == [jingtu, "load"]:
                    empty(url)
                figures.setdefault((what, kind), []).append(measured(command, environment))
                check(what, url, asked.rows)
    report(figures)


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(EMPTY)
        database.execute("VACUUM ANALYZE spatial_feature")


def check(what: str, url: str, rows: int) -> None:
    """Every way has brought every row, whole."""
    tables = {"ogr2ogr": "peer_ogr", "to_postgis": "peer_geopandas"}
    table = tables.get(what, "spatial_feature")
    column = "geometry" if what == "to_postgis" else "geom"
    with psycopg.connect(url) as database:
        found = database.execute(f"SELECT count(*), sum(ST_Area({column})) FROM {table}").fetchone()
    assert found is not None and found[0] == rows, (what, found)
    AREAS.add(round(found[1], 9))
    assert len(AREAS) == 1, AREAS


AREAS: set[float] = set()


def report(figures: dict[tuple[str, str], list[tuple[float, float]]]) -> None:
    """Medians, and the median of the ratios round by round, against ogr2ogr on the same file."""
    print(f"{'':32}{'file':6}{'s':>8}{'x ogr2ogr':>12}{'MiB':>8}")
    for (what, kind), runs in figures.items():
        floor = figures["ogr2ogr", kind]
        ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in zip(runs, floor, strict=True))
        seconds = statistics.median(run[0] for run in runs)
        print(f"{what:32}{kind:6}{seconds:8.1f}{ratio:12.2f}{max(run[1] for run in runs):8.0f}")


if __name__ == "__main__":
    main()
