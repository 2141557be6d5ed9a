"""`jingtu …`: find the command, give it a database, run it, turn its outcome into an exit code.

0: done, whatever the verdict. 1: the data was refused, or the database is not to be had, and the message says why
and what to do. 2: wrong usage.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import django

COMMANDS = Path(__file__).with_name("commands")
EPILOGUE = "退出码 / exit code: 0 完成 done · 1 数据被拒绝 refused · 2 用法错误 wrong usage"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; this is the console script."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    commands = {path.stem.replace("_", "-"): path for path in sorted(COMMANDS.glob("[a-z]*.py"))}
    parser = argparse.ArgumentParser(prog="jingtu", description="净土：地块核查。", epilog=EPILOGUE)
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, path in commands.items():
        choices.add_parser(name, help=_docstring(path).splitlines()[0], add_help=False)
    name = parser.parse_known_args(arguments[:1])[0].command
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, _leave)
    os.environ["DJANGO_SETTINGS_MODULE"] = "spatial.settings"
    try:
        return _run(name, arguments[1:])
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:  # `jingtu layers | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(name: str, rest: list[str]) -> int:
    django.setup()
    import psycopg
    from django.db import DatabaseError

    from api import scratch
    from api.breakdowns import database_problem, disk_full
    from api.database import end_with_the_client, named_or_private, point_django_at
    from api.errors import Problem
    from api.machine import AddressTaken
    from api.postgresql import DatabaseUnavailable
    from loaders.limits import NO_ROOM
    from spatial import catalog, rules

    command = importlib.import_module(f"api.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(
        prog=f"jingtu {name}",
        description=command.__doc__,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    arguments = parser.parse_args(rest)
    try:
        rules.current()  # a wrong catalog or rule file is told before anything else is done
        with contextlib.ExitStack() as stack:
            if getattr(command, "USES_DATABASE", True):
                stack.enter_context(scratch.folder())
                point_django_at(stack.enter_context(named_or_private()))
                end_with_the_client()
            outcome = command.run(arguments)
            sys.stdout.flush()
            return int(outcome)
    except (DatabaseUnavailable, AddressTaken) as error:
        print(error, file=sys.stderr)
    except (catalog.CatalogError, rules.RuleError) as error:
        print(f"图层目录或规则文件有误：{error}。改正后再启动。", file=sys.stderr)
    except Problem as problem:
        print(problem.detail, problem.hint, file=sys.stderr)
    except (DatabaseError, psycopg.Error) as error:  # where Django does not stand between, the driver's own
        told = database_problem(error)
        if told.status == 500:
            raise
        print(told.detail, told.hint, file=sys.stderr)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        told = disk_full("本机")
        print(told.detail, told.hint, file=sys.stderr)
    return 1


def _docstring(path: Path) -> str:
    """A command's help without importing it, so that the overview needs no database driver, GDAL or models."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does: through every `finally`, so that what was started is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
