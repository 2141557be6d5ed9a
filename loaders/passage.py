"""Rows of a delivery on their way through the steps and into the database, a batch at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

import shapely

from loaders import limits, write
from loaders.areas import area_column, compare_areas
from loaders.divisions import Divisions
from loaders.mapping import ColumnMap
from loaders.overlaps import MOST as MOST_OVERLAPS
from loaders.overlaps import overlaps
from loaders.record import NOTICE, WARNING, Delivery, Issue, refused
from loaders.result import Rows
from loaders.row import Row, shapes_of
from loaders.shapes import VERTICES_AT_ONCE, repair, reproject, validate_shape
from loaders.staging import DUPLICATE, HeldRow, hold, require_short_keys, stage
from loaders.steps import cast_fields, counties_it_may_lie_in, locate, own_county
from spatial.catalog import Catalog, Layer

COUNTY_LAYER = "admin_county"
EVERY = 250
"""Rows between two signs of progress, and between two looks at how large they are."""
ROWS_AT_ONCE = 10_000
MOST_ISSUES = 100_000

Progress = Callable[[str, int, int | None], None]
"""Told the stage (reading, images, rows, comparing, writing), how many are done, and of how many where that is known.

It may raise to stop."""


@dataclass(slots=True)
class Tally:
    """What gathers while rows pass."""

    read: int = 0
    loaded: int = 0
    repaired: int = 0
    quarantined: int = 0
    vertices: int = 0
    images: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)
    unlisted: int = 0

    def add(self, issues: Iterable[Issue]) -> None:
        """List issues; of a file that is wrong in every row no more than anybody reads."""
        for issue in issues:
            if len(self.issues) < MOST_ISSUES:
                self.issues.append(issue)
            else:
                self.unlisted += 1

    @property
    def rows(self) -> Rows:
        return Rows(self.read, self.loaded, self.repaired, self.quarantined, 0)


@dataclass(frozen=True)
class Source:
    """One file of a delivery. `number`: from 1; `name`: "" where it is the only one."""

    number: int
    name: str
    delivery: Delivery
    columns: ColumnMap

    @cached_property
    def area(self) -> str | None:
        """The column that declares an area; a boundary-point file compares its own."""
        return None if self.delivery.lines else area_column(self.delivery.columns)

    def named(self, issue: Issue) -> Issue:
        return replace(issue, message=f"{self.name}：{issue.message}") if self.name else issue


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows that went through the steps; `fit` are on their way into the database, `twice` tells which stay out."""

    source: Source
    rows: Sequence[Row]
    fit: Sequence[Row]
    twice: Future[list[write.Twice]]


@dataclass(frozen=True, slots=True)
class Steps:
    """What rows go through between reading and writing."""

    layer: Layer
    known: Catalog
    county: str | None
    outlines: Mapping[str, Any]
    divisions: Divisions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "divisions", Divisions(self.known))
        for outline in self.outlines.values():
            shapely.prepare(outline)

    @property
    def given(self) -> str | None:
        """The one county that a delivery is for."""
        return self.county if self.county in self.known.region.counties else None

    def take(self, rows: Sequence[Row], source: Source) -> None:
        """Make rows fit to be stored, or tell why they are not."""
        region, layer, epsg = self.known.region, self.layer, source.delivery.crs
        cast_fields(rows, layer, source.columns, write.today())
        repair(rows)
        reproject(rows, epsg)
        validate_shape(
            rows,
            layer.row_geometry,
            region.extent,
            region.name,
            register=layer.register,
            partly=layer.is_raster,
            epsg=epsg,
        )
        if layer.id == COUNTY_LAYER:
            own_county(rows, self.divisions)
        else:
            locate(rows, layer, source.columns, self.divisions, self.outlines, self.given)
        if source.area is not None:
            compare_areas(rows, source.area, layer.owner)
        require_short_keys(rows, layer)

    def hold(self, row: Row, source: Source) -> HeldRow:
        """The quarantined form of a row that stays out."""
        epsg = source.delivery.crs
        counties = counties_it_may_lie_in(
            row, source.columns, self.divisions, self.outlines, self.given, epsg
        )
        return hold(row, self.layer, epsg, counties, source.name)


def pass_through(
    sources: Sequence[Source], steps: Steps, under_way: write.Loading, tally: Tally, progress: Progress
) -> None:
    """All rows through the steps and into the database; while one batch is written the next is read."""
    counts = [source.delivery.count for source in sources]
    total = None if None in counts else sum(count for count in counts if count is not None)
    before: _Batch | None = None
    with _without_collector():
        for source in sources:
            for rows in _batches(source, tally, lambda: progress("rows", tally.read, total)):
                steps.take(rows, source)
                fit = [row for row in rows if not row.is_refused]
                staged = stage(fit, steps.layer)
                batch = _Batch(source, rows, fit, under_way.put(staged, source.number))
                if before is not None:
                    _count(before, steps, under_way, tally)
                before = batch
        if before is not None:
            _count(before, steps, under_way, tally)
    progress("comparing", tally.read, tally.read)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows are many objects and no cycles: looking for cycles among them takes a third of a load's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(source: Source, tally: Tally, tell: Callable[[], None]) -> Iterator[list[Row]]:
    """Rows, as many at a time as fit into little memory. Raises FileRefused where the file has too many vertices."""
    rows: list[Row] = []
    vertices = looked_at = 0
    for record in source.delivery.records:
        rows.append(Row(record))
        tally.read += 1
        if tally.read % EVERY:
            continue
        tell()
        vertices += _vertices(rows[looked_at:], tally)
        looked_at = len(rows)
        if len(rows) >= ROWS_AT_ONCE or vertices > VERTICES_AT_ONCE:
            yield rows
            rows, vertices, looked_at = [], 0, 0
    if rows:
        _vertices(rows[looked_at:], tally)
        yield rows


def _vertices(rows: Sequence[Row], tally: Tally) -> int:
    vertices = int(shapely.get_num_coordinates(shapes_of(rows)).sum())
    tally.vertices += vertices
    if tally.vertices > limits.FILE_VERTICES:
        said = f"图形一共超过 {limits.FILE_VERTICES} 个顶点。"
        raise refused("too_many_vertices", said, "请拆分后再提交。")
    return vertices


def _count(batch: _Batch, steps: Steps, under_way: write.Loading, tally: Tally) -> None:
    """Once a batch is written: what was there before stays out, and every row ends as loaded or waiting."""
    for one in write.outcome(batch.twice):
        row = batch.fit[one.nth]
        row.error(
            DUPLICATE, f"与第 {one.first_row} 行完全相同。", "请删去重复的行。", owner=steps.layer.owner
        )
    held = [steps.hold(row, batch.source) for row in batch.rows if row.is_refused]
    issues = [batch.source.named(issue) for row in batch.rows if row.issues for issue in row.issues]
    tally.quarantined += len(held)
    tally.loaded += len(batch.rows) - len(held)
    if batch.source.delivery.image is not None and len(held) < len(batch.rows):
        tally.images.add(batch.source.delivery.image.name)
    tally.repaired += sum(row.repaired and not row.is_refused for row in batch.rows)
    tally.add(issues)
    under_way.keep(held, issues)


def same_keys(under_way: write.Loading, steps: Steps, sources: Sequence[Source]) -> list[Issue]:
    """Warnings of rows that share key and first day with an earlier one, and say something else."""
    if steps.layer.key is None:
        return []
    named = steps.layer.fields[steps.layer.key]
    return [
        sources[same.file - 1].named(
            Issue(
                "duplicate_key",
                WARNING,
                f"{named.title} {same.key} 与第 {same.first_row} 行相同，内容不同，两行都已装入。",
                "请核对编码。",
                row=same.row,
                field=named.id,
                value=same.key,
                owner=steps.layer.owner,
            )
        )
        for same in under_way.same_keys()
    ]


def neighbours(under_way: write.Loading, steps: Steps, sources: Sequence[Source]) -> list[Issue]:
    """Warnings of rows that lie on the ground of another, in a layer whose features share none."""
    if not steps.layer.exclusive:
        return []
    told = []
    for one, other, size, place in islice(overlaps(under_way.by_place()), MOST_OVERLAPS):
        where = f"第 {other.row} 行" if other.row else "现有资料"
        file = sources[other.file - 1].name if other.file and other.file != one.file else ""
        issue = Issue(
            "neighbours_overlap",
            WARNING,
            f"与{file}{where}{f'（{other.name}）' if other.name else ''}重叠 {size:.2f} 平方米。",
            "这个图层的图形不应互相重叠，请与相邻的一方核对界线；两行都已装入。",
            row=one.row,
            place=place,
            owner=steps.layer.owner,
        )
        told.append(sources[(one.file or 1) - 1].named(issue))
    if len(told) == MOST_OVERLAPS:
        said = f"互相重叠的图形有 {MOST_OVERLAPS} 对以上，只列出这些。"
        told.append(Issue("overlaps_unlisted", WARNING, said, "像是重复装了同一批图形，请先核对文件。"))
    return told


def unlisted(tally: Tally) -> list[Issue]:
    if not tally.unlisted:
        return []
    said = f"另有 {tally.unlisted} 条问题没有列在这里（只列 {MOST_ISSUES} 条）。"
    return [Issue("issues_unlisted", NOTICE, said, "请先改正列出的问题，再重新提交。")]
