"""The files of images: under their names whole or not at all, whatever kills a load; gone only with their rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from django.test import override_settings

from spatial import rasters
from tests.factories import feature

ROOT = Path(__file__).resolve().parents[2]
A, B = (f"{letter * 64}.tif" for letter in "ab")
SHAPE = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.31, 44.01)])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, db: None) -> Iterator[Path]:
    with override_settings(JINGTU_HOME=tmp_path):
        yield tmp_path


def there() -> list[str]:
    """What lies in the folder, but for the lock."""
    return sorted(path.name for path in rasters.folder().iterdir() if path.name != ".lock")


def making(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def store(names: dict[str, bytes], placed: set[str], fails: bool = False) -> list[tuple[int, int]]:
    """Make files, put some in place with the rows that name them, and fail then where that is asked."""
    told: list[tuple[int, int]] = []
    makers = {name: making(content) for name, content in names.items()}
    with rasters.storing(makers, lambda done, total: told.append((done, total))) as place:
        place(placed)
        if fails:
            raise InterruptedError
        for name in placed:
            feature("imagery", SHAPE, file=name)
    return told


def test_a_file_appears_when_it_is_put_in_place_and_not_before() -> None:
    seen = []
    with rasters.storing({A: making(b"x")}, lambda done, total: None) as place:
        seen.append(rasters.path_of(A).exists())
        place({A})
        seen.append(rasters.path_of(A).read_bytes() == b"x")
        feature("imagery", SHAPE, file=A)
    assert seen == [False, True]
    assert there() == [A]
    assert rasters.folder().stat().st_mode & 0o777 == 0o700


def test_what_is_not_put_in_place_leaves_nothing_and_what_is_there_is_not_made_again() -> None:
    assert store({A: b"a", B: b"b"}, {A}) == [(1, 2), (2, 2)]
    assert there() == [A]
    store({A: b"other"}, {A})
    assert rasters.path_of(A).read_bytes() == b"a"


def test_a_load_that_fails_takes_its_files_back_but_none_that_a_row_names() -> None:
    store({A: b"a"}, {A})
    with pytest.raises(InterruptedError):
        store({A: b"a", B: b"b"}, {A, B}, fails=True)
    assert there() == [A]


def test_nothing_is_touched_where_there_is_nothing_to_store() -> None:
    with rasters.storing({}, lambda done, total: None) as place:
        place(set())
    assert not rasters.folder().exists()


def test_a_file_that_no_load_of_ours_has_left_is_never_removed() -> None:
    rasters.folder().mkdir()
    rasters.path_of(B).write_bytes(b"of another database")
    store({A: b"a"}, {A})
    assert there() == [A, B]


def test_a_row_of_another_layer_names_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("x")
    row = feature("park", SHAPE, file="../secret-key")
    assert rasters.names_of(type(row).objects.all()) == []


PLACED = """
import loaders.gdal_settings, django, sys
django.setup()
from spatial import rasters
with rasters.storing({sys.argv[1]: lambda path: path.write_bytes(b"x")}, lambda done, total: None) as place:
    if sys.argv[2] == "placed":
        place([sys.argv[1]])
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["made", "placed"])
def test_what_a_killed_load_left_goes_with_the_next_unless_its_row_was_written(
    tmp_path: Path, test_database_url: str, moment: str
) -> None:
    for name, committed in ((A, False), (B, True)):
        kill_one_that_stores(name, moment, tmp_path, test_database_url)
        assert rasters.path_of(name).exists() == (moment == "placed")
        if committed:
            feature("imagery", SHAPE, file=name)
    store({f"{'c' * 64}.tif": b"c"}, {f"{'c' * 64}.tif"})
    assert there() == [B, f"{'c' * 64}.tif"][moment == "made" :]


def kill_one_that_stores(name: str, moment: str, home: Path, url: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("JINGTU_")}
    more = {
        "JINGTU_HOME": str(home),
        "JINGTU_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "spatial.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", PLACED, name, moment], env=kept | more, cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGKILL)


def test_two_that_store_go_one_after_the_other(tmp_path: Path, test_database_url: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("JINGTU_")}
    more = {
        "JINGTU_HOME": str(tmp_path), "JINGTU_DATABASE_URL": test_database_url,
        "DJANGO_SETTINGS_MODULE": "spatial.settings",
    }  # fmt: skip
    started = []
    with rasters.storing({A: making(b"a")}, lambda done, total: None) as place:
        other = subprocess.Popen(
            [sys.executable, "-c", PLACED, B, "made"], env=kept | more, cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        place({A})
        started.append(len(list(rasters.folder().glob(".making-*"))))
        feature("imagery", SHAPE, file=A)
    assert other.communicate(timeout=60)[0] == "ready\n"
    assert started == [1]
    assert there() == [A]
