"""打包瓦片 / public layers as vector tiles in one PMTiles file, the same bytes that the service sends.

The file holds what anybody may see, of the newest revision on today's date. It is there whole or not at all.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from api.access import STRANGER, may_read
from api.baking import bake
from api.commands.check import usage_error
from api.progress_bar import ProgressBar
from spatial import catalog
from tiles.grid import MAX_ZOOM

SUFFIX = ".pmtiles"
SHARP_ZOOM = 14
"""A unit of its tiles is a pixel three zooms on, where maps that have no tile draw this one larger."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layers", nargs="+", metavar="LAYER", help="图层，用 jingtu layers 查看")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"结果：*{SUFFIX}")
    parser.add_argument(
        "--maxzoom", type=int, default=SHARP_ZOOM, metavar="N", help=f"到第几级，默认 {SHARP_ZOOM}"
    )


def run(arguments: argparse.Namespace) -> int:
    known = catalog.current()
    for layer in arguments.layers:
        if layer not in known.layers or known.layer(layer).kind == "request":
            return usage_error(f"没有图层 {layer}；用 jingtu layers 查看。")
    if arguments.out.suffix.lower() != SUFFIX or not arguments.out.absolute().parent.is_dir():
        return usage_error(f"--out 应为已有文件夹中的 {SUFFIX}：{arguments.out}")
    if not 0 <= arguments.maxzoom <= MAX_ZOOM:
        return usage_error(f"--maxzoom 应为 0 至 {MAX_ZOOM}：{arguments.maxzoom}")
    kept = [
        known.layer(layer).title for layer in arguments.layers if not may_read(STRANGER, known.layer(layer))
    ]
    if kept:
        print(
            f"图层“{'”、“'.join(kept)}”不公开，不能打包：包里的内容谁都能看。请去掉后重试。", file=sys.stderr
        )
        return 1
    with contextlib.closing(ProgressBar()) as progress:
        baked = bake(arguments.layers, arguments.out, arguments.maxzoom, progress)
    print(
        f"已写入 {arguments.out}：{baked.tiles} 片，0 至 {arguments.maxzoom} 级，数据版本 {baked.revision}，"
        f"数据日期 {baked.data_date or '—'}。"
    )
    return 0
