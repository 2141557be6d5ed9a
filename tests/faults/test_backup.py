"""The restore drill: a mass delete is undone to the moment before, a dump comes to life elsewhere and proves itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from tests.api.workers import JINGTU, until

ROOT = Path(__file__).resolve().parents[2]
MAKE = """
import django; django.setup()
import shapely
from django.contrib.auth.models import User
from spatial.attachments import keep
from spatial.checks import Question, run_check
from spatial.registers.notices import Line, Paper, publish_notice
from datetime import date
from tests.factories import known_county
known_county()
user = User.objects.create_user("steward")
plot = shapely.MultiPolygon([shapely.box(87.3, 44.0, 87.31, 44.01)])
lines = [Line(f"W{n}", name=f"示例{n}", county="652301", shape=plot) for n in range(20)]
publish_notice("contaminated_plot", Paper("公告1", date(2026, 1, 1), "公告", "prefecture_ecology"), lines, [], user)
for _ in range(10):
    run_check(Question(shapely.MultiPolygon([shapely.box(87.302, 44.002, 87.303, 44.003)])), user.pk)
keep("site", "1", "a.png", bytes([0x89]) + b"PNG" + bytes([13, 10, 26, 10]) + b"0" * 50, user)
"""
ATTACH = """
import django; django.setup()
from django.contrib.auth.models import User
from spatial.attachments import keep
keep("site", "1", "later.pdf", b"%PDF-1.4 after the backup", User.objects.get())
"""
FORGE = """
UPDATE spatial_auditentry SET said = replace(said, 'JT-', 'JX-')
WHERE number = (SELECT max(number) FROM spatial_auditentry WHERE said LIKE '%JT-%')
"""
ALTER = """
UPDATE spatial_checkrun SET answer = answer || '{"verdict": "clear"}'
WHERE ctid = (SELECT min(ctid) FROM spatial_checkrun)
"""
FAULTS = "import django; django.setup()\nfrom spatial.integrity import faults; print(*faults())"
PRINT = "import django; django.setup()\nfrom spatial.integrity import fingerprint; print(fingerprint()[0])"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account can enter, as its archive must be."""
    folder = Path(tempfile.mkdtemp(prefix="jingtu-backup-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JINGTU_")}
    return kept | {
        "JINGTU_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "spatial.settings",
        **more,
    }


def jingtu(home: Path, *words: str, status: int = 0, **more: str) -> str:
    done = subprocess.run([JINGTU, *words], env=environment(home, **more), capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def python(home: Path, program: str, url: str) -> str:
    env = environment(home, JINGTU_DATABASE_URL=url)
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fingerprint_in(text: str) -> str:
    return text.partition("数据指纹：")[2].split()[0]


def running(home: Path) -> subprocess.Popen[str]:
    """Something that keeps the private database running: a worker that waits for its jobs."""
    process = subprocess.Popen(
        [JINGTU, "worker"], env=environment(home), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert any("worker is ready" in line for line in process.stdout)
    return process


@pytest.mark.long
def test_a_mass_delete_is_undone_to_the_moment_before(place: Path) -> None:
    home, backups, again = place / "home", place / "backups", place / "again"
    home.mkdir()
    jingtu(home, "migrate")
    worker = running(home)
    try:
        url = (home / "database-url").read_text().strip()
        python(home, MAKE, url)
        told = jingtu(home, "backup", str(backups))
        assert fingerprint_in(told) == python(home, PRINT, url)
        more = "import django; django.setup()\nfrom spatial import audit; audit.record('check', None, 'JT-later')"
        python(home, more, url)
        python(home, ATTACH, url)
        before = python(home, PRINT, url)
        assert before != fingerprint_in(told)
        time.sleep(1.1)
        moment = datetime.now().astimezone().isoformat(timespec="milliseconds")
        time.sleep(1.1)
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("ALTER TABLE spatial_siteevent DISABLE TRIGGER USER")
            database.execute(
                "DELETE FROM spatial_feature; DELETE FROM spatial_siteevent; DELETE FROM spatial_checkrun"
            )
        with psycopg.connect(superuser(home, url), autocommit=True) as server:
            (written,) = server.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone() or ("",)
            server.execute("SELECT pg_switch_wal()")
            until(lambda: any(path.name >= written for path in (backups / "wal").glob("0*")))
    finally:
        worker.terminate()
        worker.wait(20)
        assert worker.stdout is not None
        worker.stdout.close()
    (folder,) = backups.glob("jingtu-*")

    assert "不会覆盖" in jingtu(home, "restore", str(folder), status=1)
    again.mkdir()
    assert "早于" in jingtu(again, "restore", str(folder), "--to", "2020-01-01 00:00:00", status=1)
    told = jingtu(again, "restore", str(folder), "--to", moment)
    assert fingerprint_in(told) == before and "审计记录完整" in told
    assert "附件和影像齐全" in told  # the one of the backup, and the one that came later
    jingtu(again, "audit", "verify")
    assert "JT-later" in jingtu(again, "audit", "list")
    assert "昌吉市" in jingtu(again, "layers")  # it is a database like any other

    (lost,) = (backups / "files").rglob("*" + sha256(b"%PDF-1.4 after the backup").hexdigest())
    lost.unlink()
    third = place / "third"
    third.mkdir()
    told = jingtu(third, "restore", str(folder), "--to", moment, status=1)
    assert "附件“later.pdf”（site 1）缺失" in told and "共 1 处不符" in told

    (folder / "home" / "secret-key").write_text("another")
    third = place / "fourth"
    third.mkdir()
    assert "已损坏" in jingtu(third, "restore", str(folder), status=1)
    (folder / "manifest.json").unlink()
    assert "不是完整的备份" in jingtu(third, "restore", str(folder), status=1)


def superuser(home: Path, url: str) -> str:
    password = json.loads((home / "database-passwords.json").read_text())["postgres"]
    return f"postgresql://postgres:{password}@" + url.partition("@")[2]


def test_a_dump_comes_to_life_elsewhere_and_proves_itself(
    transactional_db: None, test_database_url: str, place: Path
) -> None:
    home, backups, again = place / "home", place / "backups", place / "again"
    home.mkdir()
    again.mkdir()
    python(home, MAKE, test_database_url)
    told = jingtu(home, "backup", str(backups), JINGTU_DATABASE_URL=test_database_url)
    (folder,) = backups.glob("jingtu-*")
    assert "不会覆盖" in jingtu(
        again, "restore", str(folder), status=1, JINGTU_DATABASE_URL=test_database_url
    )
    name = f"restored_{os.getpid()}"
    with psycopg.connect(test_database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    url = test_database_url.rpartition("/")[0] + f"/{name}"
    try:
        put_back = jingtu(again, "restore", str(folder), JINGTU_DATABASE_URL=url)
        assert fingerprint_in(put_back) == fingerprint_in(told) and "审计记录完整" in put_back
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("ALTER TABLE spatial_auditentry DISABLE TRIGGER USER")
            database.execute(FORGE)
            database.execute(ALTER)
        faults = python(again, FAULTS, url)
        assert "条：被改动" in faults and "的内容与指纹不符" in faults
    finally:
        with psycopg.connect(test_database_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_that_is_killed_half_way_is_none(
    transactional_db: None, test_database_url: str, place: Path
) -> None:
    home, backups = place / "home", place / "backups"
    home.mkdir()
    process = subprocess.Popen(
        [JINGTU, "backup", str(backups)], env=environment(home, JINGTU_DATABASE_URL=test_database_url),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    until(lambda: list(backups.glob(".*.part")))
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    for left in backups.iterdir():
        assert "不是完整的备份" in jingtu(
            home, "restore", str(left), status=1, JINGTU_DATABASE_URL=test_database_url
        )
