"""Docs that fail when they lie: commands, routes, error codes, verdicts, layers and files are those of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_api
from api.cli import COMMANDS
from spatial import rules
from spatial.catalog import load
from spatial.catalog.describe import describe

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str, first: str) -> list[str]:
    """What the pattern's group finds in the first cell of each row of a table."""
    return re.findall(rf"^\| `{first}[^|]*\|", text, re.MULTILINE)


def test_every_command_has_its_row_and_every_row_its_command() -> None:
    there = {path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py")}
    assert set(rows(page("interface.md"), r"jingtu ([a-z-]+)")) == there


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    told = rows(page("interface.md"), r"((?:GET|POST|PUT|PATCH|DELETE) /[^` ]*)`")
    assert set(told) == set(routes())
    assert len(told) == len(set(told))


def routes() -> Iterator[str]:
    """The described routes, and those that the description leaves out; not the built page's own files."""
    app = create_api()
    for path, methods in app.openapi()["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)
    undescribed = {getattr(route, "path", None) for route in app.routes} - {None, "/{name:path}"}
    yield from (f"GET {path}" for path in undescribed)


def test_every_code_of_a_problem_has_its_row_and_every_row_its_code() -> None:
    section = page("interface.md").partition("### Errors")[2].partition("\n## ")[0]
    assert set(rows(section, r"([a-z_]+)`")) == set(codes())


def codes() -> Iterator[str]:
    """Codes as the api writes them: `code=`, the class's own, the second argument of `_bad`."""
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                yield from _text(node.value)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_bad":
                yield from _text(node.args[1])
            elif isinstance(node, ast.Assign):
                targets = [one for target in node.targets for one in getattr(target, "elts", [target])]
                values = getattr(node.value, "elts", [node.value])
                for target, value in zip(targets, values, strict=False):
                    if getattr(target, "id", "") == "code":
                        yield from _text(value)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value


def test_the_verdicts_stand_in_the_glossary_worst_first_under_their_chinese_names() -> None:
    book = rules.current()
    found = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", page("glossary.md"), re.MULTILINE)
    assert found == [(verdict, book.verdict_terms[verdict]) for verdict in book.verdict_order]


def test_the_layer_page_is_what_the_catalog_says() -> None:
    assert page("layers.md") == describe(load()), "python -m spatial.catalog.describe > docs/layers.md"


def test_the_rule_page_names_every_relation_and_every_comparison() -> None:
    from spatial.rules.conditions import OPS
    from spatial.rules.predicates import PREDICATES

    grammar = page("adding-a-rule.md").partition("## Grammar")[2]
    assert {name for name in PREDICATES if f"`{name}`" not in grammar} == set()
    assert {op for op in (*OPS, "exists") if not re.search(rf"\b{op}\b", grammar)} == set()


def test_every_program_file_is_found_on_the_architecture_page() -> None:
    told = page("architecture.md").partition("## File by file")[2].partition("\n## ")[0]
    parts = re.split(r"^\| in `([a-z/]+)/` \| \|$", told, flags=re.MULTILINE)[1:]
    for package, text in zip(parts[::2], parts[1::2], strict=True):
        folders = set(re.findall(r"`([a-z_]+)/(?:\*\.py)?`", text))
        for path in (ROOT / package).rglob("*.py"):
            inner = path.relative_to(ROOT / package)
            if path.name == "__init__.py" or (len(inner.parts) > 1 and inner.parts[0] in folders):
                continue
            assert f"`{path.name}`" in text, path.relative_to(ROOT)


def test_every_decision_is_linked_from_the_architecture_page() -> None:
    for decision in (DOCS / "decisions").glob("*.md"):
        assert f"(decisions/{decision.name})" in page("architecture.md")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_to_a_file_that_is_there(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text(encoding="utf-8")):
        assert target.startswith("https:") or (file.parent / target).exists(), target


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_that_a_page_shows_exists(file: Path) -> None:
    there = {path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py")}
    blocks = "\n".join(
        re.findall(r"^```(?:sh|bash)?\n(.*?)^```", file.read_text(encoding="utf-8"), re.M | re.S)
    )
    shown = set(re.findall(r"^(?:\.venv/bin/)?jingtu ([a-z-]+)", blocks, re.MULTILINE))
    assert shown - there == set()
