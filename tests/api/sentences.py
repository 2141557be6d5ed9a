"""The Chinese sentences of the source, as the keys of `api/english/` write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "spatial", "loaders", "tiles")
NOT_ANSWERS = (
    "api/papers/", "api/commands/", "api/cli.py", "api/backups.py", "api/postgresql.py", "api/private_database.py",
    "api/database.py", "api/web_server.py", "api/described.py", "api/english/", "loaders/demo/",
    "spatial/models/", "spatial/admin",
)  # fmt: skip
"""Reports, the command line, the administration and the demo's own data speak Chinese alone."""
HAN = re.compile(r"[㐀-鿿]")
NAMED_GAP = re.compile(r"\{[a-z_]*\}")


def sentences() -> dict[str, list[str]]:
    """Each sentence (it has a full stop) and where it stands."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if not name.startswith(NOT_ANSWERS):
                for line, text in said(file):
                    found.setdefault(text, []).append(f"{name}:{line}")
    return found


def fragments() -> set[str]:
    """All else that is written in Chinese anywhere in the source: pieces that sentences are made of."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {text for file in files for _, text in said(file, all_of_it=True)}


def said(file: Path, *, all_of_it: bool = False) -> Iterator[tuple[int, str]]:
    """The sentences of a file: literals with a full stop (`all_of_it`: any), but for docstrings; gaps counted."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed.update(map(id, node.values))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            gaps = iter(range(len(node.values)))
            text = "".join(
                _literal(str(part.value)) if isinstance(part, ast.Constant) else f"{{{next(gaps)}}}"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            gaps = iter(range(len(node.value)))
            pieces = re.split(f"({NAMED_GAP.pattern})", node.value)
            text = "".join(
                f"{{{next(gaps)}}}" if NAMED_GAP.fullmatch(one) else _literal(one) for one in pieces
            )
        else:
            continue
        if HAN.search(text) and (all_of_it or "。" in text):
            yield node.lineno, text


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
