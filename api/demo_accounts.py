"""The demo's accounts: one for each role, passwords and tokens drawn by chance and left where the owner alone reads."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from spatial.models import Account, ApiToken

FILE = "demo-accounts.json"
LABEL = "示例"
"""Of the tokens, by which a later run knows them."""
PREFIX = "demo-"
"""Of the names, so that no account of a real person is taken for one of the demo."""
CITY = "652301"
# Role → counties; an empty list is the whole region. The public needs no account.
COUNTIES: dict[str, list[str]] = {
    Account.Role.CLERK: [CITY],
    Account.Role.PLANNER: [],
    Account.Role.INSPECTOR: [CITY],
    Account.Role.STEWARD: [],
    Account.Role.AUDITOR: [],
    Account.Role.ADMINISTRATOR: [],
}


def issue(file: Path) -> None:
    """Make the accounts and write them down; one that is there already gets a new password and token."""
    with transaction.atomic():
        told = {str(role): _account(str(role), counties) for role, counties in COUNTIES.items()}
    _write(file, told)


def renew(file: Path) -> None:
    """New passwords and tokens for those of the accounts that are still there and not disabled."""
    names = [PREFIX + role for role in COUNTIES]
    with transaction.atomic():
        left = User.objects.filter(username__in=names, is_active=True, account__isnull=False).order_by("id")
        told = {user.username.removeprefix(PREFIX): _credentials(user) for user in left}
    _write(file, told)


def _account(role: str, counties: list[str]) -> dict[str, Any]:
    """One account, named after its role."""
    user, _ = User.objects.get_or_create(username=PREFIX + role)
    user.is_active = True
    user.save()
    Account.objects.update_or_create(user=user, defaults={"role": role, "counties": counties})
    return _credentials(user)


def _credentials(user: User) -> dict[str, Any]:
    """A new password and token; the token that it had from an earlier demo ends."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    ApiToken.objects.filter(user=user, name=LABEL).delete()
    token = ApiToken.issue(user, LABEL)
    counties = Account.objects.get(user=user).counties
    return {"username": user.username, "password": password, "token": token, "counties": counties}


def _write(file: Path, told: dict[str, Any]) -> None:
    """Replace the file in one step; it is never there half written, nor readable by others."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as opened:
        json.dump(told, opened, ensure_ascii=False, indent=1)
    os.replace(part, file)
