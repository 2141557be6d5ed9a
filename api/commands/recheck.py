"""复查 / ask earlier answers again where the data changed since, and list what is no longer answered so.

Every new answer is stored and numbered. Without options each answer counts from its own data version. What was asked
about a moment of the past stays as it is. A worker does this after every publish.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from typing import Any

from api.commands.check import usage_error
from api.delivering import enqueue_deliveries
from api.progress_bar import ProgressBar
from spatial import rules
from spatial.recheck import change_told, recheck
from spatial.releases import newest_revision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--since", type=_revision, metavar="REVISION", default=0, help="只看此数据版本以后的变化"
    )
    which.add_argument("--all", action="store_true", help="全部重问，规则或日期变了也能看出")
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    if arguments.since > newest_revision():
        raise SystemExit(usage_error(f"还没有数据版本 {arguments.since}，最新的是 {newest_revision()}。"))
    with contextlib.closing(ProgressBar()) as progress:
        kept = recheck(arguments.since, arguments.all, progress=progress)
    enqueue_deliveries()
    changes = [change_told(one) for one in kept.changes.select_related("old", "new").order_by("pk")]
    if arguments.json:
        told = {
            "recheck": kept.pk,
            "revision": kept.revision,
            "since": kept.since,
            "asked": kept.asked,
            "changes": changes,
        }
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    print(f"数据版本 {kept.revision}：重问 {kept.asked} 次核查，{len(changes)} 次结论有变。")
    for change in changes:
        print(_line(change))
    return 0


def _line(change: dict[str, Any]) -> str:
    old, new = change["old"], change["new"]
    what = f"{_headline(new)} {new['number']}" if new else f"不能再判断：{change['failure']}"
    causes = "；".join(_cause(cause) for cause in change["causes"])
    parcel = f"地块 {change['parcel_no']} " if change["parcel_no"] else ""
    return f"  {parcel}{old['number']} {_headline(old)} → {what}（{causes}）"


def _headline(told: dict[str, Any]) -> str:
    verdict = rules.current().verdict_terms[told["verdict"]]
    return verdict if told["complete"] else f"{verdict}（不完整）"


def _cause(cause: dict[str, Any]) -> str:
    if "layer" not in cause:
        return {"rules": "规则有变", "catalog": "图层目录有变"}.get(cause["kind"], "日期不同")
    named = cause["name"] or cause["code"] or cause["county"] or ""
    return f"{cause['layer']} {named} {'新增' if cause['change'] == 'came' else '减少'}"


def _revision(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"数据版本应为整数：{text}")
    return int(text)
