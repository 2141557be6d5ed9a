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
TOKEN_NAME = "示例"
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
STAFF = frozenset({Account.Role.STEWARD, Account.Role.ADMINISTRATOR})


def issue(file: Path) -> None:
    """Make the accounts, or give those that are there new passwords and tokens, and write them down."""
    with transaction.atomic():
        told = {str(role): _account(str(role), counties) for role, counties in COUNTIES.items()}
    _write(file, told)


def _account(role: str, counties: list[str]) -> dict[str, Any]:
    """One account, named like its role; the tokens that it had from an earlier demo end."""
    user, _ = User.objects.get_or_create(username=role)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.is_active = True
    user.is_staff = role in STAFF
    user.is_superuser = role == Account.Role.ADMINISTRATOR
    user.save()
    Account.objects.update_or_create(user=user, defaults={"role": role, "counties": counties})
    ApiToken.objects.filter(user=user, name=TOKEN_NAME).delete()
    token = ApiToken.issue(user, TOKEN_NAME)
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
