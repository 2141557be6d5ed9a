"""规则清单 / every rule with its basis, kind, parameters and what it needs."""

from __future__ import annotations

import argparse
import json
import sys

from spatial import rules
from spatial.rules.listing import listed

USES_DATABASE = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    book = rules.current()
    if arguments.json:
        json.dump({"rules": listed(book)}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for rule in listed(book):
        print(f"{rule['id']}  {rule['title']}  → {book.verdict_terms[rule['verdict']]}")
        for basis in rule["basis"]:
            print(f"    {basis['text']} {basis['article'] or ''}（{basis['kind']}）")
    return 0
