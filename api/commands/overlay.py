"""叠加分析 / lay layers on an area: matrix, conflicts, geometry; judged as a check judges.

AREA is a file in any format that the loaders read, or a layer of the catalog (LAYER, or LAYER:CODE,CODE for some of
its features). The result is stored and numbered. Exit code 0 whatever the verdict; 1 where the file is refused.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api.asking import use_of
from api.commands.check import project_from, usage_error
from api.errors import Refused
from api.field_errors import field_errors
from api.issue_list import print_issues
from api.overlays.asked import area_from, area_of_file, asked_from
from api.overlays.job import made_or_refused
from api.overlays.output import MEDIA, SUFFIXES, exported
from api.progress_bar import ProgressBar
from api.reports import own_address
from api.schemas import OverlayTerms
from loaders.parcels import read_parcels
from spatial import catalog, rules
from spatial.overlays.area import Area

FORMATS = {f".{SUFFIXES.get(name, name)}": name for name in MEDIA}


class _FileRefused(Exception):
    """The file has errors, which were printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("area", metavar="AREA", help="文件，或图层（LAYER、LAYER:编号,编号）")
    parser.add_argument(
        "--with",
        dest="layers",
        action="append",
        nargs="+",
        required=True,
        metavar="LAYER",
        help="叠加哪些图层",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="成果：" + " ".join(FORMATS))
    parser.add_argument("--compare", metavar="AREA", help="与另一个范围（方案）比较")
    parser.add_argument("--compare-as-of", metavar="DATE", type=date.fromisoformat, help="与另一天比较")
    parser.add_argument("--title", default="", help="名称")
    parser.add_argument("--action", help="事项，例如 use_change / supply")
    parser.add_argument("--current-use", metavar="[SYSTEM:]CODE", help="现状用途")
    parser.add_argument(
        "--project", action="append", default=[], metavar="KEY=VALUE", help="项目情况，可多次"
    )
    parser.add_argument("--as-of", metavar="DATE", help="按哪一天的事实和法律")
    parser.add_argument("--crs", metavar="EPSG:N", help="文件没有写明坐标系时")
    parser.add_argument("--source-layer", metavar="NAME", help="文件里有几个图层或工作表时，读哪一个")
    parser.add_argument("--encoding", help="文件编码，默认自动识别")


def run(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    if out.suffix.lower() not in FORMATS or not out.absolute().parent.is_dir():
        raise SystemExit(usage_error(f"--out 应为已有文件夹中的 {' '.join(FORMATS)}：{out}"))
    if arguments.compare and arguments.compare_as_of:
        raise SystemExit(usage_error("--compare 和 --compare-as-of 只能写一项。"))
    try:
        areas = [_area(given, arguments) for given in (arguments.area, arguments.compare) if given]
    except _FileRefused:
        return 1
    progress = ProgressBar()
    try:
        asked = asked_from(_terms(arguments), areas, arguments.compare_as_of, None)
        made = made_or_refused(asked, None, progress)
    finally:
        progress.close()
    content, _ = exported(made, made.answer, FORMATS[out.suffix.lower()], own_address())
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    print(_summary(made.answer))
    print(f"成果：{out}")
    return 0


def _area(given: str, arguments: argparse.Namespace) -> Area:
    path = Path(given)
    if path.exists():
        options = {key: getattr(arguments, key) for key in ("crs", "encoding", "source_layer")}
        read = read_parcels(path, path.name, **options)
        if not read.ok:
            print(f"{path.name}：文件有错误，没有叠加。")
            print_issues(read.issues)
            raise _FileRefused
        return area_of_file(read, path.stem)
    layer, _, codes = given.partition(":")
    if layer not in catalog.current().layers:
        raise SystemExit(usage_error(f"没有这个文件，也没有这个图层：{given}"))
    told = {"layer": layer, "codes": [code for code in codes.split(",") if code]}
    return area_from(told, "EPSG:4490", "AREA", None)


def _terms(arguments: argparse.Namespace) -> OverlayTerms:
    told: dict[str, Any] = {
        "with": [layer for some in arguments.layers for layer in some], "title": arguments.title,
        "action": arguments.action, "current_use": use_of(arguments.current_use),
        "project": dict(map(project_from, arguments.project)), "as_of": arguments.as_of,
    }  # fmt: skip
    try:
        return OverlayTerms.model_validate(told)
    except ValidationError as error:
        where = "、".join(one["at"] for one in field_errors(error.errors()))
        raise Refused(f"填写的内容有误：{where}。", "请核对格式。") from error


def _summary(told: dict[str, Any]) -> str:
    """A few lines: area, headline and completeness, ground by verdict, conflicts."""
    terms = rules.current().verdict_terms
    by_verdict: dict[str, float] = {}
    for row in told["verdicts"]:
        by_verdict[row["verdict"]] = by_verdict.get(row["verdict"], 0.0) + row["area_m2"]
    completeness = "核查完整" if told["complete"] else f"核查不完整：{len(told['gaps'])} 项资料缺口"
    lines = [
        f"{told['number']}  {told['title']}  {told['area']['area_m2']:.2f} m²（椭球面积，{told['area']['plots']} 块）",
        f"  最重结论：{terms[told['verdict']]}（{completeness}）",
        *(f"  {terms[verdict]}：{by_verdict[verdict]:.2f} m²" for verdict in terms if verdict in by_verdict),
        f"  冲突 {len(told['conflicts'])} 处",
    ]
    return "\n".join(lines)
