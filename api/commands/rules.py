"""规则清单 / every rule with its basis, kind, parameters and what it needs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from spatial import catalog, rules
from spatial.rules.listing import listed

USES_DATABASE = False
KINDS = {"statute": "法律", "standard": "标准", "policy": "政策", "default": "系统默认值"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", nargs="*", metavar="RULE", help="只列这些规则，例如 SUS-02 ADJ / only these")
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    book = rules.current()
    found = [
        rule
        for rule in listed(book, catalog.current())
        if not arguments.rules or any(rule["id"].startswith(asked) for asked in arguments.rules)
    ]
    if not found:
        print(f"没有规则 {'、'.join(arguments.rules)}。不写编号就列出全部规则。", file=sys.stderr)
        return 1
    if arguments.json:
        json.dump({"rules": found}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for rule in found:
        print(f"{rule['id']}  {rule['title']}  → {book.verdict_terms[rule['verdict']]}")
        print("".join(f"    {line}\n" for line in _told(rule, book)))
    return 0


def _told(rule: dict[str, Any], book: rules.RuleBook) -> Iterator[str]:
    yield rule["reason"]
    yield f"看：{rule['looks_at']}"
    if rule["actions"] is not None:
        yield f"事项：{_actions(rule['actions'], book)}"
    elif rule["actions_except"] is not None:
        yield f"事项：除{_actions(rule['actions_except'], book)}以外的"
    for basis in rule["basis"]:
        days = "".join((_from(basis["valid_from"]), _to(basis["valid_to"])))
        yield f"依据：{basis['text']} {basis['article'] or ''}".rstrip() + f"（{KINDS[basis['kind']]}{days}）"
    for number in rule["parameters"]:
        kind = "本地区设定" if number["of_region"] else KINDS[number["kind"]]
        yield (
            f"数值：{number['title']} {number['value']:g} {number['unit']}".rstrip()
            + f"（{kind}；{number['why']}）"
        )
    if rule["needs"]:
        yield "需要：" + "、".join(rule["needs_titles"])
    if rule["override"]:
        yield f"可凭书面决定不适用：{rule['override']['words']}"


def _actions(names: list[str], book: rules.RuleBook) -> str:
    return "、".join(book.action_terms[name] for name in names)


def _from(day: str | None) -> str:
    return f"，{day} 起" if day else ""


def _to(day: str | None) -> str:
    return f"，至 {day}" if day else ""
