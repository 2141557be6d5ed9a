"""装入示例州 / load the demo prefecture: real county outlines, invented features, accounts and one-click examples.

It goes only into a database that holds nothing yet, and is loaded through the same loaders as real data. Run again, it
changes nothing, except that lost files with accounts or examples are written anew.
"""

from __future__ import annotations

import argparse
import time

from django.core.management import call_command

from api import demo
from api.demo_accounts import FILE
from spatial import catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: what the demo holds is fixed."""


def run(arguments: argparse.Namespace) -> int:
    call_command("migrate", interactive=False, verbosity=0)
    if catalog.current().region.code != demo.REGION:
        print(f"示例是昌吉州的，目录里却是{catalog.current().region.name}，没有装入。")
    elif load_if_empty():
        print(f"示例账号和口令在 {demo.settings.JINGTU_HOME / FILE}")
    else:
        print("数据库里已有资料，没有改动。要重新装入示例，请换一个空的数据库。")
    return 0


def load_if_empty() -> bool:
    """What `jingtu up` calls; says what it does, and nothing where there is nothing to do."""
    begun = time.monotonic()
    loaded = demo.load_if_empty(_tell_first())
    if loaded:
        print(f"· 示例州已装入，用时 {time.monotonic() - begun:.0f} 秒", flush=True)
    return loaded


def _tell_first() -> demo.Tell:
    """Print lines, with a headline before the first."""
    said: list[str] = []

    def tell(line: str) -> None:
        if not said:
            print("· 装入示例州（图形均为虚构）/ loading the demo prefecture", flush=True)
        said.append(line)
        print(line, flush=True)

    return tell
