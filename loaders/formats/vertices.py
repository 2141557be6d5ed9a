"""Tables with a vertex a row: the rows of a plot become one record, its rings in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.formats.boundary_plot import Plot, Point, read_plot
from loaders.formats.columns import VERTEX_NAMES, Columns
from loaders.formats.places import is_nothing, position
from loaders.formats.text import narrow
from loaders.record import ERROR, Issue, Record
from spatial import crs

DEGREE_M = 80_000.0
"""Metres in a degree of longitude here: enough to tell a slip of a centimetre from a gap."""
_BOUNDARY = re.compile(r"J\d+(-\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of a table: its cells by column, all of them as text, and what is wrong with it besides its place.

    `covered`: some of its cells are merged into another one and say nothing.
    """

    line: int
    cells: Mapping[str, Any]
    issues: tuple[Issue, ...]
    text: str
    covered: bool = False


@dataclass(slots=True)
class _Group:
    number: str
    rows: list[TableRow] = field(default_factory=list)
    is_second: bool = False
    is_filled: bool = False


def are_vertices(rows: Sequence[TableRow], columns: Columns) -> bool:
    """Whether the rows are vertices of plots and not things of their own.

    A ring column says so. Without one, the points of each plot must be numbered as boundary points or go round, for
    the sampling points of a plot look the same otherwise.
    """
    if not columns.pair or not rows or not (columns.ring or columns.point):
        return False
    if columns.ring:
        return any(not is_nothing(row.cells.get(columns.ring)) for row in rows)
    if narrow(columns.point).strip().lower() in VERTEX_NAMES and columns.plot:
        return True
    return all(_goes_round(group.rows, columns) for group in _groups(rows, columns))


def _goes_round(rows: Sequence[TableRow], columns: Columns) -> bool:
    if len(rows) < 3:
        return False
    labels = [_said(row, columns.point) for row in rows]
    first, last = ([_said(row, name) for name in columns.pair] for row in (rows[0], rows[-1]))
    return all(map(_BOUNDARY.fullmatch, labels)) or (
        len(rows) > 3 and labels[0] == labels[-1] and first == last
    )


def records(rows: Sequence[TableRow], columns: Columns) -> Iterator[Record]:
    """A record for each plot, at the line of its first vertex."""
    for group in _groups(rows, columns):
        yield _record(group, columns)


def _groups(rows: Iterable[TableRow], columns: Columns) -> list[_Group]:
    """Runs of rows of the same plot. Under merged cells only the first row names it."""
    groups: list[_Group] = []
    seen: set[str] = set()
    for row in rows:
        number = _said(row, columns.plot)
        if not groups or (number and number != groups[-1].number):
            groups.append(_Group(number, is_second=number in seen))
            seen.add(number)
        elif columns.plot and not number and groups[-1].number:
            groups[-1].is_filled = True
        groups[-1].rows.append(row)
    return groups


def _said(row: TableRow, column: str) -> str:
    value = row.cells.get(column) if column else None
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    return "" if is_nothing(value) else narrow(str(value)).strip()


def _record(group: _Group, columns: Columns) -> Record:
    first = group.rows[0]
    plane = crs.zone_of(columns.epsg or 0) is not None
    points = list(_points(group.rows, columns))
    plot = Plot.bare(first.line, group.number, points, 1.0 if plane else DEGREE_M)
    plot.issues += [issue for row in group.rows for issue in row.issues]
    if group.is_second:
        hint = "请把同一地块的点排在一起；若是另一块地，请改编号。"
        plot.error("plot_rows_apart", "它的点分在两处。", hint, row=first.line, field=columns.plot)
    if group.is_filled:
        plot.notice("plot_number_filled", "编号只写在第一行，下面空着的行算作同一地块。", "", row=first.line)
    values = _values(plot, group.rows, columns)
    shape, _ = read_plot(plot, columns.epsg)
    if any(issue.severity == ERROR for issue in plot.issues):
        shape = None
    return Record(first.line, values, shape, tuple(plot.issues), "\n".join(row.text for row in group.rows))


def _points(rows: Sequence[TableRow], columns: Columns) -> Iterator[Point]:
    ring, start = 1, ("", 0.0, 0.0)
    for order, row in enumerate(rows):
        east, north, fault = position(row.cells, columns)
        said = _said(row, columns.ring)
        if said and not said.isdecimal():
            fault = fault or ("ring_number", f"圈号“{said[:20]}”不是整数。", columns.ring, said[:80])
        elif said and int(said[:9]) != ring:
            ring, start = int(said[:9]), ("", 0.0, 0.0)
        label = _said(row, columns.point)
        if not label:  # without numbers, the place says whether a ring is back at its first point
            label = start[0] if start[0] and start[1:] == (east, north) else f"第 {order + 1} 点"
        if not start[0]:
            start = (label, east, north)
        yield Point(row.line, label, ring, east, north, fault)


def _values(plot: Plot, rows: Sequence[TableRow], columns: Columns) -> dict[str, Any]:
    """What the rows say about the plot: the first cell of a column that says anything."""
    values: dict[str, Any] = {}
    for name in rows[0].cells:
        if name in (*columns.pair, columns.point, columns.ring):
            continue
        said = [row.cells[name] for row in rows if not is_nothing(row.cells.get(name))]
        values[name] = said[0] if said else None
        other = next((value for value in said if value != said[0]), None)
        if other is not None and name != columns.plot:
            plot.warn(
                "plot_values_differ",
                f"各行的“{name}”不同，只取第一个：{str(said[0])[:40]}、{str(other)[:40]}。",
                "请核对。",
                row=rows[0].line,
                field=name,
                value=str(other)[:80],
            )
    return values
