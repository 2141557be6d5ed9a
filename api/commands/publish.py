"""发布一个批次 / switch a release on: what it holds goes live as one."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction

from api.recheck_job import enqueue_recheck
from spatial.releases import CannotSwitch, publish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", help="批次名")


def run(arguments: argparse.Namespace) -> int:
    try:
        with transaction.atomic():
            revision = publish(arguments.release)
            enqueue_recheck(revision.number)
    except CannotSwitch as refusal:
        print(refusal, refusal.hint, file=sys.stderr)
        return 1
    print(
        f"批次 {arguments.release} 已发布，数据版本 {revision.number}。撤回：jingtu unpublish {arguments.release}"
    )
    return 0
