"""撤回一个批次 / switch a release off: what was live before it is live again."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction

from api.recheck_job import enqueue_recheck
from spatial.releases import CannotSwitch, unpublish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", help="批次名")


def run(arguments: argparse.Namespace) -> int:
    try:
        with transaction.atomic():
            revision = unpublish(arguments.release)
            enqueue_recheck(revision.number)
    except CannotSwitch as refusal:
        print(refusal, refusal.hint, file=sys.stderr)
        return 1
    print(
        f"批次 {arguments.release} 已撤回，数据版本 {revision.number}。再次发布：jingtu publish {arguments.release}"
    )
    return 0
