"""The settings: documented one by one, read as people write them, safe by default."""

import importlib
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from loaders import limits
from spatial import settings

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = re.compile(r"\bJINGTU_[A-Z_]+\b")
ELSEWHERE = {"JINGTU_DATABASE_PASSWORD"}  # docker-compose.yml's own


def read_by_the_programs() -> set[str]:
    found: set[str] = set()
    for folder in ("api", "spatial", "loaders", "tiles"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"[\"'](JINGTU_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    return found


def test_every_variable_has_its_line_in_the_docs_and_every_line_its_variable() -> None:
    table = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(JINGTU_[A-Z_]+)` \|", table, re.MULTILINE)) == read_by_the_programs()


def test_the_docs_name_the_default_of_every_limit() -> None:
    table = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(JINGTU_[A-Z_]+)` \| `(\d+)` \|", table, re.MULTILINE))
    assert {name: told.get(name) for name in limits.DEFAULTS} == {
        name: str(default) for name, default in limits.DEFAULTS.items()
    }
    assert limits.FILE_BYTES == settings.JINGTU_MAX_UPLOAD_MB * 1024**2


@pytest.fixture
def reread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as they were, once the test is over."""
    yield
    monkeypatch.undo()
    importlib.reload(limits)


@pytest.mark.usefixtures("reread")
def test_a_limit_is_what_its_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGTU_MAX_ROWS", " 1000 ")
    monkeypatch.setenv("JINGTU_MAX_UNPACKED_MB", "10")
    monkeypatch.setenv("JINGTU_MAX_COLUMNS", "")
    importlib.reload(limits)
    assert (limits.ROWS, limits.UNPACKED_BYTES, limits.COLUMNS) == (1000, 10 * 1024**2, 256)


@pytest.mark.usefixtures("reread")
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "two", "１０", "1e6", "9" * 5000])
@pytest.mark.parametrize("name", sorted(limits.DEFAULTS))
def test_a_limit_that_is_none_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"设置 {name} 应为大于 0 的整数"):
        importlib.reload(limits)


def test_no_program_starts_with_a_wrong_limit() -> None:
    jingtu = Path(sys.executable).with_name("jingtu")
    environment = {**os.environ, "JINGTU_READ_MEMORY_MB": "2G"}
    started = subprocess.run([jingtu, "worker"], env=environment, capture_output=True, text=True)
    assert started.returncode == 1
    assert "设置 JINGTU_READ_MEMORY_MB 应为大于 0 的整数，现在是“2G”。" in started.stderr


def test_no_file_names_a_variable_that_does_not_exist() -> None:
    files = [
        ROOT / "Makefile",
        ROOT / "docker-compose.yml",
        *(ROOT / ".ci").iterdir(),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("*.md"),
    ]
    for path in files:
        unknown = set(VARIABLE.findall(path.read_text(encoding="utf-8"))) - read_by_the_programs() - ELSEWHERE
        assert unknown == set(), path.name


def test_a_database_address_is_read_with_its_escapes_and_options() -> None:
    read = settings.database(
        "postgresql://clerk%40office:p%3Aw%2Fd@db.example:6543/land%20use?sslmode=require"
    )
    assert (read["USER"], read["PASSWORD"]) == ("clerk@office", "p:w/d")
    assert (read["HOST"], read["PORT"], read["NAME"]) == ("db.example", "6543", "land use")
    assert read["OPTIONS"] == {"sslmode": "require"}


def test_a_database_address_may_name_a_socket_folder() -> None:
    assert settings.database("postgresql:///jingtu?host=/run/postgresql")["HOST"] == "/run/postgresql"


@pytest.mark.parametrize("address", ["mysql://a:b@c/d", "postgresql://host", "jingtu"])
def test_an_address_that_is_none_is_refused_with_its_form(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        settings.database(address)


def test_a_number_that_is_none_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGTU_PORT", "eighty")
    with pytest.raises(ImproperlyConfigured, match="JINGTU_PORT"):
        importlib.reload(settings)
    monkeypatch.undo()
    importlib.reload(settings)


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it() -> None:
    path = settings.JINGTU_HOME / "secret-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == settings.SECRET_KEY
    assert len(settings.SECRET_KEY) >= 64


def test_https_makes_the_cookies_secure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not settings.SESSION_COOKIE_SECURE
    monkeypatch.setenv("JINGTU_HTTPS", "1")
    reloaded = importlib.reload(settings)
    assert reloaded.SESSION_COOKIE_SECURE
    assert reloaded.CSRF_COOKIE_SECURE
    assert reloaded.SECURE_HSTS_SECONDS > 0
    monkeypatch.undo()
    importlib.reload(settings)


@pytest.mark.parametrize(
    "told",
    [
        "http://tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example/tiles.png",
        "https://tiles.example;script-src/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}{x}{y}",
    ],
)
def test_a_basemap_is_an_address_by_https_of_tiles_or_a_pmtiles_file(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGTU_BASEMAP", told)
    with pytest.raises(ImproperlyConfigured, match="JINGTU_BASEMAP"):
        settings._basemap()
    monkeypatch.setenv("JINGTU_BASEMAP", "https://a.example/{z}/{x}/{y}.png  https://b.example/x.pmtiles")
    assert settings._basemap() == ["https://a.example/{z}/{x}/{y}.png", "https://b.example/x.pmtiles"]
