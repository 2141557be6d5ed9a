"""Answers are as /openapi.json says: every route is described.

The client of all tests here holds its answers (tests/api/told.py); these, with test_matrix, leave no route out.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient

from api.answers import cases, field_work, loads, registers, words
from spatial import rules
from spatial.models import Account, Case, Inspection, Job, Load, Manifest, Release
from spatial.registers.replay import KINDS
from tests.api.conftest import Bearer
from tests.api.told import OF_ITS_OWN, checkers, description

ELSEWHERE = {
    "POST /cases/{number}/checks 201 application/json": "test_case_watch.py",
    "POST /cases/{number}/follow 200 application/json": "test_case_watch.py",
    "POST /messages/read 200 application/json": "test_cases.py",
    "POST /parcels/preview 200 application/json": "test_uploads.py",
    "POST /parcels/preview/text 200 application/json": "test_matrix.py",
    "POST /checks/upload 201 application/json": "test_checks.py",
    "POST /checks/upload 202 application/json": "test_checks.py",
    "POST /manifests/{number}/steps 201 application/json": "test_field_work.py",
    "POST /inspections/{number}/steps 201 application/json": "test_field_work.py",
    "POST /jobs/{job_id}/cancel 200 application/json": "test_jobs.py",
    "POST /jobs/{job_id}/papers 202 application/json": "test_reports.py",
    "POST /loads 202 application/json": "test_loads.py",
    "GET /loads/{load_id}/issues 200 application/geo+json": "test_loads.py",
    "POST /overlays/upload 202 application/json": "test_overlays.py",
    "POST /raster/{layer}/statistics 200 application/json": "test_rasters.py",
    "POST /releases/{name}/publish 200 application/json": "test_loads.py",
    "POST /releases/{name}/unpublish 200 application/json": "test_loads.py",
    "POST /coverage/confirm-empty 201 application/json": "test_loads.py",
    "POST /checks/{check_id}/overrides 201 application/json": "test_remarks.py",
    "POST /checks/{check_id}/disputes 201 application/json": "test_remarks.py",
    "POST /checks/{check_id}/overrides/{remark_id}/withdraw 201 application/json": "test_remarks.py",
    "POST /checks/{check_id}/disputes/{remark_id}/withdraw 201 application/json": "test_remarks.py",
    "POST /packages 202 application/json": "test_packages.py",
    "GET /packages/{job_id}/{file} 200 application/json": "test_packages.py",
    "POST /successions 201 application/json": "test_lineage.py",
}
"""Described answers that the world of test_matrix does not give, and the tests that are given them."""


def test_every_answer_of_json_is_described() -> None:
    said = {
        f"{method.upper()} {path} {status} {media}"
        for path, methods in description()["paths"].items()
        if path not in OF_ITS_OWN
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        for media in response.get("content", {})
        if status.startswith("2") and media.endswith("json")
    }
    assert said == {" ".join(route) for route in checkers()}


@pytest.mark.parametrize("name", sorted(set(ELSEWHERE.values())))
def test_what_the_world_does_not_answer_is_asked_for_where_it_is_said(name: str) -> None:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    for route in (route for route, where in ELSEWHERE.items() if where == name):
        last = route.split()[1].rpartition("/")[2]
        assert last.partition("{")[0] in text, route


def fields(told: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every field of an answer, of a list's first thing alone."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield (*at, name)
            yield from fields(value, (*at, name))
    elif isinstance(told, list) and told:
        yield from fields(told[0], (*at, 0))


@pytest.mark.parametrize("path", ["/me", "/dashboard", "/lifecycle", "/rules", "/legend"])
def test_a_field_that_is_missing_misspelt_or_of_another_kind_is_told(
    client: TestClient, bearer: Callable[..., Bearer], path: str
) -> None:
    right = client.get(path, headers=bearer("steward")).json()
    checker = checkers()["GET", path, "200", "application/json"]
    assert checker.is_valid(right)
    tried = 0
    for *at, name in fields(right):

        def holder(told: Any, at: list[Any] = at) -> Any:
            for step in at:
                told = told[step]
            return told

        if at and at[-1] == "actors" and path == "/lifecycle":
            continue  # a word for each actor: any name is right
        missing, misspelt, other = (copy.deepcopy(right) for _ in range(3))
        del holder(missing)[name]
        holder(misspelt)[f"{name}s"] = holder(misspelt).pop(name)
        holder(other)[name] = {"not": ["of", "its", "kind"]}
        assert not checker.is_valid(missing), (*at, name)
        assert not checker.is_valid(misspelt), (*at, name)
        assert not checker.is_valid(other), (*at, name)
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize(
    ("described", "known"),
    [
        (words.Role, ["public", *Account.Role.values]),
        (words.Verdict, rules.current().verdict_order),
        (cases.CaseKind, Case.Kind.values),
        (field_work.ManifestState, Manifest.State.values),
        (field_work.InspectionState, Inspection.State.values),
        (loads.JobKind, Job.Kind.values),
        (loads.JobState, Job.State.values),
        (loads.LoadState, Load.State.values),
        (loads.ReleaseState, Release.State.values),
        (registers.EventKind, KINDS),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_closed_words_are_those_of_the_program(described: Any, known: Any) -> None:
    assert list(get_args(described.__value__)) == list(known)
