"""只提供网页和接口 / serve the page and the API from a database that is ready."""

import argparse

from api import web_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: JINGTU_HOST and JINGTU_PORT say where."""


def run(arguments: argparse.Namespace) -> int:
    with web_server.reserved() as listener:
        web_server.serve(listener)
    return 0
