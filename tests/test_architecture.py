"""The shape of the project: directions of import, sizes of files, nothing that reaches outside the repository."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("api", "spatial", "loaders", "tiles", "migrations")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MOST_LINES = 400

TOP_LEVEL = {
    "api", "spatial", "loaders", "migrations", "tiles", "web", "tests", "docs", "benchmarks",
    "pyproject.toml", "docker-compose.yml", "README.md", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
}  # fmt: skip

# Written so that no pattern finds itself.
PACKAGE_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.|npmjs\.(org|com)|npmmirror\.|deb\.debian\.|--(extra-)?index-url|\"resolved\": *\"http"
)
OUTSIDE = re.compile(r"\.\./shared|/work[/]")
UNFINISHED = re.compile(r"TO[D]O|FIX[M]E|XX[X]|raise NotImplemented[E]rror|mark\.(skip|xfail)")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_lines(*patterns: str) -> Iterator[tuple[Path, int, str]]:
    for path in tracked(*patterns):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield path.relative_to(ROOT), number, line


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_imports_run_in_the_directions_that_the_architecture_names() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(PROJECT['tool']['importlinter']['contracts'])} kept, 0 broken" in checked.stdout


def test_no_program_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*PROGRAMS[:-1])}
    assert len(lengths) > 20
    assert {path.relative_to(ROOT): length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_nothing_at_the_top_level_that_the_architecture_does_not_name() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} - TOP_LEVEL == set()


def test_every_package_is_listed_by_name_and_every_listed_package_exists() -> None:
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in modules(*PROGRAMS)
        if path.name == "__init__.py"
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == there


@pytest.mark.parametrize(
    ("folders", "requirements"),
    [
        (
            PROGRAMS,
            [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dask"]],
        ),
        (
            ("tests",),
            [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["test"]],
        ),
    ],
    ids=["programs", "tests"],
)
def test_every_third_party_package_that_is_imported_is_declared(
    folders: tuple[str, ...], requirements: list[str]
) -> None:
    distributions = importlib.metadata.packages_distributions()
    used = {name.partition(".")[0] for path in modules(*folders) for name in imports(path)}
    used -= {*PROGRAMS, "tests", *sys.stdlib_module_names}
    used -= {"qgis"}  # Debian's, in a script that the system's Python runs (tests/flows/read_qgis.py)
    declared = {re.split(r"[\[<>=;~! ]", line)[0].lower().replace("-", "_") for line in requirements}
    installed_by = {name: {d.lower().replace("-", "_") for d in distributions.get(name, [])} for name in used}
    assert {name for name, sources in installed_by.items() if not sources & declared} == set()


def test_no_committed_file_holds_an_address_of_a_package_host() -> None:
    assert [hit for hit in text_lines() if PACKAGE_HOSTS.search(hit[2])] == []


def test_the_repository_reads_nothing_beside_itself() -> None:
    assert [hit for hit in text_lines() if OUTSIDE.search(hit[2])] == []


def test_nothing_is_left_for_later_in_the_programs() -> None:
    assert [hit for hit in text_lines("*.py", "*.ts", "*.vue", "*.sql") if UNFINISHED.search(hit[2])] == []


@pytest.mark.parametrize("path", modules("api/routes"), ids=lambda path: path.stem)
def test_a_route_reaches_the_orm_only_through_the_one_door(path: Path) -> None:
    routers = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "APIRouter"
    ]
    through_the_door = all(
        any(
            keyword.arg == "route_class" and getattr(keyword.value, "id", "") == "DjangoRoute"
            for keyword in router.keywords
        )
        for router in routers
    )
    uses_orm = any(name.startswith(("django.db", "spatial.models")) for name in imports(path))
    assert through_the_door or not uses_orm


def test_every_lock_entry_is_pinned_with_hashes() -> None:
    for lock in (".ci/requirements.lock", ".ci/node.lock"):
        entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8").strip())
        assert len(entries) > 1
        for entry in entries:
            assert re.match(r"[A-Za-z0-9_.\-]+==\S+ \\\n", entry), entry.splitlines()[0]
            assert "--hash=sha256:" in entry
