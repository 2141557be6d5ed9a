"""An old release that is live, a delivery that changes it, and all that anybody could see of either."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely
from django.contrib.auth.models import User
from shapely.geometry.base import BaseGeometry

from loaders.pipeline import load
from spatial.checks import Question, run_check
from spatial.landuse import Use
from spatial.models import Account, ApiToken, Coverage
from spatial.releases import publish
from tests.factories import known_county
from tests.loaders import files

LAYER, OTHER_LAYER, COUNTY = "suspected_plot", "high_risk_site", "652301"
OLD, NEW = "旧批次", "新批次"
OLD_DAY, NEW_DAY = (date.today() - timedelta(days=days) for days in (60, 10))
PLOTS = 450
MOVED, GONE, BROKEN, KEPT, ADDED = 0, 1, 2, 7, PLOTS
VOLATILE = ("id", "number", "checked_at", "fingerprint")

VISIBLE = {
    "revisions": """
        SELECT v.number, v.kind, e.name
        FROM spatial_revision v LEFT JOIN spatial_release e ON e.id = release_id""",
    "releases": "SELECT name, state FROM spatial_release WHERE state <> 'draft'",
    "features": """
        SELECT f.layer, f.key, f.code, f.name, f.county, ST_AsEWKB(f.geom), f.has_boundary, f.attributes, f.valid_from,
               f.valid_to, f.revisions, f.content, f.file, f.row, s.code AS site
        FROM spatial_feature f LEFT JOIN spatial_site s ON s.id = f.site_id WHERE f.revisions <> '{}'""",
    "coverage": """
        SELECT c.layer, c.county, c.state, c.data_date, c.area, c.confirmed_by, c.revisions, e.name
        FROM spatial_coverage c LEFT JOIN spatial_release e ON e.id = c.release_id""",
    "left out": "SELECT layer, county, rows, revisions FROM spatial_leftout WHERE revisions <> '{}'",
    "loads": """
        SELECT layer, counties, state, file_sha256, rows_read, rows_loaded FROM spatial_load WHERE state <> 'staged'""",
}
"""All that decides what a check, a tile or a list shows, at any revision."""
_OF_STAGED = """
    JOIN spatial_load l ON l.id = load_id AND l.state = 'staged' JOIN spatial_release e ON e.id = l.release_id"""
WAITING = {
    "drafts": "SELECT name FROM spatial_release WHERE state = 'draft'",
    "loads": """
        SELECT e.name, layer, counties, whole, outcome, file_name, file_sha256, crs, encoding, mapping_hash,
               code_version, data_date, base_revision, rows_read, rows_loaded, rows_repaired, rows_quarantined,
               rows_refused, rows_unchanged
        FROM spatial_load l JOIN spatial_release e ON e.id = release_id WHERE l.state = 'staged'""",
    "features": f"""
        SELECT e.name AS release, f.layer, key, code, f.name, county, ST_AsEWKB(geom), has_boundary, attributes,
               valid_from, valid_to, content, f.file, f.row
        FROM spatial_feature f {_OF_STAGED} WHERE f.revisions = '{{}}'""",
    "features of nobody": """
        SELECT key FROM spatial_feature f JOIN spatial_load l ON l.id = load_id
        WHERE f.revisions = '{}' AND l.state NOT IN ('staged', 'withdrawn')""",
    "kept": f"SELECT e.name, k.content FROM spatial_keptrow k {_OF_STAGED}",
    "left out": f"SELECT e.name, o.layer, county, rows FROM spatial_leftout o {_OF_STAGED}",
    "quarantine": f"SELECT e.name, q.row, original, reason FROM spatial_quarantinedrow q {_OF_STAGED}",
    "issues": f"""
        SELECT e.name, code, severity, i.row, ring, field, value, message, hint, lon, lat, owner
        FROM spatial_loadissue i {_OF_STAGED}""",
}
"""All that a load leaves beside the live data. Numbers that a sequence gives are left out: a rerun has others."""
Fingerprint = dict[str, tuple[int, str]]


SHOP = {
    "action": "use_change",
    "proposed_use": Use("MNR-2023", "0901"),
    "current_use": Use("MNR-2023", "1001"),
    "project": {
        "may_pollute_soil": False,
        "may_pollute_groundwater": False,
        "discharges_pollutants": False,
        "livestock": False,
        "aquaculture": False,
        "outfall": False,
    },
}
"""A shop: of what is asked nothing is left unknown."""


def plot(number: int) -> shapely.Polygon:
    """A square of about 80 m by 110 m; no two of them touch."""
    west, south = 87.30 + number % 25 * 0.002, 44.00 + number // 25 * 0.002
    return shapely.box(west, south, west + 0.001, south + 0.001)


PARCELS = {
    name: shapely.MultiPolygon([plot(number).buffer(-0.0002)])
    for name, number in (("moved", MOVED), ("gone", GONE), ("kept", KEPT), ("added", ADDED))
}
"""What is asked: whether the plot of that number lies there."""


def make(folder: Path) -> None:
    """The old release, live in the database that Django uses; everything else is known and empty."""
    known_county()
    Coverage.objects.update(data_date=OLD_DAY)
    plots = {number: plot(number) for number in range(PLOTS)}
    path = delivery(folder / "旧.zip", plots)
    assert load(path, LAYER, county=COUNTY, release=OLD, commit=True, data_date=OLD_DAY).committed
    publish(OLD)


def new_delivery(folder: Path) -> Path:
    """One plot has moved, one is gone, one is new, and one cannot go in."""
    plots = {number: plot(number) for number in range(PLOTS + 1) if number != GONE}
    plots[MOVED] = shapely.transform(plot(MOVED), lambda points: np.add(points, [0.0005, 0.0]))
    plots[BROKEN] = shapely.Polygon([plot(BROKEN).exterior.coords[at] for at in (0, 2, 1, 3)])
    return delivery(folder / "新.zip", plots)


def other_delivery(folder: Path) -> Path:
    """Another one of the same county."""
    return delivery(folder / "另.zip", {number: plot(number) for number in range(100, 300)})


def words(path: Path, release: str = NEW, layer: str = LAYER) -> list[Any]:
    """The command that loads a delivery as the new one is loaded."""
    where = ["--county", COUNTY, "--release", release, "--data-date", NEW_DAY]
    return ["load", layer, path, *where, "--commit", "--json"]


def delivery(path: Path, plots: Mapping[int, BaseGeometry]) -> Path:
    """A zip, so that reading it leaves something in a temporary folder for as long."""
    rows = [
        (shapely.MultiPolygon([shape]), {"DKBM": f"P{number:03}", "DKMC": f"示例地块 {number}", "ZT": "疑似"})
        for number, shape in plots.items()
    ]
    inner = files.geojson(path.with_suffix(".geojson"), rows)
    return files.zipped(path, {inner.name: inner.read_bytes()})


def fingerprint(url: str, queries: Mapping[str, str]) -> Fingerprint:
    """Of each question: how many rows there are, and a hash of them all."""
    with psycopg.connect(url, autocommit=True) as connection:
        return {name: _hashed(connection, query) for name, query in queries.items()}


def _hashed(connection: psycopg.Connection[Any], query: str) -> tuple[int, str]:
    listed = """string_agg(r::text, E'\\n' ORDER BY r::text COLLATE "C")"""
    row = connection.execute(f"SELECT count(*), coalesce(md5({listed}), '') FROM ({query}) AS r").fetchone()
    return int(row[0]), str(row[1])


def answers() -> dict[str, dict[str, Any]]:
    """What the checks of all parcels say, but for what no two answers share."""
    told = {}
    for name, parcel in PARCELS.items():
        answer = run_check(Question(parcel, **SHOP)).answer  # type: ignore[arg-type]
        told[name] = {key: value for key, value in answer.items() if key not in VOLATILE}
    return told


def steward() -> dict[str, str]:
    """The header that speaks for who may load and publish here."""
    user = User.objects.create_user("steward", password="a long enough one 1")
    Account.objects.create(user=user, role="steward", counties=[COUNTY])
    return {"Authorization": f"Bearer {ApiToken.issue(user, 'test')}"}


def without_revision(told: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Answers but for the number of the revision: what is switched back and on again has a new one."""
    return {name: {**one, "versions": {**one["versions"], "revision": None}} for name, one in told.items()}
