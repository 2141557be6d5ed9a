"""Every operation of /openapi.json asked with whatever its description allows, and more: nothing answers 500."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from api.app import create_api
from tests.api.conftest import Bearer
from tests.factories import known_county

STREAMS = {"/events", "/jobs/{job_id}/events"}
"""They do not end by themselves."""
EXAMPLES = 4


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(create_api().openapi())
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.path not in STREAMS]


@pytest.fixture
def who(client: TestClient, bearer: Callable[..., Bearer]) -> Bearer:
    known_county()
    return bearer("administrator")


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
def test_no_operation_answers_500(client: TestClient, who: Bearer, mode: GenerationMode) -> None:
    asked = [_ask(client, who, one.as_strategy(generation_mode=mode)) for one in operations()]
    # Where nothing can be given, nothing wrong can be.
    assert sum(many > 0 for many in asked) >= (
        len(asked) if mode == GenerationMode.POSITIVE else len(asked) // 2
    )


def _ask(client: TestClient, who: Bearer, cases: st.SearchStrategy[Any]) -> int:
    """Send some of the cases; how many were sent."""
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def asked(case: Any) -> None:
        nonlocal sent
        request = case.as_transport_kwargs(base_url="http://127.0.0.1")
        request.pop("cookies", None)
        request["headers"] = {**(request.get("headers") or {}), **who}
        try:
            answer = client.request(**request)
        except (UnicodeError, ValueError, TypeError):
            return  # what cannot be sent at all
        sent += 1
        told = f"{case.method} {case.formatted_path}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, told

    with suppress(Unsatisfiable):
        asked()
    return sent
