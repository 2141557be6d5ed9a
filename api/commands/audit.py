"""审计 / audit: verify [--head N:HASH], list [--user NAME] [--action ACTION] [--object ID] [--before N]."""

from __future__ import annotations

import argparse
import json
import sys

from api.errors import Refused
from spatial import audit, audit_note
from spatial.models import AuditEntry

FAULTS = {
    "altered": "内容与校验值不符，或前一条被换过",
    "missing": "缺这一条",
    "forged": "不是系统记下的，是从外面添入的",
    "head": "与记下的末端不符：这一条以前的记录被整体改写过",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", required=True)
    verify = tasks.add_parser("verify", help="逐条核对审计记录有没有被改动或删除")
    verify.add_argument("--head", help="以前记下的末端，形如 123:校验值")
    verify.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")
    listed = tasks.add_parser("list", help="列出审计记录，新的在前")
    listed.add_argument("--user", help="只列这个账号的")
    listed.add_argument("--action", choices=sorted(audit.ACTIONS), help="只列这种操作")
    listed.add_argument("--object", help="只列这个编号、批次或账号的")
    listed.add_argument("--before", type=int, help="从这一条以前列起")
    listed.add_argument("--limit", type=int, default=50, help="最多列几条（默认 50）")
    listed.add_argument("--json", action="store_true", help="每行一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    return {"verify": _verify, "list": _list}[arguments.task](arguments)


def _verify(arguments: argparse.Namespace) -> int:
    try:
        given = [audit.Head.parse(arguments.head)] if arguments.head else []
    except ValueError as error:
        raise Refused(
            f"看不懂末端“{arguments.head}”。", "应为 jingtu audit verify 输出的“编号:校验值”。"
        ) from error
    noted = audit_note.noted()
    faults = list(audit.verify(*given, *([noted] if noted else [])))
    end = audit.head()
    if arguments.json:
        told = [{"number": fault.number, "kind": fault.kind} for fault in faults]
        print(json.dumps({"entries": end.number, "head": str(end), "faults": told}, ensure_ascii=False))
        return 1 if faults else 0
    for first, last, kind in _runs(faults):
        place = f"{first}" if first == last else f"{first}–{last}"
        print(f"第 {place} 条：{FAULTS[kind]}。")
    if faults:
        print(f"审计记录有 {len(faults)} 处被改动或删除。请封存数据库，报告审计人员。", file=sys.stderr)
        return 1
    print(f"审计记录 {end.number} 条，没有改动或删除。末端 {end}（请抄存，以后可用 --head 对照）")
    return 0


def _runs(faults: list[audit.Fault]) -> list[tuple[int, int, str]]:
    """First and last of what lacks in a row, so that a chain that was emptied is one line."""
    runs: list[tuple[int, int, str]] = []
    for fault in faults:
        if runs and fault.kind == "missing" == runs[-1][2] and fault.number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], fault.number, fault.kind)
        else:
            runs.append((fault.number, fault.number, fault.kind))
    return runs


def _list(arguments: argparse.Namespace) -> int:
    given = {
        "username": arguments.user,
        "action": arguments.action,
        "object": arguments.object,
        "number__lt": arguments.before,
    }
    rows = AuditEntry.objects.filter(**{name: value for name, value in given.items() if value is not None})
    for entry in rows[: arguments.limit]:
        if arguments.json:
            print(entry.said)
            continue
        who = entry.username or "（本机）"
        print(f"{entry.number}  {entry.at}  {who}  {audit.ACTIONS[entry.action]}  {entry.object}")
    return 0
