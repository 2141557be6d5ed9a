"""What ASVS 5.0 level 2 asks and no other test looks at; the table is docs/security.md."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from fastapi.testclient import TestClient

from tests.api.conftest import Bearer

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "a long enough password", "another long one 77"


def in_production(program: str, home: Path) -> str:
    env = {**os.environ, "JINGTU_HTTPS": "1", "JINGTU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "spatial.settings",
           "JINGTU_ALLOWED_HOSTS": "jingtu.example"}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_djangos_deployment_check_is_clean(tmp_path: Path) -> None:
    program = "import django; django.setup()\nfrom django.core.management import call_command\n"
    told = in_production(program + "call_command('check', deploy=True, fail_level='WARNING')", tmp_path)
    assert "no issues" in told


def test_over_https_cookies_are_for_this_host_alone_and_https_is_remembered(tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.conf import settings
from api.app import HSTS
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)
print(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, HSTS)
"""
    told = in_production(program, tmp_path)
    assert told.startswith("__Host-sessionid True\n__Host-csrftoken True")
    assert "max-age=31536000; includeSubDomains" in told


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for path in ("/", "/catalog", "/nothing", "/accounts/login/", "/checks"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert (
            "object-src 'none'" in policy
            and "base-uri 'none'" in policy
            and "frame-ancestors 'none'" in policy
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert client.request("TRACE", "/").status_code == 405


@pytest.mark.django_db
def test_a_password_is_changed_against_the_old_one_and_other_sessions_end() -> None:
    User.objects.create_user("clerk", password=OLD)
    here, there = Client(), Client()
    for one in (here, there):
        one.post("/accounts/login/", {"username": "clerk", "password": OLD})
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert "密码" in here.post("/accounts/password/", form).content.decode()
    assert here.post("/accounts/password/", {**form, "old_password": OLD}).status_code == 302
    assert here.get("/accounts/password/").status_code == 200
    assert there.get("/accounts/password/").status_code == 302, "signed out"
    assert Client().get("/accounts/password/").status_code == 302
    assert Client().post("/accounts/login/", {"username": "clerk", "password": NEW}).status_code == 302


@pytest.mark.django_db
def test_signing_out_ends_the_session_and_clears_the_browser() -> None:
    User.objects.create_user("clerk", password=OLD)
    client = Client()
    client.post("/accounts/login/", {"username": "clerk", "password": OLD})
    key = client.cookies["sessionid"].value
    answer = client.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies["sessionid"] = key
    assert client.get("/accounts/password/").status_code == 302


WEAK = ("jingtu2026", "Changji123", "新疆昌吉环保2026", "1234567890", "password12", "short")


@pytest.mark.parametrize("password", WEAK)
def test_passwords_that_everybody_here_would_try_first_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)
    validate_password("净土 and some more of it")
    validate_password("x" * 64 + "1 y")


def test_what_is_refused_leaves_a_line_in_the_log(
    client: TestClient, bearer: Callable[..., Bearer], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "jingtu.access"):
        client.get("/audit", headers=bearer("clerk"))
        client.get("/checks", headers={"Authorization": "Bearer wrong"})
    assert [line.getMessage().rpartition(" from")[0] for line in caplog.records] == [
        "refused 403 GET /audit",
        "refused 401 GET /checks",
    ]
    assert "wrong" not in caplog.text


def test_each_row_of_the_table_says_how_it_stands_and_names_files_that_are_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (V?\d+\.\d+\.\d+[^|]*)\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) > 150
    assert {state.strip() for _, state, _ in rows} == {"holds", "not used", "operator", "open"}
    for _, state, where in rows:
        for path in re.findall(r"`((?:tests|api|spatial|loaders|docs|web|\.ci)/[\w/.-]+)`", where):
            assert (ROOT / path).exists(), path
        assert state.strip() == "not used" or where.strip()
