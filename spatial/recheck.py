"""Ask earlier answers again where the data changed, and keep which of them came out differently."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from spatial import cadastre, catalog, crs, rules, watch
from spatial.cadastre import ParcelUnknown
from spatial.certainty import position_errors
from spatial.checks import ParcelOutside, question_of, run_check
from spatial.coverage import COUNTY_LAYER, is_outdated
from spatial.measure import OutOfTime
from spatial.models import Case, CheckRun, Job, Recheck, VerdictChange
from spatial.releases import lock, newest_revision

LEAST_MOVE_M2, LEAST_MOVE_SHARE = 1.0, 0.01
PAUSES_S = (0.0, 0.5, 2.0)
"""Before each try of one answer that fails for a reason of its own."""
FAILED = "复查出错，将自动重试："
"""How the reason begins where nothing was found out about the parcel."""
log = logging.getLogger("jingtu.recheck")
NORTHERNMOST = 53.56
"""A degree of longitude is shortest there: what is enough there is enough everywhere in the area of use."""
QUESTION = """asked_by_id, CASE WHEN request->>'cadastral' = 'true' THEN '' ELSE md5(ST_AsBinary(parcel)) END,
  request->>'parcel_no', request->>'as_of', answer->'action', answer->'proposed_use', answer->'current_use',
  answer->'project'"""
"""What is the same in two checks that ask the same; a cadastral number stands for its parcel."""
SQL = (
    (Path(__file__).parent / "sql" / "recheck.sql")
    .read_text(encoding="utf-8")
    .replace("{question}", QUESTION)
)
QUESTIONS = f"""
SELECT DISTINCT ON ({QUESTION}) id
FROM spatial_checkrun
WHERE request->>'known_at' IS NULL AND id <> ALL(%(besides)s::uuid[])
ORDER BY {QUESTION}, checked_at DESC, id
"""  # noqa: S608  a constant
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Difference:
    """A row around a parcel that is live now and was not (`came`), or was and is not."""

    kind: str
    layer: str
    feature: int | None
    code: str | None
    name: str | None
    county: str | None
    came: bool
    data_date: date | None
    part: bool | None

    def told(self) -> dict[str, Any]:
        """As it stands among the causes of a change."""
        feature = None if self.feature is None else str(self.feature)
        return {
            "kind": self.kind,
            "layer": self.layer,
            "feature": feature,
            "code": self.code,
            "name": self.name,
            "county": self.county,
            "change": "came" if self.came else "went",
        }


def recheck(
    since: int = 0,
    everything: bool = False,
    by: Any = None,
    job: Job | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Recheck:
    """Ask again the newest answer to each question whose facts may have changed, each with the same request.

    Of each answer counts what changed after its own revision, or after `since` where that is later; `everything` asks
    all again, whatever changed. What was asked about a moment of the past (`known_at`) stays. May be begun again.
    An answer that fails keeps the others from nothing; the next recheck asks it once more (`unanswered`).
    """
    with transaction.atomic():
        lock("answers")  # what is stored later is stored after `at`
        newest = newest_revision()
        since = min(
            [
                since,
                *filter(None, [overlooked()]),
                *unanswered().values_list("recheck__since", flat=True),
            ]
        )
        given = {"since": since, "revision": newest, "everything": everything, "by": by}
        kept = (
            Recheck.objects.get_or_create(job=job, defaults=given)[0]
            if job
            else Recheck.objects.create(**given)
        )
    # Whoever waits for an answer to act on it is told first, however many answers there are.
    differences = differing(since, newest, cases=True)
    watched = list(Case.objects.filter(is_open=True).values_list("latest_id", flat=True))
    first = watched if everything else list(differences)
    _ask_all(kept, first, differences, progress)
    # The same may have been asked outside the case, and later: that answer counts as if the case were not.
    made = list(CheckRun.objects.filter(follows__in=first, revision=newest).values_list("pk", flat=True))
    differences = differing(since, newest, besides=made)
    rest = _questions(made) if everything else sorted({*differences, *_failed()})
    _ask_all(kept, [key for key in rest if key not in set(first)], differences, progress)
    return kept


def _failed() -> list[UUID]:
    """Answers that could not be given anew, and have not been since."""
    failed = CheckRun.objects.filter(changes__new=None, changes__isnull=False)
    return list(
        failed.exclude(pk__in=CheckRun.objects.exclude(follows=None).values("follows")).values_list(
            "pk", flat=True
        )
    )


def overlooked() -> int | None:
    """The oldest revision of the answers that came too late for the last recheck of a newer one; None without any.

    A batch is judged on one revision, whatever goes live meanwhile.
    """
    ended = Q(job__state=Job.State.DONE) | Q(job__isnull=True)
    last = Recheck.objects.filter(ended).order_by("-revision", "-at").first()
    if last is None:
        return None
    late = CheckRun.objects.filter(checked_at__gt=last.at, revision__lt=last.revision, request__known_at=None)
    return late.order_by("revision").values_list("revision", flat=True).first()


def unanswered() -> QuerySet[VerdictChange]:
    """Answers that failed for a reason of their own, and were not asked again since."""
    asked = CheckRun.objects.filter(follows=OuterRef("old"))
    return VerdictChange.objects.filter(~Exists(asked), failure__startswith=FAILED)


def _ask_all(
    kept: Recheck, ids: Sequence[UUID], differences: Mapping[UUID, list[Difference]], progress: Progress
) -> None:
    for number, key in enumerate(dict.fromkeys(ids)):
        old, rows = CheckRun.objects.get(pk=key), differences.get(key, [])
        for pause in PAUSES_S:
            progress("rechecking", number, len(ids))
            time.sleep(pause)
            try:
                _ask_again(kept, old, rows)
                break
            except Exception as error:
                if not connection.is_usable():
                    raise
                log.exception("answer %s could not be asked again", old.number)
                failure = f"{FAILED}{type(error).__name__}"
        else:  # one answer keeps no other from being asked
            _cannot_be_asked(kept, old, rows, failure)


def differing(
    since: int, newest: int, *, cases: bool = False, besides: Sequence[UUID] = ()
) -> dict[UUID, list[Difference]]:
    """Answer → what differs around its parcel in a way that may change it; only answers with any.

    `cases`: of the checks of open cases alone, else of the newest answer to each question, those `besides` left out.
    """
    known, book = catalog.current(), rules.current()
    errors = position_errors(known, book)
    reach = {layer: max(book.reach_m(layer), errors.reach_m(layer)) for layer in sorted(book.gap_layers)}
    reach[COUNTY_LAYER] = max(reach.values(), default=0.0)
    widened = [crs.degrees_for(metres, NORTHERNMOST) for metres in reach.values()]
    given: dict[str, Any] = {
        "since": since,
        "newest": newest,
        "cases": cases,
        "besides": list(besides),
        "layers": list(reach),
        "dx": [dx for dx, _ in widened],
        "dy": [dy for _, dy in widened],
        "county_layer": COUNTY_LAYER,
        "cadastre": cadastre.LAYER,
    }
    found: dict[UUID, list[Difference]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SQL, given)
        for key, *row in cursor.fetchall():
            found.setdefault(key, []).append(Difference(*row))
    told = CheckRun.objects.filter(pk__in=found).values_list("pk", "answer__gaps", "request__as_of")
    kept = {key: _that_matter(gaps, asked, found[key], known) for key, gaps, asked in told}
    return {key: rows for key, rows in kept.items() if rows}


def _that_matter(
    told: list[dict[str, Any]], asked: str | None, rows: list[Difference], known: catalog.Catalog
) -> list[Difference]:
    """Without newer coverage of the same ground: where there was no gap and there is none, the day alone is another."""
    gaps = {(gap["layer"], gap["county"]) for gap in told}
    as_of = date.fromisoformat(asked) if asked else timezone.localdate()
    whole = {
        (row.layer, row.county)
        for row in rows
        if row.kind == "coverage" and row.came and not row.part and row.county and row.data_date
        if not is_outdated(known, known.layer(row.layer), row.county, row.data_date, as_of)
    }
    return [
        row
        for row in rows
        if row.kind != "coverage" or (row.layer, row.county) in gaps or (row.layer, row.county) not in whole
    ]


def _questions(besides: Sequence[UUID]) -> list[UUID]:
    """The newest answer to each question, some answers left out."""
    with connection.cursor() as cursor:
        cursor.execute(QUESTIONS, {"besides": list(besides)})
        return sorted(key for (key,) in cursor.fetchall())


def _ask_again(kept: Recheck, old: CheckRun, rows: list[Difference]) -> None:
    """One answer anew; what it says and that it changed are written together."""
    try:
        with transaction.atomic():
            list(watch.locked(latest=old, is_open=True))  # before the audit chain, as everywhere
            new = run_check(question_of(old), old.asked_by_id, follows=old)
            if differ(old.answer, new.answer):
                causes = causes_of(old.answer, new.answer, rows)
                watch.flag(VerdictChange.objects.create(recheck=kept, old=old, new=new, causes=causes))
            else:
                watch.moved_on(old, new)
    except (ParcelOutside, ParcelUnknown, OutOfTime) as error:
        _cannot_be_asked(kept, old, rows, str(error) or "地块未能在时限内量算完。")
    kept.asked += 1
    kept.save(update_fields=["asked"])


def _cannot_be_asked(kept: Recheck, old: CheckRun, rows: list[Difference], reason: str) -> None:
    """Keep once that an answer has no successor, and why."""
    with transaction.atomic():
        list(watch.locked(latest=old, is_open=True))
        if not VerdictChange.objects.filter(old=old, failure=reason).exists():
            given = {"recheck": kept, "old": old, "causes": [row.told() for row in rows], "failure": reason}
            watch.flag(VerdictChange.objects.create(**given))


def differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two answers say another thing: headline, completeness, which rules fired on what, or on how much.

    Or of another boundary: the cadastre moved that of a parcel that was asked by its number.
    """
    headline = (old["verdict"], old["complete"]) != (new["verdict"], new["complete"])
    moved = old["parcel"]["geometry"] != new["parcel"]["geometry"]
    return headline or moved or _fired(old) != _fired(new) or _moved(_areas(old), _areas(new))


def _moved(before: Mapping[Any, float], after: Mapping[Any, float]) -> bool:
    """Whether an overlap became larger or smaller by more than a survey may: 1 m² and a hundredth."""
    return any(
        abs(area - after[key]) > max(LEAST_MOVE_M2, LEAST_MOVE_SHARE * max(area, after[key]))
        for key, area in before.items()
    )


def _areas(answer: Mapping[str, Any]) -> dict[tuple[Any, ...], float]:
    areas: dict[tuple[Any, ...], float] = {}
    for finding in answer["findings"]:
        key = _key(finding)
        areas[key] = areas.get(key, 0.0) + (finding["overlap_area_m2"] or 0.0)
    return areas


def _fired(answer: Mapping[str, Any]) -> Counter[tuple[Any, ...]]:
    return Counter(_key(finding) for finding in answer["findings"])


def _key(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a finding says; a feature is known by its code, so that a new version of it is no other one."""
    feature = finding["feature"] or {}
    named = feature.get("code") or feature.get("id")
    return finding["rule"], finding["verdict"], finding["layer"], named, finding["county"], finding.get("gap")


def causes_of(
    old: Mapping[str, Any], new: Mapping[str, Any], rows: Iterable[Difference]
) -> list[dict[str, Any]]:
    """Which differences did it: those named by findings that are new or gone, and all evidence; else all there are.

    A boundary that the cadastre moved is always named.
    """
    known, rows = catalog.current(), list(rows)
    before, after = _fired(old), _fired(new)
    other = [f for f in old["findings"] if _key(f) in before - after]
    other += [f for f in new["findings"] if _key(f) in after - before]
    features = {f["feature"]["id"] for f in other if f["feature"]}
    gaps = {(f["layer"], f["county"]) for f in other if f.get("gap")}
    named = [
        row
        for row in rows
        if str(row.feature) in features
        or (row.kind != "feature" and (row.layer, row.county) in gaps)
        or known.layer(row.layer).role == "evidence"
        or row.layer == cadastre.LAYER
    ]
    causes = [row.told() for row in named or rows]
    causes += [
        {"kind": name} for name in ("catalog", "rules") if old["versions"][name] != new["versions"][name]
    ]
    return causes or [{"kind": "day"}]


def change_told(change: VerdictChange) -> dict[str, Any]:
    """A change as people and programs see it."""
    return {
        "id": change.pk,
        "at": change.at.isoformat(),
        "recheck": change.recheck_id,
        "parcel_no": change.old.answer["parcel"]["parcel_no"],
        "counties": change.old.counties,
        "action": change.old.answer["action"],
        "purpose": change.old.purpose,
        "old": _run_told(change.old),
        "new": _run_told(change.new) if change.new else None,
        "failure": change.failure or None,
        "causes": change.causes,
    }


def _run_told(run: CheckRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "number": run.number,
        "verdict": run.verdict,
        "complete": run.complete,
        "as_of": run.as_of.isoformat(),
        "revision": run.revision,
    }
