"""装入一个图层的资料 / load a delivery of one layer beside the live data; dry unless --commit.

A load is the whole of the layer for the county (--county) or for the whole region (--county with the region's code);
without --county it removes nothing. Exit code 1 where nothing may go in.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from api.issue_list import print_issues
from api.progress_bar import ProgressBar
from loaders.formats import READABLE
from loaders.passage import Progress
from loaders.pipeline import load
from loaders.report import SUFFIXES, write_report
from loaders.result import LoadResult
from spatial import catalog

OUTCOMES = {
    "accepted": "原样装入",
    "repaired": "修复后装入",
    "quarantined": "部分行待处理",
    "refused": "拒收",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layer", metavar="LAYER", help="图层代码，见 jingtu layers")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help=READABLE.rstrip("。"),
    )
    parser.add_argument(
        "--county",
        metavar="CODE",
        help="文件是哪个县（市）的全部资料；全州一起交时用州的代码；不写则只增不减",
    )
    parser.add_argument("--release", metavar="NAME", help="批次名；默认最近的待发布批次，没有则用今天的日期")
    parser.add_argument("--crs", metavar="EPSG:N", help="文件没有写明坐标系时")
    parser.add_argument("--encoding", metavar="NAME", help="文件编码，默认自动识别")
    parser.add_argument("--source-layer", metavar="NAME", help="文件里有几个图层或工作表时，读哪一个")
    parser.add_argument(
        "--data-date",
        metavar="YYYY-MM-DD",
        type=date.fromisoformat,
        help="资料是哪一天的；默认用文件里写的（几个文件取最早），没写则为今天",
    )
    parser.add_argument("--report", metavar="FILE", type=Path, help="把问题清单写成 .json、.csv 或 .xlsx")
    parser.add_argument("--commit", action="store_true", help="写入批次（不加则只试读，什么都不改）")
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def run(arguments: argparse.Namespace) -> int:
    known = catalog.current()
    if arguments.layer not in known.layers:
        return _usage(f"没有图层 {arguments.layer}；用 jingtu layers 查看。")
    if arguments.county and arguments.county not in (known.region.code, *known.region.counties):
        return _usage(
            f"没有县（市）{arguments.county}；可用 {'、'.join((known.region.code, *known.region.counties))}。"
        )
    if arguments.report and arguments.report.suffix.lower() not in SUFFIXES:
        return _usage(f"问题清单只能写成 {'、'.join(SUFFIXES)}。")
    missing = [path for path in arguments.files if not path.exists()]
    if missing:
        return _usage(f"没有这个文件：{missing[0]}")
    with contextlib.closing(ProgressBar()) as progress:
        result = _loaded(arguments, progress)
    if arguments.report:
        write_report(result, arguments.report)
    if arguments.json:
        json.dump(result.as_json(), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _tell(result)
    return 1 if result.outcome == "refused" else 0


def _loaded(arguments: argparse.Namespace, progress: Progress) -> LoadResult:
    return load(
        arguments.files,
        arguments.layer,
        county=arguments.county,
        release=arguments.release,
        crs=arguments.crs,
        encoding=arguments.encoding,
        commit=arguments.commit,
        data_date=arguments.data_date,
        source_layer=arguments.source_layer,
        progress=progress,
    )


def _tell(result: LoadResult) -> None:
    known = catalog.current()
    rows = result.rows
    print(f"{known.layer(result.layer).title}（{result.layer}）：{OUTCOMES[result.outcome]}")
    print(f"  读取 {rows.read} 行：装入 {rows.loaded}（其中修复 {rows.repaired}），", end="")
    print(f"待处理 {rows.quarantined}，拒收 {rows.refused}")
    print(f"  坐标系 {result.crs or '—'}，编码 {result.encoding or '—'}，数据日期 {result.data_date or '—'}")
    if result.outcome != "refused":
        print(f"  与现有资料相比：{_kinds(result.changes.as_json())}")
        for county, kinds in result.changes.by_county.items():
            place = known.counties[county].name if county in known.counties else "县（市）不明"
            print(f"    {place}：{_kinds(kinds)}")
    print_issues(result.issues)
    if result.outcome == "refused":
        print("没有装入任何一行。")
    elif result.committed:
        print(f"已写入批次 {result.release}（装入 {result.load}），尚未发布：jingtu publish {result.release}")
    else:
        print(f"这是试读，什么都没有改。确认后加 --commit 写入批次 {result.release}。")


def _kinds(kinds: Mapping[str, Any]) -> str:
    words = {"added": "新增", "changed": "改变", "removed": "减少", "unchanged": "相同"}
    return "，".join(f"{word} {kinds[kind]}" for kind, word in words.items())


def _usage(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
