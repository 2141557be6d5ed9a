"""备份 / make a backup below a folder: of the private database a base and from then on its log, of another a dump.

Files beside the database (images, attachments, keys) belong to it. The work of others goes on meanwhile.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from api.backups import NoBackup, private_of_this_run, take


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="备份放在这个文件夹下，每份一个子文件夹")


def run(arguments: argparse.Namespace) -> int:
    try:
        taken = take(arguments.folder.absolute(), private_of_this_run())
    except NoBackup as error:
        print(error, error.hint, file=sys.stderr)
        return 1
    print(f"备份：{taken.folder}")
    print(f"数据指纹：{taken.told['fingerprint']}")
    return 0
