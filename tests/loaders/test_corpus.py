"""Every hostile file ends as it must: told in Chinese with a code and advice, counted, and nothing else touched."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.commands import load as load_command
from loaders.parcels import read_parcels
from loaders.pipeline import load
from spatial import rasters
from spatial.models import Feature, LoadIssue, QuarantinedRow
from tests.api.told import speaks_english
from tests.corpus import CORPUS, Entry, World
from tests.corpus.entry import SECRET
from tests.factories import day, feature

pytestmark = pytest.mark.django_db

OF_A_LAYER = {
    "code_rounded",
    "text_unusable",
    "control_character",
    "county_conflict",
    "county_unknown",
    "duplicate_row",
}
"""What is wrong with a row for the layer it is loaded into, and not with a parcel that is to be checked."""

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20
GROWTH_KIB = 400_000
COUNTY = "652301"
HAN = re.compile(r"[\u4e00-\u9fff]")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would obey."""
OURS = re.compile(r"Traceback|File \"|\.py\b|site-packages|jingtu-load-")
WATCHED = ("open", "socket.connect", "subprocess.Popen", "os.system", "os.exec")


class Hangs(BaseException):
    """Raised into a reader that does not come to an end; no reader catches it."""


class Watch:
    """What Python is asked to open, connect to or start, while somebody looks. The database is reached from C."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, given: tuple[Any, ...]) -> None:
        if self.seen is None or event not in WATCHED:
            return
        what = str(given[1] if event == "socket.connect" else given[0])
        if (
            event != "open" or given[1] is not None or what.startswith("/")
        ):  # else: a folder that is cleared away
            self.seen.append((event, what))

    @contextlib.contextmanager
    def looking(self) -> Iterator[list[tuple[str, str]]]:
        self.seen = seen = []
        try:
            yield seen
        finally:
            self.seen = None


WATCH = Watch()


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, listener: socket.socket) -> World:
    bait = tmp_path_factory.mktemp("bait") / "bait.geojson"
    row = {
        "type": "Feature",
        "properties": {"DKMC": SECRET},
        "geometry": shapely.box(87.0, 44.0, 87.1, 44.1).__geo_interface__,
    }
    bait.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), encoding="utf-8")
    return World(bait, f"http://127.0.0.1:{listener.getsockname()[1]}")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, world: World) -> Callable[[Entry], Path]:
    """The file of an entry, written when it is first asked for."""
    base = tmp_path_factory.mktemp("corpus")

    def write(entry: Entry) -> Path:
        path = base / str(CORPUS.index(entry)) / entry.name
        if not path.parent.exists():
            path.parent.mkdir()
            entry.write(path, world)
        return path

    return write


@pytest.fixture(autouse=True)
def counties() -> None:
    for code, name, west in ((COUNTY, "昌吉市", 87.0), ("652302", "阜康市", 87.6)):
        shape = shapely.MultiPolygon([shapely.box(west, 43.5, west + 0.6, 44.5)])
        feature("admin_county", shape, county=code, code=code, name=name)


@contextlib.contextmanager
def alone(path: Path, world: World, listener: socket.socket) -> Iterator[None]:
    """What reads the file comes to an end, stays small, and touches nothing but the file and what is the program's."""

    def ring(*_: Any) -> None:
        raise Hangs

    # An access time before the last change is renewed by the first read, whoever reads.
    os.utime(world.bait, (0, world.bait.stat().st_mtime))
    before = signal.signal(signal.SIGALRM, ring)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    signal.alarm(SECONDS)
    try:
        with WATCH.looking() as seen:
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < GROWTH_KIB
    there = (
        path.parent,
        ROOT,
        sys.prefix,
        sys.base_prefix,
        f"{tempfile.gettempdir()}/jingtu-load-",
        rasters.folder(),
        os.devnull,
    )
    for event, what in seen:
        assert event == "open", (event, what)
        assert what.isdigit() or what.startswith(tuple(map(str, there))), what
    assert world.bait.stat().st_atime == 0
    with pytest.raises(BlockingIOError):
        listener.accept()


def ends(entry: Entry, outcome: str, rows: dict[str, int], issues: list[dict[str, Any]]) -> None:
    """The outcome, the counts and the codes are those of the entry, and every issue says what to do."""
    assert outcome in entry.outcomes
    assert rows["read"] == rows["loaded"] + rows["quarantined"] + rows["refused"]
    assert rows["repaired"] <= rows["loaded"]
    if entry.rows is not None:
        assert (rows["read"], rows["loaded"], rows["repaired"], rows["quarantined"]) == entry.rows
    errors = [issue for issue in issues if issue["severity"] == "error"]
    codes = {issue["code"] for issue in errors}
    assert codes <= entry.errors and bool(codes) == bool(entry.errors)
    assert entry.told <= {issue["code"] for issue in issues} - codes
    assert bool(errors) == (outcome in ("quarantined", "refused"))
    assert sum(issue["row"] is not None for issue in errors) >= rows["quarantined"]
    speak(issues)


def speak(issues: list[dict[str, Any]]) -> None:
    for issue in issues:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", issue["code"])
        assert HAN.search(issue["message"]), issue
        assert issue["severity"] != "error" or HAN.search(issue["hint"]), issue
        assert not UNSEEN.search(f"{issue['message']}{issue['hint']}{issue['field']}"), issue
        speaks_english([issue["message"], issue["hint"]])
        assert len(issue["message"]) < 500 and len(issue["value"] or "") <= 200, issue


def tells_nothing(said: Any, path: Path) -> None:
    """Neither the bait nor how this machine is laid out."""
    text = json.dumps(said, ensure_ascii=False, default=str)
    assert SECRET not in text
    assert not OURS.search(text), text
    for place in (path.parents[1], ROOT, sys.prefix, f"{tempfile.gettempdir()}/"):
        assert str(place) not in text, text


def test_the_corpus_is_as_large_as_it_should_be_and_every_name_is_used_once() -> None:
    names = [entry.name for entry in CORPUS]
    assert len(names) == len(set(names)) >= 110
    assert sum(entry.is_control for entry in CORPUS) >= 8


@pytest.mark.parametrize(
    "entry",
    CORPUS,
    ids=lambda entry: entry.name,
)
def test_a_hostile_file_ends_as_it_must(
    entry: Entry, corpus: Callable[[Entry], Path], world: World, listener: socket.socket
) -> None:
    """As `jingtu load … --json`, a dry run; then as a file that is handed in for a check."""
    path, out = corpus(entry), io.StringIO()
    parser = argparse.ArgumentParser()
    load_command.add_arguments(parser)
    words = [entry.layer, str(path), "--county", COUNTY, "--json"]
    words += ["--crs", entry.crs] if entry.crs else []
    with alone(path, world, listener), contextlib.redirect_stdout(out):
        code = load_command.run(parser.parse_args(words))
    said = json.loads(out.getvalue())
    ends(entry, said["outcome"], said["rows"], said["issues"])
    tells_nothing(said, path)
    assert code == (said["outcome"] == "refused")
    assert not said["committed"]
    assert not Feature.objects.exclude(layer="admin_county").exists()

    content = path.read_bytes()
    with alone(path, world, listener):
        file = read_parcels(content, entry.name, crs=entry.crs)
    issues = [issue.as_json() for issue in file.issues]
    speak(issues)
    tells_nothing([issues, [dict(parcel.attributes) for parcel in file.parcels]], path)
    assert file.ok != any(issue["severity"] == "error" for issue in issues)
    if entry.errors and not entry.errors <= OF_A_LAYER and entry.layer != "imagery":
        codes = {issue["code"] for issue in issues if issue["severity"] == "error"}
        assert codes & (entry.errors | {"geometry_type"})  # a point is an entry of a register and no parcel


@pytest.mark.parametrize(
    "entry",
    [entry for entry in CORPUS if entry.outcomes != {"refused"}],
    ids=lambda entry: entry.name,
)
def test_what_is_written_is_what_was_said(
    entry: Entry, corpus: Callable[[Entry], Path], world: World, listener: socket.socket
) -> None:
    path = corpus(entry)
    with alone(path, world, listener):
        result = load(
            path, entry.layer, county=COUNTY, crs=entry.crs, commit=True, data_date=day("2025-03-01")
        )
    said = result.as_json()
    ends(entry, said["outcome"], said["rows"], said["issues"])
    if result.outcome == "refused":
        return
    stored = list(Feature.objects.filter(load=result.load).order_by("row"))
    held = list(QuarantinedRow.objects.filter(load=result.load))
    told = list(LoadIssue.objects.filter(load=result.load).values("code", "message", "hint", "value"))
    assert (len(stored), len(held), len(told)) == (
        result.rows.loaded, result.rows.quarantined, len(result.issues),
    )  # fmt: skip
    if entry.names is not None:
        assert [row.name or "" for row in stored] == list(entry.names)
    for row in held:
        assert HAN.search(row.reason)
        assert row.original["values"] or row.original["wkb"] or row.original["text"]
    tells_nothing([told, [row.attributes for row in stored], [row.original for row in held]], path)
