"""Deliveries over HTTP are read in a child of the worker: to the same content, bounded, alone, and never half."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from loaders.pipeline import load
from spatial.models import Feature, Load, LoadIssue, QuarantinedRow, Release
from tests.api.conftest import Bearer
from tests.api.test_jobs import FIELDS, LAYER, PLAN, contents, hand_in
from tests.api.workers import ended, held, until, wait_until_blocked, worker
from tests.loaders import files
from tests.loaders.test_geoparquet import CGCS2000
from tests.loaders.test_hostile_tables import ENDLESS, changed, geopackage
from tests.loaders.test_sandbox import MANY_FAULTS, MANY_LISTS, is_alive
from tests.settings import TEST_HOME

SHAPES = [PLAN.polygon("ABED"), PLAN.polygon("BCFE")]
ROWS: list[files.Row] = [
    (SHAPES[0], {"DKBM": "A1", "DKMC": "示例一", "LRRQ": "2025-03-01"}),
    (SHAPES[1], {"DKBM": "A2", "DKMC": "示例二", "LRRQ": "2024年5月"}),
]
MANY = 30_000


def left_behind() -> list[Path]:
    """What children have for themselves."""
    return list(TEST_HOME.glob("temporary/*/jingtu-read-*/*"))


@pytest.fixture
def url(test_database_url: str) -> str:
    """The queue's own tables are not Django's: they are emptied here."""
    with psycopg.connect(test_database_url, autocommit=True) as database:
        database.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return test_database_url


@pytest.fixture
def steward(bearer: Callable[..., Bearer]) -> Bearer:
    return bearer("steward", "652301")


def xlsx(path: Path) -> Path:
    table = [["DKBM", "DKMC", "LRRQ", "WKT"]]
    days = [datetime(2025, 3, 1), datetime(2024, 5, 1)]
    table += [
        [row["DKBM"], row["DKMC"], day, shape.wkt] for (shape, row), day in zip(ROWS, days, strict=True)
    ]
    return files.xlsx(path, table)


def geoparquet(path: Path) -> Path:
    """Days as days, which other formats write as text."""
    columns = {name: [row[name] for _, row in ROWS] for name in ("DKBM", "DKMC")}
    table = pa.table(columns | {"LRRQ": [date(2025, 3, 1), None], "图形": [shape.wkb for shape in SHAPES]})
    about = {"encoding": "WKB", "geometry_types": [], "crs": CGCS2000}
    geo = {"version": "1.1.0", "primary_column": "图形", "columns": {"图形": about}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "a.gpkg": lambda path: files.gdal(path, ROWS, driver="GPKG"),
    "a.zip": lambda path: files.zipped_shapefile(path, ROWS, cpg=False),
    "a.xlsx": xlsx,
    "a.parquet": geoparquet,
}


def test_each_format_gives_the_content_that_the_command_gives(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path
) -> None:
    with worker(url):
        for name, made in FORMATS.items():
            path = made(tmp_path / name)
            told = ended(client, hand_in(client, steward, path, release=name, crs="EPSG:4490"), steward)
            assert (told["state"], told["result"]["rows"]["loaded"]) == ("done", 2), told
            over_http = contents()
            Feature.objects.all().delete()
            load(path, LAYER, county="652301", release=f"{name} again", crs="EPSG:4490", commit=True)
            assert len(over_http) == 2 and contents() == over_http, name
            Feature.objects.all().delete()


def test_loose_parts_a_layer_by_name_and_a_zipped_geodatabase_are_read(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path
) -> None:
    (tmp_path / "parts").mkdir()
    files.gdal(tmp_path / "parts/地块.shp", ROWS, driver="ESRI Shapefile", encoding="GBK")
    parts = [("files", (path.name, path.read_bytes())) for path in (tmp_path / "parts").iterdir()]
    layers = files.gdal(tmp_path / "a.gpkg", ROWS, driver="GPKG", layer="地块")
    files.gdal(layers, ROWS[:1], driver="GPKG", layer="道路", append=True)
    folder = files.gdal(tmp_path / "交付.gdb", ROWS, driver="OpenFileGDB", layer="地块")
    inside = {f"交付.gdb/{part.name}": part.read_bytes() for part in sorted(folder.iterdir())}
    zipped = files.zipped(tmp_path / "b.zip", inside)
    given = FIELDS | {"commit": "false"}
    with worker(url):
        sent = client.post("/loads", data=given, files=parts, headers=steward)
        assert ended(client, sent.json()["job"], steward)["result"]["rows"]["loaded"] == 2
        for source_layer, loaded in (("道路", 1), ("地块", 2)):
            job = hand_in(client, steward, layers, commit="false", source_layer=source_layer)
            assert ended(client, job, steward)["result"]["rows"]["loaded"] == loaded
        job = hand_in(client, steward, layers, commit="false")
        assert errors(ended(client, job, steward)) == ["layers"]
        job = hand_in(client, steward, zipped, commit="false")
        assert ended(client, job, steward)["result"]["rows"]["loaded"] == 2


def errors(told: dict[str, Any]) -> list[str]:
    """The codes for which a delivery was refused."""
    assert told["state"] == "done" and told["result"]["outcome"] == "refused", told
    return [issue["code"] for issue in told["result"]["issues"] if issue["severity"] == "error"]


@pytest.mark.parametrize("slow_ones_too", [False, pytest.param(True, marks=pytest.mark.long)])
def test_files_that_would_take_the_worker_down_are_refused_and_it_goes_on(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path, slow_ones_too: bool
) -> None:
    view = changed(
        geopackage(tmp_path),
        f"CREATE VIEW v AS {ENDLESS}",
        "UPDATE gpkg_contents SET table_name = 'v'",
        "UPDATE gpkg_geometry_columns SET table_name = 'v'",
    )
    bomb = files.zipped(tmp_path / "bomb.xlsx", {"xl/worksheets/sheet1.xml": b"<c/>" * 20_000_000})
    hostile = {view: ["geopackage_view"], bomb: ["xlsx_too_large"]}
    if slow_ones_too:
        (tmp_path / "slow.geojson").write_bytes(MANY_FAULTS)
        (tmp_path / "large.json").write_bytes(MANY_LISTS)
        hostile |= {tmp_path / "slow.geojson": ["too_slow"], tmp_path / "large.json": ["too_large"]}
    with worker(url, JINGTU_LOAD_CPU_SECONDS="5", JINGTU_LOAD_MEMORY_MB="512") as process:
        for path, codes in hostile.items():
            told = ended(client, hand_in(client, steward, path), steward)
            assert errors(told)[:1] == codes
        path = files.geojson(tmp_path / "good.geojson", ROWS)
        told = ended(client, hand_in(client, steward, path), steward)
        assert told["result"]["rows"]["loaded"] == 2
        assert process.poll() is None
    assert Load.objects.count() == 1 and not left_behind()


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Rows of which the child still has some to tell while the first are being written."""
    path = tmp_path / "many.csv"
    path.write_text("DKBM,经度,纬度\n" + "".join(f"{number},87.3,44.0\n" for number in range(MANY)))
    return path


@pytest.fixture
def halfway(client: TestClient, url: str, steward: Bearer, many: Path) -> Iterator[tuple[Any, str, int]]:
    """A worker in the middle of a load, its job, and the child that reads for it."""
    job = hand_in(client, steward, many)
    with held(url, "LOCK TABLE spatial_feature IN SHARE MODE"), worker(url) as process:
        wait_until_blocked(url)
        (keeper,) = children(process.pid)
        (child,) = children(keeper)
        yield process, job, child


def test_the_child_is_alone_on_its_network_and_knows_no_secret(
    client: TestClient, url: str, steward: Bearer, halfway: tuple[Any, str, int]
) -> None:
    _, job, child = halfway
    environment = Path(f"/proc/{child}/environ").read_text()
    assert url not in environment and "JINGTU_HOME" not in environment and "DJANGO" not in environment
    assert "psycopg" not in Path(f"/proc/{child}/maps").read_text()
    limits = Path(f"/proc/{child}/limits").read_text()
    told = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert told["Max address space"] == told["Max file size"] == str(4096 * 1024**2)
    assert (told["Max cpu time"], told["Max processes"]) == ("600", "0")
    may_leave = subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0
    alone = os.readlink(f"/proc/{child}/ns/net") != os.readlink("/proc/self/ns/net")
    assert alone or not may_leave
    if alone:
        devices = Path(f"/proc/{child}/net/dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in devices] in ([], ["lo"])
        assert len(Path(f"/proc/{child}/net/route").read_text().splitlines()) <= 1
    assert client.post(f"/jobs/{job}/cancel", headers=steward).json()["state"] == "running"


def nothing_went_in() -> None:
    for model in (Feature, Load, LoadIssue, QuarantinedRow, Release):
        assert not model.objects.exists(), model


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, "too_large"), (signal.SIGSEGV, "unreadable")])
def test_a_child_killed_in_the_middle_of_a_load_refuses_it_and_nothing_of_it_stays(
    client: TestClient, url: str, steward: Bearer, many: Path, how: signal.Signals, code: str
) -> None:
    job = hand_in(client, steward, many)
    with worker(url) as process:
        with held(url, "LOCK TABLE spatial_feature IN SHARE MODE"):
            wait_until_blocked(url)
            (keeper,) = children(process.pid)
            (child,) = children(keeper)
            os.kill(child, how)
        told = ended(client, job, steward)
        assert errors(told) == [code]
        assert 0 < told["result"]["rows"]["read"] == told["result"]["rows"]["refused"] < MANY
        nothing_went_in()
        again = ended(client, hand_in(client, steward, many), steward)
        assert again["result"]["rows"]["read"] == MANY


def test_a_worker_that_is_killed_takes_its_child_and_the_childs_folder_with_it(
    halfway: tuple[Any, str, int],
) -> None:
    process, _, child = halfway
    assert left_behind()
    process.kill()
    process.wait()
    until(lambda: not is_alive(child))
    until(lambda: not left_behind())


def test_a_job_can_be_cancelled_while_its_file_is_being_read(
    client: TestClient, url: str, steward: Bearer, tmp_path: Path
) -> None:
    path = tmp_path / "slow.geojson"
    path.write_bytes(MANY_FAULTS)
    job = hand_in(client, steward, path)
    with worker(url) as process:
        until(lambda: [child for keeper in children(process.pid) for child in children(keeper)])
        assert client.post(f"/jobs/{job}/cancel", headers=steward).json()["state"] == "running"
        assert ended(client, job, steward)["state"] == "cancelled"
        (keeper,) = children(process.pid)
        assert children(keeper) == [] and not left_behind()
    assert not Load.objects.exists()


def test_a_worker_that_is_stopped_while_it_reads_leaves_the_job_to_the_next(
    client: TestClient, url: str, steward: Bearer, many: Path
) -> None:
    job = hand_in(client, steward, many)
    with worker(url) as process:
        until(lambda: [child for keeper in children(process.pid) for child in children(keeper)])
        process.terminate()
        process.wait(20)
    assert client.get(f"/jobs/{job}", headers=steward).json()["state"] in ("queued", "running")
    with worker(url):
        told = ended(client, job, steward)
    assert (told["state"], told["result"]["rows"]["read"]) == ("done", MANY)
