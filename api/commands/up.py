"""一条命令启动全部 / database, migrations, the demo where nothing is loaded yet, then worker, page and API.

Ctrl-C or SIGTERM stops all that it started, the private database too.
"""

import argparse

from django.core.management import call_command

from api import web_server, worker
from api.commands import demo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: JINGTU_HOST and JINGTU_PORT say where."""


def run(arguments: argparse.Namespace) -> int:
    with web_server.reserved() as listener:
        print("· 升级数据库 / migrating", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        demo.load_if_empty()
        with worker.running():
            web_server.serve(listener)
    return 0
