"""把数据库升级到当前版本 / bring the database to the version of this program.

Runs every migration that has not run yet; running it again changes nothing. What tiles have no drawing of is left to
the worker.
"""

import argparse

from django.core.management import call_command

from api.drawing_job import enqueue_drawing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(arguments: argparse.Namespace) -> int:
    call_command("migrate", interactive=False, verbosity=1)
    enqueue_drawing()
    return 0
