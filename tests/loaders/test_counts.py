"""Files with any mix of good, repairable, faulty and empty rows: the counts, the codes and what waits are foretold."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.pipeline import load
from spatial.models import Feature, QuarantinedRow
from tests.corpus.entry import square
from tests.corpus.geopackage_file import blob, geopackage
from tests.loaders.test_load import counties

pytestmark = pytest.mark.django_db

LAYER, HERE, THERE = "parcel", "652301", "652302"
LOADED, REPAIRED, HELD, NO_ROW = "loaded", "repaired", "held", "no row"
COLUMNS = ("ZDDM", "FLBZ", "XZQDM")
EVERYWHERE = ("geojson", "gpkg", "csv")
Ring = list[list[float]]


@dataclass(frozen=True)
class Row:
    """What is written, what must become of it, and the codes of the issues that say so."""

    values: dict[str, str | None]
    ring: Ring | None
    ends: str
    codes: tuple[str, ...] = ()


def moved(ring: Ring, degrees: float) -> Ring:
    return [[round(x + degrees, 6), y] for x, y in ring]


def row_of(kind: str, number: int, form: str, before: Sequence[Row]) -> Row:
    """A row of a kind, after others. Told by hand, kind by kind, and not by what any reader does."""
    values: dict[str, str | None] = {"ZDDM": f"P{number}", "FLBZ": "示例（一）", "XZQDM": HERE}
    ring = square(number)
    good = Row(values, ring, LOADED)
    nothing = Row(dict.fromkeys(COLUMNS), None, HELD, ("no_geometry",))
    match kind:
        case "vertex twice":
            return replace(good, ring=[ring[0], *ring], ends=REPAIRED, codes=("duplicate_vertices",))
        case "gap" if form == "geojson":
            near = [ring[0][0] + 5e-8, ring[0][1]]
            return replace(good, ring=[*ring[:-1], near], ends=REPAIRED, codes=("gap_closed",))
        case "clockwise":
            back = replace(good, ring=ring[::-1])  # the others have no rule which way it goes
            return replace(back, ends=REPAIRED, codes=("ring_direction",)) if form == "geojson" else back
        case "bow-tie":
            bow = [ring[0], ring[2], ring[1], ring[3], ring[0]]
            return replace(good, ring=bow, ends=HELD, codes=("self_intersection",))
        case "no shape":
            return replace(good, ring=None, ends=HELD, codes=("no_geometry",))
        case "code rounded":
            return replace(
                good, values={**values, "ZDDM": f"6.523{number}E+17"}, ends=HELD, codes=("code_rounded",)
            )
        case "far away":
            return replace(good, ring=moved(ring, 20.0), ends=HELD, codes=("outside_region",))
        case "next prefecture":
            return replace(good, ring=moved(ring, -2.5), ends=HELD, codes=("neighbouring_region",))
        case "lies elsewhere":
            return replace(good, ring=moved(ring, 0.5), ends=HELD, codes=("county_conflict",))
        case "says elsewhere":
            return replace(good, values={**values, "XZQDM": THERE}, ends=HELD, codes=("county_conflict",))
        case "again" if whole := [row for row in before if row.ends in (LOADED, REPAIRED)]:
            same = whole[number % len(whole)]
            return replace(same, ends=HELD, codes=(*same.codes, "duplicate_row"))
        case "empty":
            return replace(nothing, ends=NO_ROW, codes=()) if form == "csv" else nothing
        case _:
            return good


KINDS = (
    "good", "good", "vertex twice", "gap", "clockwise", "bow-tie", "no shape", "code rounded", "far away",
    "next prefecture", "lies elsewhere", "says elsewhere", "again", "empty",
)  # fmt: skip


def rows_of(kinds: Sequence[str], form: str) -> list[Row]:
    rows: list[Row] = []
    for number, kind in enumerate(kinds):
        rows.append(row_of(kind, number, form, rows))
    return rows


def as_geojson(path: Path, rows: Sequence[Row]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": row.values,
            "geometry": {"type": "Polygon", "coordinates": [row.ring]} if row.ring else None,
        }
        for row in rows
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def as_gpkg(path: Path, rows: Sequence[Row]) -> None:
    told = [
        (blob(shapely.Polygon(row.ring).wkb) if row.ring else None, *(row.values[name] for name in COLUMNS))
        for row in rows
    ]
    geopackage(path, told, columns=COLUMNS)


def as_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "WKT"])
        for row in rows:
            shape = shapely.to_wkt(shapely.Polygon(row.ring), rounding_precision=-1) if row.ring else ""
            writer.writerow([row.values[name] or "" for name in COLUMNS] + [shape])


def as_it_came(row: Row, original: dict[str, Any]) -> bool:
    """Whether the quarantine has each value and each vertex of a row."""
    values = {name: original["values"].get(name) or None for name in COLUMNS}
    if "text" in original and original["text"].startswith("{"):
        came = json.loads(original["text"])["coordinates"][0]
    else:
        wkb = original["wkb"]
        came = shapely.get_coordinates(shapely.from_wkb(bytes.fromhex(wkb))).tolist() if wkb else None
    return values == row.values and came == row.ring


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(form=st.sampled_from(EVERYWHERE), kinds=st.lists(st.sampled_from(KINDS), max_size=9))
def test_the_counts_are_those_of_the_rows_that_were_written(
    form: str, kinds: list[str], tmp_path_factory: Any
) -> None:
    rows = rows_of(kinds, form)
    path = tmp_path_factory.mktemp("any") / f"a.{form}"
    {"geojson": as_geojson, "gpkg": as_gpkg, "csv": as_csv}[form](path, rows)
    first = 2 if form == "csv" else 1
    told = {number: row for number, row in enumerate(rows, first) if row.ends != NO_ROW}
    ends = [row.ends for row in told.values()]
    going_in = len(ends) - ends.count(HELD)
    with transaction.atomic():
        counties()
        result = load(path, LAYER, county=HERE, commit=True)
        counts = result.rows
        assert counts.read == counts.loaded + counts.quarantined + counts.refused
        assert counts.as_json() == {
            "read": len(ends),
            "loaded": going_in,
            "repaired": ends.count(REPAIRED) if going_in else 0,
            "quarantined": ends.count(HELD) if going_in else 0,
            "refused": 0 if going_in else len(ends),
        }
        said = {(issue.row, issue.code) for issue in result.issues if issue.row}
        assert said == {(number, code) for number, row in told.items() for code in row.codes}
        assert result.committed == bool(going_in)
        if going_in:
            written(told)
        transaction.set_rollback(True)


def written(told: dict[int, Row]) -> None:
    """What went in has the shapes that were drawn; what waits is as it came."""
    stored = {row.row: row for row in Feature.objects.filter(layer=LAYER)}
    assert set(stored) == {number for number, row in told.items() if row.ends != HELD}
    for number, feature in stored.items():
        assert (feature.code, feature.county) == (told[number].values["ZDDM"], HERE)
        drawn = shapely.Polygon(told[number].ring)
        assert shapely.hausdorff_distance(shapely.from_wkb(bytes(feature.geom.wkb)), drawn) < 1e-7
    waiting = {row.row: row for row in QuarantinedRow.objects.all()}
    assert set(waiting) == {number for number, row in told.items() if row.ends == HELD}
    assert all(as_it_came(told[number], row.original) for number, row in waiting.items())


LOST = {
    "not closed": [[87.3, 44.01], [87.302, 44.01], [87.302, 44.012]],
    "three words": [["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]],
    "no place": [[87.3], [87.3], [87.3], [87.3]],
}


@pytest.mark.parametrize("ring", LOST.values(), ids=LOST.keys())
def test_a_shape_that_could_not_be_read_waits_in_the_words_of_the_file(tmp_path: Path, ring: Ring) -> None:
    good, lost = row_of("good", 0, "geojson", []), Row({"ZDDM": "P1"}, ring, HELD)
    as_geojson(tmp_path / "a.geojson", [good, lost])
    load(tmp_path / "a.geojson", LAYER, county=HERE, commit=True)
    original = QuarantinedRow.objects.get().original
    assert original["values"] == {"ZDDM": "P1"}
    assert json.loads(original["text"]) == {"type": "Polygon", "coordinates": [ring]}


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("P1,东经八十七,44.01", "地块编码,经度,纬度"),
        ("P1,87.3,44.01,又一格", "地块编码,经度,纬度"),
        ('P1,"POLYGON ((87.3"', "地块编码,WKT"),
        ("/,无,-", "地块编码,经度,纬度"),
    ],
)
def test_a_line_of_a_table_that_could_not_be_read_waits_with_every_cell(
    tmp_path: Path, line: str, head: str
) -> None:
    good = (
        'P0,"POLYGON ((87.3 44.01, 87.4 44.01, 87.4 44.1, 87.3 44.01))"' if "WKT" in head else "P0,87.3,44.01"
    )
    (tmp_path / "a.csv").write_text(f"{head}\n{good}\n{line}\n", encoding="utf-8")
    load(tmp_path / "a.csv", "suspected_plot", county=HERE, commit=True)
    (cells,) = csv.reader([line])
    assert QuarantinedRow.objects.get().original["text"].split("\t") == cells
