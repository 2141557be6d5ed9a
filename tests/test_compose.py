"""docker-compose.yml and its Dockerfile, read and held against the repository: no engine runs where the tests run."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.cli import COMMANDS
from spatial import settings

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / ".ci/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
SETTINGS = Path(settings.__file__).read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", ["database", "app"])
def test_each_service_says_when_it_is_healthy_and_keeps_its_data_in_a_named_volume(name: str) -> None:
    service: dict[str, Any] = COMPOSE["services"][name]
    assert "healthcheck" in service or instructions("HEALTHCHECK")
    for volume in service["volumes"]:
        assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_the_application_waits_for_the_database_and_names_the_one_that_is_made() -> None:
    app, database = COMPOSE["services"]["app"], COMPOSE["services"]["database"]
    assert app["depends_on"] == {"database": {"condition": "service_healthy"}}
    made = database["environment"]
    assert app["environment"]["JINGTU_DATABASE_URL"] == (
        f"postgresql://{made['POSTGRES_USER']}:{made['POSTGRES_PASSWORD']}@database:5432/{made['POSTGRES_DB']}"
    )
    assert "ports" not in database


def test_the_image_has_postgresql_15_or_later() -> None:
    assert int(COMPOSE["services"]["database"]["image"].rpartition(":")[2].partition("-")[0]) >= 15


def test_every_file_that_compose_and_dockerfile_name_exists() -> None:
    build = COMPOSE["services"]["app"]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()
    for command in instructions("RUN"):
        for word in shlex.split(command):
            if word.startswith(".ci/"):
                assert (ROOT / word).is_file()


def test_the_container_runs_the_command_that_make_run_runs() -> None:
    assert instructions("CMD")[-1] == '[".venv/bin/jingtu", "up"]'
    assert ".venv/bin/jingtu up" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (COMMANDS / "up.py").is_file()


def test_every_variable_that_the_containers_set_is_a_setting() -> None:
    environment = set(COMPOSE["services"]["app"]["environment"])
    environment |= {name for line in instructions("ENV") for name in re.findall(r"(\w+)=", line)}
    assert environment
    for name in environment:
        assert f'"{name}"' in SETTINGS, name
