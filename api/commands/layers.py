"""图层清单和入库情况 / the catalog, with what is loaded for each county, its release and date."""

from __future__ import annotations

import argparse
import json
import sys

from django.utils import timezone

from spatial import catalog
from spatial.inventory import inventory

WORDS = {"never_loaded": "未入库", "outdated": "已过期", "loaded": "已入库", "confirmed_empty": "确认为空"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    known = catalog.current()
    found = inventory(known, timezone.localdate())
    if arguments.json:
        document = {
            "layers": [
                {
                    "id": layer,
                    "title": known.layer(layer).title,
                    "kind": known.layer(layer).kind,
                    "role": known.layer(layer).role,
                    "coverage": [_state(s) for s in states],
                }
                for layer, states in found.items()
            ]
        }
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for layer, states in found.items():
        print(f"{known.layer(layer).title}（{layer}）")
        for state in states:
            place = known.counties[state.county].name if state.county else "县市不明"
            release = f" {state.release} {state.data_date}" if state.release else ""
            unlocated = f"，其中无位置 {state.unlocated}" if state.unlocated else ""
            print(f"    {place}：{WORDS[state.state]}，{state.features} 个{unlocated}{release}")
    return 0


def _state(state: object) -> dict[str, object]:
    told = dict(vars(state))
    told["data_date"] = told["data_date"].isoformat() if told["data_date"] else None
    return told
