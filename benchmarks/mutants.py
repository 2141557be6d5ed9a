"""Mutation testing of the judging modules: one small fault at a time in a copy, and whether tests/rules finds it.

    .venv/bin/python benchmarks/mutants.py [MODULE...] [--sample N]

Faults: a comparison, `and`/`or`, `not`, an operator, a truth value or number turned into another; an expression that
decides something negated; a statement left out; a result made None. Texts, annotations and what only raises an error
are let be. What is not found is printed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
RULES = Path("spatial") / "rules"
MODULES = ("conditions", "derived", "judge", "parcel_facts", "predicates", "slivers", "book")
SECONDS = 60
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


def mutants(source: str) -> Iterator[tuple[int, str]]:
    """The line of each fault, and the source with it."""
    for place, node in enumerate(list(ast.walk(ast.parse(source)))):
        for way in range(_ways(node)):
            tree = ast.parse(source)
            parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
            found = list(ast.walk(tree))[place]
            if _is_idle(found, parents):
                continue
            _spoil(found, way, parents)
            try:
                yield getattr(found, "lineno", 0), ast.unparse(ast.fix_missing_locations(tree))
            except (ValueError, TypeError):
                continue


def _ways(node: ast.AST) -> int:
    if isinstance(node, ast.Compare):
        return len(node.ops)
    if isinstance(node, ast.Constant):
        return 1 if isinstance(node.value, bool | int | float) else 0
    if isinstance(node, ast.BinOp):
        return 1 if type(node.op) in OPERATORS else 0
    if isinstance(node, ast.If | ast.IfExp | ast.comprehension):
        return 1 if not isinstance(node, ast.comprehension) or node.ifs else 0
    if isinstance(node, ast.Return):
        return 1 if node.value is not None and not isinstance(node.value, ast.Constant) else 0
    return 1 if isinstance(node, ast.BoolOp | ast.UnaryOp | ast.AugAssign | ast.Continue | ast.Expr) else 0


def _is_idle(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it stands where it says nothing while the program runs, or only in what an error says."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    inner: ast.AST = node
    while inner in parents:
        outer = parents[inner]
        if isinstance(outer, ast.Raise | ast.Call) and (
            isinstance(outer, ast.Raise) or _called(outer) in ("fail", "dataclass", "lru_cache", "Literal")
        ):
            return True
        if isinstance(outer, ast.AnnAssign) and inner is outer.annotation:
            return True
        if isinstance(outer, ast.arg) or (isinstance(outer, ast.FunctionDef) and inner is outer.returns):
            return True
        if (
            isinstance(outer, ast.Subscript)
            and isinstance(parents.get(outer), ast.Assign)
            and inner is outer.slice
        ):
            return True  # an alias of a type
        inner = outer
    return False


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), copy.deepcopy(test))


def _spoil(node: ast.AST, way: int, parents: dict[ast.AST, ast.AST]) -> None:
    if isinstance(node, ast.Compare):
        node.ops[way] = COMPARISONS[type(node.ops[way])]()
    elif isinstance(node, ast.Constant):
        node.value = (not node.value) if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]
    elif isinstance(node, ast.BinOp):
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = _negated(node.test)
    elif isinstance(node, ast.comprehension):
        node.ifs = node.ifs[1:]
    elif isinstance(node, ast.BoolOp):
        node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
    elif isinstance(node, ast.UnaryOp):
        _replace(parents[node], node, node.operand)
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    else:
        _replace(parents[node], node, ast.Pass())


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list) and old in value:
            value[value.index(old)] = new


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "spatial", folder / "spatial", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    shutil.copytree(
        ROOT / "tests" / "rules", folder / "tests" / "rules", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def is_found(folder: Path) -> bool:
    """Whether the tests fail; one that does not end is found too."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-c", os.devnull, "--rootdir", str(folder)]
    for plugin in ("django", "xdist", "hypothesispytest", "anyio", "cacheprovider"):
        command += ["-p", f"no:{plugin}"]
    try:
        done = subprocess.run(
            [*command, "tests/rules"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--sample", type=int, help="so many, drawn from all; without it all")
    asked = parser.parse_args()
    all_of_them = [
        (module, line, spoiled)
        for module in asked.modules
        for line, spoiled in mutants((ROOT / RULES / f"{module}.py").read_text(encoding="utf-8"))
    ]
    if asked.sample:
        all_of_them = random.Random(1).sample(all_of_them, asked.sample)  # noqa: S311
    free: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(os.cpu_count()) as pool:
        for number in range(os.cpu_count() or 1):
            (Path(place) / str(number)).mkdir()
            free.put(copied(Path(place) / str(number)))

        def tried(one: tuple[str, int, str]) -> bool:
            module, line, spoiled = one
            folder = free.get()
            file = folder / RULES / f"{module}.py"
            sound = file.read_text(encoding="utf-8")
            try:
                file.write_text(spoiled, encoding="utf-8")
                found = is_found(folder)
            finally:
                file.write_text(sound, encoding="utf-8")
                free.put(folder)
            if not found:
                told = _difference(sound, spoiled)
                print(f"{module}.py:{line}: {told}", flush=True)
            return found

        assert not is_found(copied(Path(place) / "sound")), "the tests fail without a fault"
        found = list(pool.map(tried, all_of_them))
    print(f"{sum(found)} of {len(found)} found: {sum(found) / len(found):.1%}")


def _difference(sound: str, spoiled: str) -> str:
    before, after = ast.unparse(ast.parse(sound)).splitlines(), spoiled.splitlines()
    return next(
        (f"{b.strip()}  ->  {a.strip()}" for b, a in zip(before, after, strict=False) if a != b),
        "a line gone",
    )


if __name__ == "__main__":
    main()
