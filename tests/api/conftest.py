"""The whole application over HTTP, and people who ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from fastapi.testclient import TestClient

from api.app import create_app
from spatial.models import Account, ApiToken
from tests.api.told import Held

Bearer = dict[str, str]


@cache
def hashed(password: str) -> str:
    """A password as it is stored; made once, because it is slow on purpose."""
    return make_password(password)


@pytest.fixture
def client(transactional_db: None) -> Iterator[TestClient]:
    """The running application on the test database; rows must be committed to be seen, as in life.

    What it answers is held against /openapi.json.
    """
    with Held(create_app(), base_url="http://127.0.0.1") as started:
        yield started


@pytest.fixture
def bearer(transactional_db: None) -> Callable[..., Bearer]:
    """A new account with a role and counties (none: the whole region), as the header that speaks for it."""

    def make(role: str, *counties: str) -> Bearer:
        user = User.objects.create(
            username=f"{role}{User.objects.count()}", password=hashed("a long enough one 1")
        )
        Account.objects.create(user=user, role=role, counties=list(counties))
        return {"Authorization": f"Bearer {ApiToken.issue(user, 'test')}"}

    return make
