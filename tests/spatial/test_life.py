"""Any history of a site against a plain model: what is refused, what holds on any day, and what was known when."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from spatial.refusal import Refusal
from spatial.registers.notices import Line, Paper, publish_notice
from spatial.registers.recording import Entry, add, find
from spatial.registers.telling import site_told, state_on
from spatial.releases import newest_revision

# The table of domain knowledge (order 42, 土壤污染防治法 36-66), typed here by hand and not read from the code.
MOVES = {
    "suspect": ("S0", "S1"), "investigate": ("S1", "S2"), "exclude": ("S2", "S3"), "confirm": ("S2", "S4"),
    "investigate_in_detail": ("S4", "S5"), "assess": ("S5", "S6"), "accept": ("S6", "S7"), "register": ("S6", "S8"),
    "control": ("S8", "S9a"), "remediate": ("S8", "S9b"), "evaluate": ("S9a S9b", "S10"),
    "control_again": ("S10", "S9a"), "remediate_again": ("S10", "S9b"), "apply_for_removal": ("S10", "S11"),
    "remove": ("S11", "S12"), "manage_afterwards": ("S12", "S13"), "reopen": ("S3 S7 S12 S13", "S2"),
    "reopen_in_detail": ("S3 S7 S12 S13", "S5"),
}  # fmt: skip
ACTOR = {
    "suspect": "county_ecology", "investigate": "land_user", "exclude": "county_ecology",
    "confirm": "prefecture_ecology", "investigate_in_detail": "responsible_party", "assess": "responsible_party",
    "accept": "region_ecology", "register": "region_ecology", "remove": "region_ecology",
    "reopen": "county_ecology", "reopen_in_detail": "county_ecology",
}  # fmt: skip
LISTS = {"suspected_plot": "county_ecology", "contaminated_plot": "prefecture_ecology"}
START = date(2023, 1, 1)
DAYS = st.integers(0, 12).map(lambda n: START + timedelta(days=n))
LAST = START + timedelta(days=20)


@dataclass
class Kept:
    number: int
    kind: str
    what: str
    on: date
    known: int
    corrects: int | None = None


@dataclass
class Model:
    """What happened, as a list; what holds is counted from the beginning each time."""

    kept: list[Kept] = field(default_factory=list)

    def told(self, on: date, known: int) -> tuple[str, set[str]] | None:
        """The stage and the lists on a day; None where the history cannot be."""
        seen = [one for one in self.kept if one.known <= known]
        gone = {one.corrects for one in seen}
        counting = sorted(
            (one for one in seen if one.number not in gone and one.kind != "void" and one.on <= on),
            key=lambda one: (one.on, one.number),
        )
        stage, lists = "S0", set[str]()
        for one in counting:
            if one.kind == "move":
                origins, to = MOVES[one.what]
                if stage not in origins.split():
                    return None
                stage = to
            elif (one.kind == "enter") == (one.what in lists):
                return None
            elif one.kind == "enter":
                lists.add(one.what)
            else:
                lists.remove(one.what)
        return stage, lists


class Life(RuleBasedStateMachine):
    """One site, many events, in any order of days."""

    numbers: Bundle[int] = Bundle("numbers")

    @initialize()
    def begin(self) -> None:
        self.user, _ = User.objects.get_or_create(username="steward")
        self.code = f"T{uuid.uuid4().hex[:12]}"
        self.model = Model()
        self.revisions: list[int] = []
        paper = Paper(f"{self.code}-0", START - timedelta(days=100), "示例公告", "prefecture_ecology")
        line = Line(self.code, name="示例地块", county="652301", shape=None)
        publish_notice("priority_control_plot", paper, [line], [], self.user)
        self.model_offset = 1

    @rule(target=numbers, what=st.sampled_from(sorted(MOVES)), on=DAYS)
    def move(self, what: str, on: date) -> int:
        return self.ask(Kept(0, "move", what, on, 0))

    @rule(target=numbers, on=DAYS)
    def likely_move(self, on: date) -> int:
        """One that can follow, so that histories get long."""
        stage, _ = self.model.told(LAST, 10**9) or ("S0", set())
        can = sorted(name for name, (origins, _) in MOVES.items() if stage in origins.split())
        later = max((one.on for one in self.model.kept), default=START)
        return self.ask(Kept(0, "move", can[on.toordinal() % len(can)], max(on, later), 0))

    @rule(target=numbers, what=st.sampled_from(sorted(LISTS)), on=DAYS, enters=st.booleans())
    def list_move(self, what: str, on: date, enters: bool) -> int:
        return self.ask(Kept(0, "enter" if enters else "leave", what, on, 0))

    @rule(number=numbers, on=DAYS)
    def correct(self, number: int, on: date) -> None:
        """The same thing on another day."""
        old = next((one for one in self.model.kept if one.number == number), None)
        if old and not any(one.corrects == number for one in self.model.kept):
            self.ask(Kept(0, old.kind, old.what, on, 0, number))

    @rule(number=consumes(numbers))
    def void(self, number: int) -> None:
        old = next((one for one in self.model.kept if one.number == number), None)
        if old and not any(one.corrects == number for one in self.model.kept):
            self.ask(Kept(0, "void", "", old.on, 0, number))

    def ask(self, wanted: Kept) -> int:
        """Ask it of both; the model says whether it can be."""
        before = find(self.code).events.count()
        wanted.number, wanted.known = before + 1, newest_revision() + 1
        tried = Model([*self.model.kept, wanted])
        voided = self.voided(wanted)
        by_notice = voided is not None and voided.what == "contaminated_plot"
        legal = tried.told(LAST, 10**9) is not None and not by_notice
        if not legal:
            with pytest.raises(Refusal) as told:
                self.record(wanted, before)
            assert str(told.value) and told.value.hint
            assert find(self.code).events.count() == before
            assert newest_revision() == wanted.known - 1
            return 0
        self.record(wanted, before)
        self.model = tried
        self.revisions.append(wanted.known)
        return wanted.number

    def voided(self, one: Kept) -> Kept | None:
        """What a void takes back; an entry or exit of a public list is taken back by a notice alone."""
        return next(
            (old for old in self.model.kept if one.kind == "void" and old.number == one.corrects), None
        )

    def record(self, one: Kept, before: int) -> None:
        detail: dict[str, Any] = {
            "contractor": f"单位{before}",
            "use_condition": "工业",
            "released_for": "工业",
        }
        what = (self.voided(one) or one).what
        actor = LISTS.get(what) or ACTOR.get(what, "responsible_party")
        if one.kind in ("enter", "leave") and one.what == "contaminated_plot" and one.corrects is None:
            paper = Paper(f"{self.code}-{before}", one.on, "示例公告", actor)
            line = Line(self.code, one.on)
            lines = ([line], []) if one.kind == "enter" else ([], [line])
            publish_notice(one.what, paper, *lines, self.user)
            return
        entry = Entry(
            one.kind, one.what, one.on, actor, "示例〔2023〕1号", one.on, "", detail if one.kind == "move" else {},
            corrects=one.corrects,
        )  # fmt: skip
        add(self.code, [entry], after=before, by=self.user)

    @invariant()
    def history_is_the_models(self) -> None:
        if not hasattr(self, "code"):
            return
        site = find(self.code)
        known = self.revisions[-3:] or [newest_revision()]
        for revision in known:
            for on in (START - timedelta(days=1), START + timedelta(days=4), START + timedelta(days=9), LAST):
                expected = self.model.told(on, revision)
                assert expected is not None
                state = state_on(site, on, revision)
                told = site_told(site, on, revision)
                assert (state.stage, told["stage"]["id"]) == (expected[0], expected[0])
                listed = {one["layer"] for one in told["lists"] if one["listed"]} - {"priority_control_plot"}
                assert listed == expected[1], (on, revision)


@pytest.mark.django_db
def test_any_history_is_that_of_a_plain_model() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        ),
    )
