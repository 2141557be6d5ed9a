"""恢复 / put a backup back: into an empty JINGTU_HOME, or a dump into the empty database of JINGTU_DATABASE_URL.

With --to the private database is as it was at that moment. At the end all is proved: the fingerprint of the data, the
audit chain, every stored answer, every file. Exit code 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from api.backups import NoBackup, opened, private_of_this_run, put_back_base, put_back_dump, recovered
from api.database import named_or_private, point_django_at
from api.private_database import PrivateDatabase
from spatial import audit_note, integrity

USES_DATABASE = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="BACKUP", help="jingtu backup 建立的那个子文件夹")
    parser.add_argument("--to", type=_moment, metavar="TIME", help='恢复到这一刻，例如 "2026-11-25 10:15:00"')


def run(arguments: argparse.Namespace) -> int:
    try:
        with ExitStack() as stack:
            _put_back(arguments, stack)
            print_, tables = integrity.fingerprint()
            faults = list(integrity.faults())
            audit_note.begin_anew()
    except NoBackup as error:
        print(error, error.hint, file=sys.stderr)
        return 1
    rows = sum(count for count, _ in tables.values())
    print(f"已恢复 {rows} 行。数据指纹：{print_}")
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(f"共 {len(faults)} 处不符。", file=sys.stderr)
        return 1
    print("审计记录完整，核查结果与指纹相符，附件和影像齐全。")
    return 0


def _put_back(arguments: argparse.Namespace, stack: ExitStack) -> None:
    """Leave a running database behind, at which Django points."""
    taken = opened(arguments.folder.absolute())
    if taken.told["kind"] == "base":
        if private_of_this_run() is None:
            raise NoBackup("这是私有数据库的备份，不能恢复到 JINGTU_DATABASE_URL。", "请不设这个变量再试。")
        private = PrivateDatabase(Path(settings.JINGTU_HOME))
        put_back_base(taken, private, arguments.to)
        point_django_at(stack.enter_context(private.running()))
        recovered(private)
        return
    if arguments.to is not None:
        raise NoBackup("导出文件（dump）只有一个时刻，不能用 --to。", "请去掉 --to，或用私有数据库的备份。")
    point_django_at(stack.enter_context(named_or_private()))
    put_back_dump(taken)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"时间应形如 2026-11-25 10:15:00：{text}") from error
    return moment if moment.tzinfo else timezone.make_aware(moment)
