"""The console command itself: help, exit codes, what it says when the database is not to be had."""

import os
import re
import subprocess
import sys
from pathlib import Path

from api.cli import COMMANDS

JINGTU = str(Path(sys.executable).with_name("jingtu"))
UNREACHABLE = "postgresql://jingtu:x@127.0.0.1:1/jingtu"


def jingtu(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [JINGTU, *arguments], env={**os.environ, **variables}, capture_output=True, text=True
    )


def test_the_overview_names_every_command_with_its_first_line_of_help() -> None:
    overview = jingtu("--help")
    assert overview.returncode == 0
    for path in COMMANDS.glob("[a-z]*.py"):
        assert re.search(rf"^    {path.stem.replace('_', '-')}\s", overview.stdout, re.MULTILINE)


EXPLAINED = """
import sys
from api.cli import main
for name in sys.argv[1:]:
    print("\\f", name)
    try:
        main([name, "--help"])
    except SystemExit as end:
        assert end.code == 0, name
"""


def test_every_command_explains_itself_without_a_database() -> None:
    names = [path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py")]
    given = {**os.environ, "JINGTU_DATABASE_URL": UNREACHABLE}
    run = subprocess.run([sys.executable, "-c", EXPLAINED, *names], env=given, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    explained = run.stdout.split("\f ")[1:]
    assert [told.split()[0] for told in explained] == names
    for name, told in zip(names, explained, strict=True):
        assert f"usage: jingtu {name}" in told and "exit code" in told


def test_wrong_usage_exits_with_2() -> None:
    assert jingtu().returncode == 2
    assert jingtu("no-such-command").returncode == 2
    assert jingtu("migrate", "--no-such-option").returncode == 2


def test_an_unreachable_database_is_told_in_words_and_without_a_traceback() -> None:
    refused = jingtu("migrate", JINGTU_DATABASE_URL=UNREACHABLE)
    assert refused.returncode == 1
    assert "JINGTU_DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_migrating_a_fresh_database_makes_its_tables_and_again_changes_nothing(database_url: str) -> None:
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS for_migrate")
        connection.execute("CREATE DATABASE for_migrate")
    fresh = database_url.rpartition("/")[0] + "/for_migrate"
    first, second = (jingtu("migrate", JINGTU_DATABASE_URL=fresh) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr
    assert "Applying spatial.0001" in first.stdout
    assert "Applying" not in second.stdout
    with psycopg.connect(fresh) as connection:
        assert connection.execute("SELECT to_regclass('spatial_feature')").fetchone() != (None,)


def test_rules_are_listed_with_basis_number_and_what_they_need() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "api.cli", "rules", "ADJ-02", "LIV"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    told = [part.splitlines() for part in answer.stdout.strip().split("\n\n")]
    assert [part[0].split()[0] for part in told] == ["ADJ-02", "LIV-01", "LIV-02", "LIV-03", "LIV-04"]
    assert "    数值：管控修复地块周边的提示距离 200 m（系统默认值；法律没有给出数字）" in told[0]
    assert "    需要：事项、正在管控或修复的地块“阶段”、拟用途" in told[0]
    assert "    数值：畜禽养殖的防护距离 500 m（标准；HJ/T 81-2001 第3.2条）" in told[3]
    unknown = subprocess.run(
        [sys.executable, "-m", "api.cli", "rules", "XYZ"], capture_output=True, text=True, timeout=60
    )
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "没有规则 XYZ" in unknown.stderr


def test_a_wrong_catalog_file_is_told_with_file_and_key_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "eco_redline.toml").write_text('id = "eco_redline"\ntitle = 3\n', encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-m", "api.cli", "rules"],
        env=os.environ | {"JINGTU_CATALOG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 1
    assert "eco_redline.toml" in answer.stderr
    assert "geometry" in answer.stderr
    assert "Traceback" not in answer.stderr
