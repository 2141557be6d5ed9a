"""核查一个或多个地块 / check the parcels of a file in any format that the loaders read.

The answer is stored and numbered. Exit code 0 whatever the verdict; 1 where the file is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from api.asking import body_of, question_with
from api.breakdowns import out_of_time
from api.errors import Refused
from api.input_names import input_name
from api.issue_list import print_issues
from api.schemas import CheckBody
from loaders.parcels import read_parcels
from spatial import catalog, rules
from spatial.checks import ParcelOutside, run_check
from spatial.landuse import MNR
from spatial.measure import OutOfTime
from spatial.remarks import NONE_YET


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="文件 / any format the loaders read")
    add_question(parser)
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 文档")


def add_question(parser: argparse.ArgumentParser) -> None:
    """What is asked of the parcels of a file, and how the file is to be read."""
    parser.add_argument("--action", help="事项，例如 use_change / supply")
    parser.add_argument("--proposed-use", metavar="[SYSTEM:]CODE", help=f"拟用途，默认分类标准 {MNR}")
    parser.add_argument("--current-use", metavar="[SYSTEM:]CODE", help="现状用途")
    parser.add_argument(
        "--project",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="项目情况，可多次，例如 livestock=false",
    )
    parser.add_argument("--as-of", metavar="DATE", help="按哪一天的事实和法律")
    parser.add_argument("--crs", metavar="EPSG:N", help="文件没有写明坐标系时")
    parser.add_argument("--source-layer", metavar="NAME", help="文件里有几个图层或工作表时，读哪一个")
    parser.add_argument("--encoding", help="文件编码，默认自动识别")


def body_from(arguments: argparse.Namespace) -> CheckBody:
    return body_of(
        arguments.action,
        arguments.proposed_use,
        arguments.current_use,
        dict(project_from(pair) for pair in arguments.project),
        "",
        arguments.as_of,
    )


def run(arguments: argparse.Namespace) -> int:
    if not arguments.file.exists():
        raise SystemExit(usage_error(f"没有这个文件：{arguments.file}"))
    body = body_from(arguments)
    read = read_parcels(
        arguments.file,
        arguments.file.name,
        crs=arguments.crs,
        encoding=arguments.encoding,
        source_layer=arguments.source_layer,
    )
    if not read.ok:
        return _refuse(arguments, read)
    told = []
    for parcel in read.parcels:
        try:
            run = run_check(question_with(parcel, body))
            told.append({**run.answer, **NONE_YET})
        except ParcelOutside as error:
            raise Refused(str(error), "请检查坐标系、带号和经纬度次序。", code="outside_region") from error
        except OutOfTime as error:
            raise out_of_time() from error
    if arguments.json:
        document = told[0] if len(told) == 1 else {"checks": told}
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for answer in told:
            print(summary(answer))
    return 0


def summary(answer: dict[str, Any]) -> str:
    """The answer in a few lines: both sentences, what was found, what is missing."""
    known, book = catalog.current(), rules.current()
    terms = book.verdict_terms
    parcel, hit, gaps = answer["parcel"], answer["findings"], answer["gaps"]
    completeness = "核查完整" if answer["complete"] else f"核查不完整：缺 {len(gaps)} 项资料"
    known_at = f"按 {answer['known_at']} 时已发布的资料，不是现在的：" if answer["known_at"] else ""
    lines = [
        f"{known_at}{answer['number']}  地块 {parcel['parcel_no'] or ''}  {parcel['area_m2']:.2f} m²（椭球面积）",
        f"  结论：{terms[answer['verdict']]}（{completeness}）",
    ]
    for finding in hit:
        if "gap" not in finding:
            basis = "；".join(f"{b['text']} {b['article'] or ''}".strip() for b in finding["basis"])
            missing = (
                f" 未填写：{'、'.join(input_name(name, known, book) for name in finding['missing'])}"
                if finding["missing"]
                else ""
            )
            lines.append(
                f"  - [{terms[finding['verdict']]}] {finding['rule']} {finding['reason']}{missing}（{basis}）"
            )
    lines += [f"  - [缺] {gap['message']}" for gap in gaps]
    return "\n".join(lines)


def _refuse(arguments: argparse.Namespace, read: Any) -> int:
    if arguments.json:
        document = {
            "refused": True,
            "file": arguments.file.name,
            "encoding": read.encoding,
            "crs": read.crs,
            "issues": [issue.as_json() for issue in read.issues],
        }
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print(f"{arguments.file.name}：文件有错误，没有核查。")
        print_issues(read.issues)
    return 1


def project_from(pair: str) -> tuple[str, object]:
    name, equals, value = pair.partition("=")
    if not equals:
        raise SystemExit(usage_error(f"--project 应写作 KEY=VALUE：{pair}"))
    return name, {"true": True, "是": True, "false": False, "否": False}.get(value.lower(), value)


def usage_error(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
