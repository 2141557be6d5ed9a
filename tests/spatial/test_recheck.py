"""Earlier answers asked again: nothing that changed is missed, what lies elsewhere is left alone, causes are named."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import shapely
from django.db import transaction
from django.utils import timezone
from psycopg.types.multirange import Int4Multirange
from psycopg.types.range import Int4Range

from spatial import catalog
from spatial.checks import Question, run_check
from spatial.landuse import Use
from spatial.models import CheckRun, Coverage, Feature, LeftOut, Recheck, VerdictChange
from spatial.recheck import differ, question_of, recheck
from tests.factories import covered, day, feature, known_county, load_of, revision
from tests.spatial.test_checks import PARCEL, PLAN, SHOP

pytestmark = pytest.mark.django_db
AWAY = shapely.MultiPolygon([shapely.box(87.32, 44.02, 87.321, 44.021)])
"""Some kilometres from PARCEL, in the same county."""


def live_from(number: int, until: int | None = None) -> Int4Multirange:
    return Int4Multirange([Int4Range(number, until)])


def is_live(row: Feature | Coverage, before: int) -> bool:
    """Live, and since before a revision."""
    spans = list(row.revisions)
    return bool(spans) and spans[0].upper is None and spans[0].lower < before


def ended(row: Feature | Coverage | LeftOut, number: int) -> None:
    row.revisions = live_from(row.revisions[0].lower, number)
    row.save()


def ask(**given: Any) -> CheckRun:
    return run_check(Question(**{"parcel": PARCEL, **SHOP, **given}))


def outcome() -> tuple[int, list[tuple[str, str, str | None, list[tuple[str, Any, str]]]]]:
    kept = recheck()
    changes = [
        (
            change.old.number,
            change.old.verdict,
            change.new and change.new.verdict,
            [(one["kind"], one.get("code"), one.get("change")) for one in change.causes],
        )
        for change in kept.changes.order_by("pk")
    ]
    return kept.asked, changes


def test_a_plot_that_came_changes_the_answer_and_is_named() -> None:
    known_county()
    first = ask(purpose="昌土供〔2026〕18号")
    revision(2)
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", revisions=live_from(2))
    assert outcome() == (
        1,
        [(first.number, "clear", "needs_investigation", [("feature", "S1", "came")])],
    )
    new = CheckRun.objects.get(follows=first)
    assert (new.revision, new.purpose, new.answer["parcel"]) == (2, first.purpose, first.answer["parcel"])
    assert new.number != first.number
    assert CheckRun.objects.get(pk=first.pk).answer == first.answer
    assert outcome() == (0, [])


def test_a_plot_that_went_changes_it_back() -> None:
    known_county()
    plot = feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected")
    first = ask()
    revision(2)
    ended(plot, 2)
    assert outcome() == (1, [(first.number, "needs_investigation", "clear", [("feature", "S1", "went")])])


def test_a_boundary_that_the_cadastre_moves_is_asked_again_by_its_number() -> None:
    known_county()
    number = "652301001001GB00001"
    feature("suspected_plot", AWAY, code="S1", status="suspected")
    here = feature("parcel", PARCEL, code=number, parcel_no=number)
    by_number = ask(parcel_no=number, cadastral=True)
    drawn = ask(parcel_no=number)
    revision(2)
    ended(here, 2)
    there = feature("parcel", AWAY, code=number, parcel_no=number, revisions=live_from(2))
    moved = [("feature", number, "came"), ("feature", number, "went")]
    asked, changes = outcome()
    assert (asked, [(*one[:3], sorted(one[3])) for one in changes]) == (
        1,
        [(by_number.number, "clear", "needs_investigation", moved)],
    )
    new = CheckRun.objects.get(follows=by_number)
    assert new.answer["parcel"]["geometry"] != by_number.answer["parcel"]["geometry"]
    assert not CheckRun.objects.filter(follows=drawn)
    revision(3)
    ended(there, 3)
    kept = recheck()
    assert [(c.old.number, c.new, c.failure) for c in kept.changes.all()] == [
        (new.number, None, f"地籍中没有宗地 {number}。")
    ]


def test_a_boundary_that_moved_is_told_though_the_verdict_stays() -> None:
    known_county()
    number = "652301001001GB00001"
    here = feature("parcel", PARCEL, code=number, parcel_no=number)
    first = ask(parcel_no=number, cadastral=True)
    revision(2)
    ended(here, 2)
    feature("parcel", PLAN.polygon("ACIG"), code=number, parcel_no=number, revisions=live_from(2))
    assert outcome() == (
        1,
        [(first.number, "clear", "clear", [("feature", number, "went"), ("feature", number, "came")])],
    )
    assert outcome() == (0, [])


def test_what_lies_elsewhere_is_not_asked_again() -> None:
    known_county()
    ask()
    revision(2)
    far = shapely.MultiPolygon([shapely.box(87.5, 44.2, 87.51, 44.21)])
    feature("suspected_plot", far, code="S1", status="suspected", revisions=live_from(2))
    covered("farmland_class", "652302", revisions=live_from(2))
    assert outcome() == (0, [])


def test_newer_data_that_say_the_same_are_no_reason_to_ask_again() -> None:
    known_county(but=("eco_redline",))
    old = covered("eco_redline", data_date=day("2026-10-01"))
    ask(as_of=day("2026-11-01"))
    revision(2)
    ended(old, 2)
    covered("eco_redline", data_date=day("2026-10-15"), revisions=live_from(2))
    assert outcome() == (0, [])


def test_a_layer_that_came_closes_the_gap() -> None:
    known_county(but=("eco_redline",))
    first = ask()
    revision(2)
    covered("eco_redline", revisions=live_from(2))
    assert outcome() == (1, [(first.number, "undetermined", "clear", [("coverage", None, "came")])])


def test_coverage_that_went_opens_one() -> None:
    known_county(but=("eco_redline",))
    row = covered("eco_redline")
    first = ask()
    revision(2)
    ended(row, 2)
    assert outcome() == (1, [(first.number, "clear", "undetermined", [("coverage", None, "went")])])


def test_rows_that_wait_and_entries_without_a_place_are_reasons() -> None:
    known_county()
    first = ask()
    revision(2)
    LeftOut.objects.create(
        layer="eco_redline", county="652301", load=load_of("eco_redline"), rows=1, revisions=live_from(2)
    )
    assert outcome() == (1, [(first.number, "clear", "undetermined", [("left_out", None, "came")])])
    revision(3)
    feature("suspected_plot", None, code="X1", name="示例化工", revisions=live_from(3), status="suspected")
    second = CheckRun.objects.get(follows=first)
    assert outcome() == (
        1,
        [(second.number, "undetermined", "undetermined", [("unlocated", "X1", "came")])],
    )


def test_a_report_that_lifts_a_duty_is_named_although_no_finding_names_it() -> None:
    known_county()
    school = {"proposed_use": Use("MNR-2023", "080403")}
    first = ask(**school)
    assert first.verdict == "needs_investigation"
    revision(2)
    feature(
        "investigation_report",
        PLAN.polygon("ACIG"),
        code="B1",
        revisions=live_from(2),
        reviewed=True,
        report_type="preliminary",
        conclusion="not_exceeding",
        assumed_gb_class="1",
    )
    assert outcome() == (1, [(first.number, "needs_investigation", "clear", [("feature", "B1", "came")])])


def test_what_came_and_went_between_an_answer_and_now_is_seen() -> None:
    known_county()
    revision(2)
    plot = feature(
        "suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", revisions=live_from(2)
    )
    first = ask()
    revision(3)
    ended(plot, 3)
    assert outcome() == (1, [(first.number, "needs_investigation", "clear", [("feature", "S1", "went")])])


def test_only_the_newest_answer_to_a_question_is_asked_again_and_one_about_the_past_never() -> None:
    known_county()
    moment = timezone.now()
    ask()
    newest = ask()
    other = ask(action="supply")
    ask(known_at=moment)
    revision(2)
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", revisions=live_from(2))
    kept = recheck()
    assert kept.asked == 2
    assert {change.old_id for change in kept.changes.all()} == {newest.pk, other.pk}


def test_since_leaves_out_what_changed_before() -> None:
    known_county()
    ask()
    revision(2)
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", revisions=live_from(2))
    revision(3)
    assert recheck(since=2).asked == 0
    assert recheck(since=1).asked == 1


def test_asking_all_again_sees_what_the_day_changed() -> None:
    known_county()
    feature(
        "suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", valid_from=timezone.localdate()
    )
    first = ask()
    CheckRun.objects.filter(pk=first.pk).update(answer={**first.answer, "findings": [], "verdict": "clear"})
    assert recheck().asked == 0
    kept = recheck(everything=True)
    assert kept.asked == 1
    assert kept.changes.get().causes == [{"kind": "day"}]


def test_a_parcel_that_no_county_holds_any_more_is_told_once() -> None:
    known_county(but=("admin_county",))
    outline = Feature.objects.get(layer="admin_county")
    for county in catalog.current().counties:
        covered("admin_county", county)
    first = ask()
    revision(2)
    ended(outline, 2)
    far = shapely.MultiPolygon([shapely.box(90, 44, 91, 45)])
    feature("admin_county", far, code="652301", revisions=live_from(2))
    kept = recheck()
    change = kept.changes.get()
    assert (change.old, change.new, kept.asked) == (first, None, 1)
    assert "县市范围" in change.failure
    assert recheck().changes.count() == 0


RESTRICTIONS = (
    "suspected_plot",
    "eco_redline",
    "farmland_class",
    "risk_register_plot",
    "key_supervised_unit_land",
)
KINDS = (*["feature"] * 3, *["went"] * 2, "coverage", "unlocated", "left_out", "outline")
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "suspected_plot": {"status": "suspected"},
    "eco_redline": {"control_area": "general"},
    "farmland_class": {"class": "safe_use"},
    "risk_register_plot": {"register_status": "listed"},
    "key_supervised_unit_land": {"unit_type": "soil"},
}


def _box(random: Random, west: float, span: float) -> shapely.MultiPolygon:
    x, y = west + random.random() * span, 44.0 + random.random() * span
    side = 0.0002 + random.random() * 0.004
    return shapely.MultiPolygon([shapely.box(x, y, x + side, y + side)])


def _change(random: Random, number: int) -> None:
    """One revision that does a few things, as publishing, taking back and confirming would leave the tables."""
    revision(number)
    for _ in range(random.randint(1, 3)):
        layer = random.choice(RESTRICTIONS)
        kind = random.choice(KINDS)
        county = random.choice(("652301", "652302"))
        now = live_from(number)
        if kind == "feature":
            shape = _box(random, 87.28, 0.04)
            feature(layer, shape, county, code=f"F{random.random()}", revisions=now, **ATTRIBUTES[layer])
        elif kind == "went":
            rows = list(Feature.objects.exclude(layer="admin_county").order_by("pk"))
            live = [row for row in rows if is_live(row, number)]
            if live:
                ended(random.choice(live), number)
        elif kind == "coverage":
            for row in Coverage.objects.filter(layer=layer, county=county):
                if is_live(row, number):
                    ended(row, number)
            age = random.choice((0, 0, 4000))
            if random.random() < 0.7:
                date = timezone.localdate() - timedelta(days=age)
                covered(layer, county, data_date=date, revisions=now)
        elif kind == "unlocated":
            owner = random.choice((county, None))
            feature(layer, None, owner, code=f"U{random.random()}", revisions=now, **ATTRIBUTES[layer])
        elif kind == "left_out":
            load = load_of(layer)
            if not LeftOut.objects.filter(load=load, county=county).exists():
                LeftOut.objects.create(layer=layer, county=county, load=load, rows=1, revisions=now)
        else:
            line = random.choice((87.295, 87.3, 87.305))
            for row in Feature.objects.filter(layer="admin_county"):
                if is_live(row, number):
                    ended(row, number)
            if not Feature.objects.filter(layer="admin_county", revisions=now).exists():
                _outlines(line, now)


def _outlines(line: float, revisions: Int4Multirange) -> None:
    for county, west, east in (("652301", 86.5, line), ("652302", line, 88.0)):
        shape = shapely.MultiPolygon([shapely.box(west, 43.0, east, 45.0)])
        feature("admin_county", shape, county, code=county, revisions=revisions)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] if seed >= 10 else []) for seed in range(25)]
)
def test_nothing_is_missed_that_asking_all_again_would_find(seed: int) -> None:
    random = Random(seed)
    known_county("652301", shapely.MultiPolygon([shapely.box(86.5, 43.0, 87.3, 45.0)]))
    feature(
        "admin_county", shapely.MultiPolygon([shapely.box(87.3, 43.0, 88.0, 45.0)]), "652302", code="652302"
    )
    for layer in sorted({row.layer for row in Coverage.objects.all()}):
        covered(layer, "652302")
    for _ in range(6):
        ask(parcel=_box(random, 87.28, 0.04), action=random.choice(("use_change", "supply", None)))
    for number in range(2, 6):
        for _ in range(random.randint(1, 2)):
            _change(random, number)
        if random.random() < 0.5:
            ask(parcel=_box(random, 87.28, 0.04))
        if number == 3:
            recheck()
    newest = {
        run.pk: run for run in CheckRun.objects.all() if not CheckRun.objects.filter(follows=run).exists()
    }
    expected = {}
    for run in newest.values():
        with transaction.atomic():
            again = run_check(question_of(run))
            if differ(run.answer, again.answer):
                expected[run.pk] = (again.verdict, again.complete)
            transaction.set_rollback(True)
    kept = recheck()
    found = {
        change.old_id: (change.new.verdict, change.new.complete)
        for change in kept.changes.all()
        if change.new
    }
    assert found == expected
    assert all(change.causes and change.causes != [{"kind": "day"}] for change in kept.changes.all())
    assert Recheck.objects.count() == 2
    assert VerdictChange.objects.filter(failure="").exclude(new=None).count() == VerdictChange.objects.count()


def test_a_boundary_that_moved_is_told_though_the_same_rules_fire() -> None:
    """The plot covers half as much of the parcel as before: the file says another thing."""
    known_county()
    row = feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected")
    west, south, east, north = PARCEL.bounds
    less = shapely.MultiPolygon([shapely.box(west, south, (3 * west + east) / 4, north)])
    small = feature("suspected_plot", less, code="S1", status="suspected", revisions=live_from(2))
    first = ask()
    revision(2)
    ended(row, 2)
    _, changes = outcome()
    assert [(old, new) for _, old, new, _ in changes] == [("needs_investigation", "needs_investigation")]
    assert CheckRun.objects.get(follows=first).answer["findings"][0]["feature"]["id"] == str(small.pk)


def test_an_answer_stored_on_an_older_revision_after_the_recheck_is_asked_by_the_next_one() -> None:
    """A batch is judged on one revision; what went live meanwhile was looked at before its answers were stored."""
    known_county()
    stored = ask()
    revision(2)
    feature("suspected_plot", PLAN.polygon("ACIG"), code="S1", status="suspected", revisions=live_from(2))
    CheckRun.objects.filter(pk=stored.pk).update(checked_at=timezone.now() + timedelta(hours=1))
    assert recheck(since=2).asked == 0  # it looked before the answer was stored
    recheck(since=2)
    assert CheckRun.objects.get(follows=stored).verdict == "needs_investigation"
