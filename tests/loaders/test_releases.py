"""Loading beside, switching on, switching back: what is live at every revision."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from django.db import connection
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from loaders.pipeline import load
from loaders.result import LoadResult
from spatial.models import Coverage, Feature, Load, Release, Revision, Site
from spatial.releases import CannotSwitch, confirm_empty, publish, unpublish
from tests.factories import feature
from tests.grid import grid
from tests.loaders import files

pytestmark = pytest.mark.django_db

PLAN = grid("""
    A . B . C
    . . . . .
    D . E . F
    . . . . .
    G . H . I
""")
SHAPES = {
    "A1": PLAN.polygon("ABED"),
    "A2": PLAN.polygon("BCFE"),
    "A3": PLAN.polygon("DEHG"),
    "A4": PLAN.polygon("EFIH"),
}
MORE = PLAN.polygon("ACIG")
DATED = date(2025, 3, 1)


def deliver(
    folder: Path, codes: Iterable[str], release: str | None = "R1", county: str = "652301", *,
    replaced: dict[str, BaseGeometry | None] | None = None, layer: str = "suspected_plot", commit: bool = True,
) -> LoadResult:  # fmt: skip
    """Load plots by code for a county; `replaced` gives some of them another shape."""
    shapes = {**SHAPES, **(replaced or {})}
    path = files.geojson(
        folder / "a.geojson", [(shapes[code], {"DKBM": code, "DKMC": f"示例{code}"}) for code in codes]
    )
    return load(path, layer, county=county, release=release, commit=commit, data_date=DATED)


def live(
    layer: str = "suspected_plot", county: str = "652301", at: int | None = None
) -> dict[str, BaseGeometry | None]:
    """Key → shape of what is live now or was at a revision."""
    asked = at if at is not None else Revision.objects.latest("number").number
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, ST_AsBinary(geom) FROM spatial_feature WHERE layer = %s AND county = %s AND revisions @> %s",
            [layer, county, asked],
        )
        rows = cursor.fetchall()
    assert len({key for key, _ in rows}) == len(rows)
    return {key: None if shape is None else shapely.from_wkb(bytes(shape)) for key, shape in rows}


def covered(county: str = "652301", layer: str = "suspected_plot") -> tuple[str, date, str | None] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM spatial_coverage WHERE layer = %s AND county = %s AND upper_inf(revisions)",
            [layer, county],
        )
        found = cursor.fetchall()
    assert len(found) <= 1
    if not found:
        return None
    coverage = Coverage.objects.get(pk=found[0][0])
    return coverage.state, coverage.data_date, coverage.release.name if coverage.release else None


def test_nothing_is_live_until_it_is_published(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1", "A2"])
    assert not Revision.objects.exists()
    revision = publish("R1")
    assert revision.number == 1
    assert set(live()) == {"A1", "A2"}
    assert covered() == ("loaded", DATED, "R1")
    assert Load.objects.get().state == "live"
    assert Release.objects.get().state == "published"


def test_a_second_release_writes_only_what_differs(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1", "A2", "A3"])
    publish("R1")
    result = deliver(tmp_path, ["A1", "A2", "A4"], "R2", replaced={"A2": MORE})
    assert (
        result.changes.added,
        result.changes.changed,
        result.changes.removed,
        result.changes.unchanged,
    ) == (1, 1, 1, 1)
    assert result.changes.by_county == {"652301": {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}}
    assert Feature.objects.filter(load_id=result.load).count() == 2
    assert set(live()) == {"A1", "A2", "A3"}
    publish("R2")
    now = live()
    assert set(now) == {"A1", "A2", "A4"}
    assert now["A2"] is not None
    assert now["A2"].equals(MORE)
    before = live(at=1)
    assert set(before) == {"A1", "A2", "A3"}
    assert before["A2"] is not None
    assert before["A2"].equals(SHAPES["A2"])
    assert covered() == ("loaded", DATED, "R2")


def test_taking_back_restores_exactly_what_was_live_and_can_itself_be_taken_back(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1", "A2", "A3"])
    publish("R1")
    deliver(tmp_path, ["A1", "A4"], "R2", replaced={"A1": MORE})
    publish("R2")
    first, second = live(at=1), live(at=2)
    assert unpublish("R2").number == 3
    assert live() == first
    assert covered() == ("loaded", DATED, "R1")
    assert Release.objects.get(name="R2").state == "withdrawn"
    assert publish("R2").number == 4
    assert live() == second
    assert covered() == ("loaded", DATED, "R2")
    unpublish("R2")
    unpublish("R1")
    assert live() == {}
    assert covered() is None
    publish("R1")
    assert live() == first
    assert [live(at=number) for number in (1, 2, 3, 4)] == [first, second, first, second]


def test_the_same_file_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    one = deliver(tmp_path, ["A1"])
    again = deliver(tmp_path, ["A1"])
    assert again.load == one.load
    assert "already_loaded" in {issue.code for issue in again.issues}
    assert (Load.objects.count(), Feature.objects.count()) == (1, 1)
    publish("R1")
    later = deliver(tmp_path, ["A1"], "R2")
    assert (later.changes.added, later.changes.unchanged) == (0, 1)
    publish("R2")
    assert Feature.objects.count() == 1
    assert covered() == ("loaded", DATED, "R2")


def test_the_same_file_is_loaded_again_when_more_of_it_can_go_in_now(tmp_path: Path) -> None:
    rows = [(SHAPES["A1"], {"DKBM": "A1"}), (None, {"DKBM": "A2", "XZQDM": "652301"})]
    path = files.geojson(tmp_path / "a.geojson", rows)
    first = load(path, "suspected_plot", release="R1", commit=True)
    assert (first.rows.loaded, first.rows.quarantined) == (1, 1)
    county = shapely.MultiPolygon([shapely.box(87.0, 43.5, 87.6, 44.5)])
    feature("admin_county", county, county="652301", code="652301")
    again = load(path, "suspected_plot", release="R1", commit=True)
    assert (again.rows.loaded, again.rows.quarantined) == (2, 0)
    assert "already_loaded" not in {issue.code for issue in again.issues}
    assert "replaces_load" in {issue.code for issue in again.issues}
    publish("R1")
    assert set(live()) == {"A1", "A2"}


def test_a_second_delivery_in_one_release_replaces_the_first_and_says_so(tmp_path: Path) -> None:
    first = deliver(tmp_path, ["A1", "A2"])
    second = deliver(tmp_path, ["A3"])
    warning = next(issue for issue in second.issues if issue.code == "replaces_load")
    assert warning.severity == "warning"
    assert f"装入 {first.load}" in warning.message
    assert "2 行" in warning.message
    assert Load.objects.get(pk=first.load).state == "replaced"
    publish("R1")
    assert set(live()) == {"A3"}


def test_a_second_delivery_in_one_release_leaves_entries_of_no_county_to_the_first(tmp_path: Path) -> None:
    table = [["DKBM", "行政区代码"], ["B1", "652301"], ["B2", None], ["B3", "652302"]]
    load(files.xlsx(tmp_path / "a.xlsx", table), "suspected_plot", county="652300", release="R1", commit=True)
    deliver(tmp_path, ["A2"], county="652302")
    publish("R1")
    rows = Feature.objects.filter(load__release__name="R1")
    assert set(rows.values_list("key", "county")) == {("B1", "652301"), ("B2", None), ("A2", "652302")}


def test_counties_of_one_release_do_not_touch_each_other(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1"])
    deliver(tmp_path, ["A2"], county="652302")
    publish("R1")
    assert (set(live()), set(live(county="652302"))) == ({"A1"}, {"A2"})
    deliver(tmp_path, ["A3"], "R2", county="652302")
    publish("R2")
    assert (set(live()), set(live(county="652302"))) == ({"A1"}, {"A3"})
    assert covered() == ("loaded", DATED, "R1")
    assert covered("652302") == ("loaded", DATED, "R2")


def test_a_delivery_for_the_region_covers_every_county_also_those_without_a_row(tmp_path: Path) -> None:
    deliver(tmp_path, ["A2"], county="652302")
    publish("R1")
    path = files.xlsx(tmp_path / "a.xlsx", [["DKBM", "行政区代码"], ["B1", "652301"], ["B2", None]])
    result = load(path, "suspected_plot", county="652300", release="R2", commit=True, data_date=DATED)
    assert (result.changes.added, result.changes.removed) == (2, 1)
    publish("R2")
    assert live(county="652302") == {}
    assert {covered(county) for county in ("652301", "652302", "652328")} == {("loaded", DATED, "R2")}
    assert not Coverage.objects.filter(county="").exists()


def test_a_live_feature_whose_new_row_waits_stays_live(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1", "A2"])
    publish("R1")
    bow_tie = shapely.MultiPolygon([shapely.Polygon([PLAN.point(letter).coords[0] for letter in "AEBD"])])
    result = deliver(tmp_path, ["A2", "A1"], "R2", replaced={"A1": bow_tie})
    assert (result.outcome, result.changes.removed) == ("quarantined", 0)
    publish("R2")
    assert live() == {key: SHAPES[key] for key in ("A1", "A2")} or set(live()) == {"A1", "A2"}


def test_a_release_that_was_compared_with_older_data_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1"])
    deliver(tmp_path, ["A2"], "R2")
    publish("R1")
    with pytest.raises(CannotSwitch, match="已被别的批次更新") as refusal:
        publish("R2")
    assert "重新装入" in refusal.value.hint
    assert set(live()) == {"A1"}
    deliver(tmp_path, ["A2"], "R2")
    publish("R2")
    assert set(live()) == {"A2"}


def test_a_release_cannot_be_taken_back_under_a_later_one(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1"])
    publish("R1")
    deliver(tmp_path, ["A2"], "R2")
    publish("R2")
    with pytest.raises(CannotSwitch, match="批次 R2"):
        unpublish("R1")
    assert set(live()) == {"A2"}


@pytest.mark.parametrize(
    ("act", "state", "words"),
    [
        (publish, None, "没有批次"), (publish, "draft", "没有待发布"), (publish, "published", "已经发布"),
        (unpublish, None, "没有批次"), (unpublish, "draft", "没有发布"), (unpublish, "withdrawn", "没有发布"),
    ],
)  # fmt: skip
def test_a_switch_that_makes_no_sense_is_refused_with_advice(
    act: object, state: str | None, words: str
) -> None:
    if state:
        Release.objects.create(name="R9", state=state)
    with pytest.raises(CannotSwitch, match=words) as refusal:
        act("R9")  # type: ignore[operator]
    assert refusal.value.hint


def test_a_published_release_takes_no_more_loads(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1"])
    publish("R1")
    result = deliver(tmp_path, ["A2"])
    assert result.outcome == "refused"
    assert [issue.code for issue in result.issues if issue.severity == "error"] == ["release_closed"]


def test_without_a_name_the_newest_draft_is_taken_else_a_new_one_named_after_the_day(tmp_path: Path) -> None:
    first = deliver(tmp_path, ["A1"], None)
    assert first.release
    date.fromisoformat(first.release)
    assert deliver(tmp_path, ["A2"], None, county="652302").release == first.release
    publish(first.release)
    assert deliver(tmp_path, ["A2"], None).release == f"{first.release}-2"


def test_entries_of_one_code_in_several_registers_are_one_site(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1", "A2"])
    deliver(tmp_path, ["A1"], layer="contaminated_plot")
    assert not Site.objects.exists()
    publish("R1")
    site = Site.objects.get(code="A1")
    assert (site.name, site.county) == ("示例A1", "652301")
    assert set(site.features.values_list("layer", flat=True)) == {"suspected_plot", "contaminated_plot"}


def test_confirmed_empty_is_the_word_of_a_named_person_and_ends_with_the_next_delivery(
    tmp_path: Path,
) -> None:
    with pytest.raises(CannotSwitch, match="确认人"):
        confirm_empty("suspected_plot", "652301", " ", DATED)
    revision = confirm_empty("suspected_plot", "652301", "王某（示例）", DATED)
    assert (revision.number, covered()) == (1, ("confirmed_empty", DATED, None))
    deliver(tmp_path, ["A1"])
    publish("R1")
    assert covered() == ("loaded", DATED, "R1")
    with pytest.raises(CannotSwitch, match="还有 1 条"):
        confirm_empty("suspected_plot", "652301", "王某（示例）", DATED)
    unpublish("R1")
    assert covered() == ("confirmed_empty", DATED, None)


@pytest.mark.django_db(transaction=True)
def test_two_loads_of_one_layer_at_once_leave_the_result_of_one_of_them_whole(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    Release.objects.create(name="R1")
    results: list[LoadResult] = []

    def run(folder: Path, codes: list[str]) -> None:
        try:
            results.append(deliver(folder, codes))
        finally:
            connection.close()

    threads = []
    for folder, codes in zip(folders, (["A1", "A2"], ["A3", "A4"]), strict=True):
        folder.mkdir()
        threads.append(threading.Thread(target=run, args=(folder, codes)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.outcome for result in results] == ["accepted", "accepted"]
    publish("R1")
    assert set(live()) in ({"A1", "A2"}, {"A3", "A4"})
    assert sorted(Load.objects.values_list("state", flat=True)) == ["live", "replaced"]


def test_a_revision_is_dated_when_all_of_it_is_written(tmp_path: Path) -> None:
    deliver(tmp_path, ["A1"])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;"
            " CREATE TRIGGER slow BEFORE INSERT ON spatial_coverage EXECUTE FUNCTION pg_temp.slow()"
        )
    begun = timezone.now()
    publish("R1")
    # Whoever asks in between is answered without it, and would not be a year later if it were dated as it began.
    assert Revision.objects.latest("number").at >= begun + timedelta(seconds=0.3)
