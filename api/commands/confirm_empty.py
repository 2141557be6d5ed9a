"""确认为空 / a named person states that a county has nothing in a layer: confirm-empty LAYER COUNTY --person NAME."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from django.db import transaction
from django.utils import timezone

from api.recheck_job import enqueue_recheck
from spatial.releases import CannotSwitch, confirm_empty


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layer", metavar="LAYER", help="图层")
    parser.add_argument("county", metavar="COUNTY", help="县市代码")
    parser.add_argument("--person", required=True, help="确认人，具名负责")
    parser.add_argument("--date", type=date.fromisoformat, help="资料日期，默认今天")


def run(arguments: argparse.Namespace) -> int:
    try:
        day = arguments.date or timezone.localdate()
        with transaction.atomic():
            revision = confirm_empty(arguments.layer, arguments.county, arguments.person, day)
            enqueue_recheck(revision.number)
    except CannotSwitch as refusal:
        print(refusal, refusal.hint, file=sys.stderr)
        return 1
    print(
        f"已记录：{arguments.person}确认 {arguments.county} 的 {arguments.layer} 为空，数据版本 {revision.number}。"
    )
    return 0
