"""What an overlay tells as tables, one a question: the same for the workbook and for papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.input_names import input_name
from api.papers.findings import moment_of
from spatial import catalog, landuse, rules
from spatial.overlays.area import class_title
from spatial.rules.listing import RELATIONS

STATES = {
    "hit": "有压占", "clear": "无压占", "no_data": "资料缺失", "outdated": "资料过期", "unlocated": "有记录没有边界",
    "forbidden": "无权查看",
}  # fmt: skip
CHANGES = {"better": "▼ 好转", "worse": "▲ 变差", "same": "不变", "unknown": "乙资料不全，不能比较"}
UNRESTRICTED, UNKNOWN = "未压占（资料齐全）", "资料不全，无法判定"
TOTAL = "合计"
ADDS_UP = "每块地只计一次：各行、各列相加等于合计，合计等于范围面积。单位 m²，CGCS2000 椭球面积。"
OVERLAPS = "图层会互相重叠：各列不能相加。单位 m²，CGCS2000 椭球面积。"


@dataclass(frozen=True)
class Table:
    """A table: `name` short enough for a sheet, `note` what must be known to read it, `area`: columns of areas (m²).

    `total`: its last row adds up the others.
    """

    name: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    area: frozenset[int] = frozenset()
    total: bool = False


def tables_of(told: Mapping[str, Any], *, narrow: bool = False) -> list[Table]:
    """Every table of an overlay, in the order in which they are read. `narrow`: fewer columns, as a page has room."""
    listed = conflicts_in_few_columns if narrow else conflicts
    every = (_summary, by_verdict, by_layers, each_layer, listed, plots, layers, gaps, remarks)
    return [*(table(told) for table in every), *(compared(told) if told["change"] else ())]


def _summary(told: Mapping[str, Any]) -> Table:
    book, area = rules.current(), told["area"]
    versions = told["versions"]
    rows = [
        ("编号", told["number"]), ("名称", told["title"]), ("来文", told["purpose"]),
        ("范围", area["title"]), ("范围面积 m²", area["area_m2"]), ("面数", area["polygons"]),
        ("地块数", area["plots"]),
        ("范围自身重叠面积 m²（只计一次）", area["counted_twice_m2"]),
        ("县市", "、".join(county_of(code) for code in area["counties"])),
        ("叠加图层", "、".join(title_of(layer) for layer in told["with"])),
        ("事项", book.action_terms.get(told["action"] or "", "未填写")), ("现状用途", _use_of(told["current_use"])),
        ("项目情况", _project(told["project"])), ("所问日期", told["as_of"]),
        ("最重结论", book.verdict_terms[told["verdict"]]),
        ("核查完整", "是" if told["complete"] else "否：有资料缺口"),
        ("数据版本", versions["revision"]), ("批次", versions["release"]), ("图层目录", versions["catalog"]),
        ("规则", versions["rules"]), ("完成时间（北京时间）", moment_of(told["checked_at"])),
        ("指纹", told["fingerprint"]),
        ("说明", "没有资料不等于没有限制。本成果按所列数据版本和规则得出，不代替土壤污染状况调查。"),
    ]  # fmt: skip
    return Table("汇总", "", ("项目", "内容"), rows)


def _use_of(use: Mapping[str, str] | None) -> str:
    if use is None:
        return "未填写"
    code = landuse.codes().get(landuse.Use(use["system"], use["code"]))
    return f"{use['system']}:{use['code']} {code.name if code else ''}".strip()


def _project(project: Mapping[str, Any]) -> str:
    flags = rules.current().project_flags
    said = {True: "是", False: "否"}
    told = [
        f"{flags[name].title}：{said.get(value, value)}" for name, value in project.items() if name in flags
    ]
    return "；".join(told) or "未填写"


def _matrix(
    name: str,
    note: str,
    told: Mapping[str, Any],
    columns: Sequence[tuple[Any, str]],
    rows: Sequence[Any],
    *,
    adds: bool,
) -> Table:
    """Classes by columns. `rows`: (use, key of the column, m²); only columns that add up get a total of the row."""
    uses = [row["use"] for row in told["uses"]]
    cells: dict[tuple[Any, Any], float] = {}
    for use, key, area in rows:
        cells[use, key] = cells.get((use, key), 0.0) + area
    lines: list[list[Any]] = []
    for use in uses:
        line = [cells.get((use, key), 0.0) for key, _ in columns]
        lines.append([class_title(use), *line, *([sum(line)] if adds else [])])
    width = len(columns) + (1 if adds else 0)
    lines.append([TOTAL, *(sum(line[at] for line in lines) for at in range(1, width + 1))])
    headings = ["规划用途", *(title for _, title in columns), *([TOTAL] if adds else [])]
    return Table(name, note, headings, lines, frozenset(range(1, width + 1)), total=True)


def by_verdict(told: Mapping[str, Any]) -> Table:
    book = rules.current()
    columns = [(verdict, book.verdict_terms[verdict]) for verdict in book.verdict_order]
    rows = [(row["use"], row["verdict"], row["area_m2"]) for row in told["verdicts"]]
    return _matrix("用途×结论", f"按最重结论分摊。{ADDS_UP}", told, columns, rows, adds=True)


def by_layers(told: Mapping[str, Any]) -> Table:
    """The exact partition: a column for each set of layers that lie on some ground together."""
    columns: list[tuple[Any, str]] = [(((), True), UNRESTRICTED), (((), False), UNKNOWN)]
    sets = dict.fromkeys(tuple(row["layers"]) for row in told["partition"] if row["layers"])
    for names in sorted(sets, key=lambda names: (len(names), names)):
        columns.append(((names, True), "恰有：" + " + ".join(title_of(name) for name in names)))
    rows = [(row["use"], (tuple(row["layers"]), row["known"]), row["area_m2"]) for row in told["partition"]]
    open_ = sum(row["incomplete_m2"] for row in told["partition"] if row["layers"])
    more = f" 其中“恰有”各列有 {open_:.2f} m² 另有图层资料不全。" if open_ else ""
    return _matrix("用途×压占（分摊）", f"恰被哪些图层压占。{ADDS_UP}{more}", told, columns, rows, adds=True)


def each_layer(told: Mapping[str, Any]) -> Table:
    columns = [(row["layer"], row["title"]) for row in told["layers"]]
    rows = [(row["use"], row["layer"], row["area_m2"]) for row in told["by_layer"]]
    return _matrix("用途×图层（可重叠）", OVERLAPS, told, columns, rows, adds=False)


def conflicts(told: Mapping[str, Any]) -> Table:
    book, said = rules.current(), told["rules"]
    headings = (
        "次序", "结论", "地块", "规划用途", "图层", "要素编号", "要素名称", "关系", "重叠面积 m²", "距离 m", "规则",
        "规则名称", "理由", "依据", "确定性",
    )  # fmt: skip
    rows = [
        (
            place, book.verdict_terms[row["verdict"]], row["no"], class_title(row["use"]),
            title_of(row["feature"]["layer"]), row["feature"]["code"] or row["feature"]["id"], row["feature"]["name"],
            RELATIONS.get(row["relation"], row["relation"]),
            row["overlap_area_m2"], row["distance_m"], row["rule"], said[row["rule"]]["title"],
            row.get("message") or said[row["rule"]]["reason"],
            basis_of(said[row["rule"]]), {"possible": "可能", "near_miss": "临近"}.get(row["certainty"], "确定"),
        )
        for place, row in enumerate(told["conflicts"], 1)
    ]  # fmt: skip
    note = "逐块核查得出，重者在前。重叠面积是该要素自己的，不能相加。"
    return Table("冲突", note, headings, rows, frozenset({8}))


def conflicts_in_few_columns(told: Mapping[str, Any]) -> Table:
    wide = conflicts(told)
    headings = ("次序", "结论", "地块", "对象", "关系", "重叠面积 m²", "规则", "理由", "依据")
    rows = [
        (
            place, verdict, f"{no} {use}", " ".join(filter(None, (layer, code, name))), relation, area,
            f"{rule} {title}", reason if sure == "确定" else f"{reason}（{sure}）", basis,
        )
        for place, verdict, no, use, layer, code, name, relation, area, _, rule, title, reason, basis, sure in wide.rows
    ]  # fmt: skip
    return Table(wide.name, wide.note, headings, rows, frozenset({5}))


def plots(told: Mapping[str, Any]) -> Table:
    book = rules.current()
    headings = (
        "次序",
        "地块",
        "名称",
        "规划用途代码",
        "规划用途",
        "面积 m²",
        "计入面积 m²",
        "结论",
        "核查完整",
        "县市",
        "被触及的图层",
    )
    rows = [
        (
            row["plot"] + 1, row["no"], row["name"],
            f"{row['planned_use']['system']}:{row['planned_use']['code']}" if row["planned_use"] else "",
            class_title(row["use"]), row["area_m2"], row["counted_m2"], book.verdict_terms[row["verdict"]],
            "是" if row["complete"] else "否", "、".join(county_of(code) for code in row["counties"]),
            "；".join(f"{title_of(one['layer'])} {one['area_m2']:.2f} m²" for one in row["touched"]),
        )
        for row in told["plots"]
    ]  # fmt: skip
    note = "一行一块：范围的一个面，或其中同一规划用途的一部分。计入面积不含已计入别的地块的重叠部分。"
    return Table("地块", note, headings, rows, frozenset({5, 6}))


def layers(told: Mapping[str, Any]) -> Table:
    headings = ("图层", "状态", "资料", "要素数", "压占面积 m²", "占范围", "批次", "数据日期")
    rows = [
        (
            row["title"], STATES[row["state"]], STATES[row["incomplete"]] if row["incomplete"] else "齐全",
            row["features"],
            row["overlap_area_m2"], row["overlap_share"], row["release"], row["data_date"],
        )
        for row in told["layers"]
    ]  # fmt: skip
    return Table("图层", "线、点不占面积，只列入要素数和冲突。", headings, rows, frozenset({4}))


def gaps(told: Mapping[str, Any]) -> Table:
    headings = ("图层", "县市", "缺口", "说明", "负责", "影响地块数")
    rows = [
        (
            row["title"], county_of(row["county"]) if row["county"] else "",
            STATES[{"never_loaded": "no_data", "partial": "no_data"}.get(row["kind"], row["kind"])], row["message"],
            row["owner"], row["plots"],
        )
        for row in told["gaps"]
    ]  # fmt: skip
    return Table("资料缺口", "有缺口的地方不能说没有限制。", headings, rows)


def remarks(told: Mapping[str, Any]) -> Table:
    book, said = rules.current(), told["rules"]
    headings = ("结论", "规则", "规则名称", "理由", "依据", "未填写", "地块数", "地块面积 m²")
    rows = [
        (
            book.verdict_terms[row["verdict"]], row["rule"], said[row["rule"]]["title"], said[row["rule"]]["reason"],
            basis_of(said[row["rule"]]),
            "、".join(named(name) for name in row["missing"]), row["plots"], row["area_m2"],
        )
        for row in told["remarks"]
    ]  # fmt: skip
    return Table(
        "其他意见",
        "不针对某个要素的意见：整块地的要求、未填写的内容、资料缺口。",
        headings,
        rows,
        frozenset({7}),
    )


def compared(told: Mapping[str, Any]) -> Iterator[Table]:
    """What got better and what got worse, from the first to the second."""
    book, change, other = rules.current(), told["change"], told["other"]
    said = {**other["rules"], **told["rules"]}
    first, second = (
        f"甲 {told['area']['title']}（{told['as_of']}）",
        f"乙 {other['area']['title']}（{other['as_of']}）",
    )
    areas = "甲、乙范围面积 {:.2f} 和 {:.2f} m²，没有折算。".format(*change["area_m2"])
    headings = ("项目", first, second, "变化 m²", "好坏")
    lines = [(book.verdict_terms[row["verdict"]], row) for row in change["verdicts"]]
    lines += [(UNRESTRICTED, change["unrestricted"]), (UNKNOWN, change["unknown"])]
    lines += [(row["title"], row) for row in change["layers"]]
    rows = [
        (name, row["first_m2"], row["second_m2"], row["change_m2"], CHANGES[row["is"]]) for name, row in lines
    ]
    yield Table("对比", f"{areas}结论、压占为分摊面积，图层可重叠。", headings, rows, frozenset({1, 2, 3}))
    columns = (
        "好坏",
        "结论",
        "规则",
        "规则名称",
        "图层",
        "要素编号",
        "要素名称",
        "甲地块数",
        "乙地块数",
        "甲 m²",
        "乙 m²",
        "变化 m²",
    )
    found = [
        (
            CHANGES[row["is"]], book.verdict_terms[row["verdict"]], row["rule"], said[row["rule"]]["title"],
            title_of(row["layer"]),
            row["feature"]["code"] or row["feature"]["id"], row["feature"]["name"], *row["plots"], row["first_m2"],
            row["second_m2"], row["change_m2"],
        )
        for row in change["conflicts"]
    ]  # fmt: skip
    yield Table("对比 冲突", "新增的、消失的和面积变了的冲突。", columns, found, frozenset({9, 10, 11}))


def basis_of(rule: Mapping[str, Any]) -> str:
    return "；".join(f"{one['text']} {one['article'] or ''}".strip() for one in rule["basis"])


def named(name: str) -> str:
    """An input that is missing, in words."""
    return input_name(name, catalog.current(), rules.current())


def title_of(layer: str) -> str:
    known = catalog.current()
    return known.layer(layer).title if layer in known.layers else layer


def county_of(code: str) -> str:
    known = catalog.current()
    return known.counties[code].name if code in known.counties else code
