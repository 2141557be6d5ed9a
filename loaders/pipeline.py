"""From an office's files to a load beside the live data: the whole way in one place.

read → map → cast → repair → reproject → validate → locate → write. Dry unless told to commit: the same statements
run and are taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from loaders import cog, write
from loaders.formats import Opening, digest_of, opened, refusal_of
from loaders.mapping import ColumnMap, map_columns
from loaders.passage import (
    COUNTY_LAYER,
    Progress,
    Source,
    Steps,
    Tally,
    neighbours,
    pass_through,
    same_keys,
    unlisted,
)
from loaders.record import ERROR, NOTICE, Delivery, File, FileRefused, Issue, refused
from loaders.result import Changes, LoadResult, Rows
from spatial import catalog
from spatial.catalog import Catalog, Layer
from spatial.crs import CrsRefused


def load(
    files: Path | Sequence[Path],
    layer_id: str,
    *,
    county: str | None = None,
    release: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    commit: bool = False,
    by: Any = None,
    data_date: date | None = None,
    source_layer: str | None = None,
    progress: Progress = lambda stage, done, total: None,
    opening: Opening = opened,
) -> LoadResult:
    """Read a delivery: the whole of one layer for `county`; without one, rows that are added and remove nothing.

    `county` may be the region's own code: the delivery is then whole for every county. Rows that cannot go in wait;
    when the file itself is at fault, or no row can go in, nothing does (outcome "refused"). `by`: a user or None.
    `data_date`: the day the data are of; None: the oldest that the files say, else today.
    `source_layer`: the layer or sheet of the files that is meant, where they have several. `opening`: how files are
    opened, here or in a child. Raises LayerNotFound.
    """
    layer = catalog.current().layer(layer_id)
    paths = [files] if isinstance(files, Path) else list(files)
    tally = Tally()
    try:
        _may_load(layer, county)
        return _load(
            layer,
            paths,
            county,
            release,
            crs,
            encoding,
            commit,
            by,
            data_date,
            source_layer,
            tally,
            progress,
            opening,
        )
    except (FileRefused, CrsRefused) as error:
        return _refused(layer, tally, [*tally.issues, refusal_of(error)], "", encoding or "", release)


def _may_load(layer: Layer, county: str | None) -> None:
    known = catalog.current()
    if layer.kind != "stored":
        sources = "、".join(dict.fromkeys(known.layer(one.layer).title for one in layer.selection))
        hint = f"它由这些图层选出：{sources}，请装入它们。" if sources else "它不存资料。"
        raise refused("layer_not_stored", f"“{layer.title}”不能装入。", hint)
    if county and county not in (known.region.code, *known.region.counties):
        raise refused(
            "county_unknown",
            f"没有县（市）{county}。",
            f"可用：{'、'.join((known.region.code, *known.region.counties))}。",
        )


def _load(
    layer: Layer,
    paths: list[Path],
    county: str | None,
    release: str | None,
    crs: str | None,
    encoding: str | None,
    commit: bool,
    by: Any,
    data_date: date | None,
    source_layer: str | None,
    tally: Tally,
    progress: Progress,
    opening: Opening,
) -> LoadResult:
    known = catalog.current()
    progress("reading", 0, None)
    with ExitStack() as stack:
        read: list[tuple[File, Delivery, ColumnMap]] = []
        for path in paths:
            # Pixels are read again when they are copied, so an image is opened here whoever else reads files.
            here = partial(opened, images=True) if layer.is_raster else opening
            file, reader = stack.enter_context(here(path, path.name, source_layer))
            delivery = reader(file, crs=crs, encoding=encoding)
            columns = map_columns(
                layer, delivery.columns, known.counties.get(county or ""), delivery.encoding
            )
            read.append((file, delivery, columns))
            tally.issues += [*delivery.issues, *_unused(columns)]
        tally.issues += _of_dates(data_date, read)
        systems = "、".join(dict.fromkeys(f"EPSG:{delivery.crs}" for _, delivery, _ in read if delivery.crs))
        encodings = "、".join(
            dict.fromkeys(delivery.encoding for _, delivery, _ in read if delivery.encoding)
        )
        if any(issue.severity == ERROR for issue in tally.issues):
            _read_faults(read, tally)
            return _refused(layer, tally, tally.issues, systems, encodings, release)
        outlines = write.county_outlines() if layer.id != COUNTY_LAYER else {}
        plan = write.Plan(
            layer=layer.id,
            scope=_scope(county, known),
            release=release,
            file_name="；".join(path.name for path in paths),
            file_sha256=_sha256(paths),
            crs=systems,
            encoding=encodings,
            mapping_hash=_mapping_hash(read, county, crs, source_layer),
            code_version=version("jingtu"),
            data_date=data_date or min((d.data_date for _, d, _ in read if d.data_date), default=None),
            by=by,
        )
        steps = Steps(layer, known, county, outlines)
        sources = [
            Source(number, file.name if len(read) > 1 else "", delivery, columns)
            for number, (file, delivery, columns) in enumerate(read, 1)
        ]
        images = {d.image.name: partial(cog.write, d.image) for _, d, _ in read if d.image and commit}
        place = stack.enter_context(write.storing(images, lambda nth, many: progress("images", nth, many)))
        with write.loading(plan, commit=commit) as under_way:
            under_way.keep((), tally.issues)
            pass_through(sources, steps, under_way, tally, progress)
            under_way.compare()
            told = [*same_keys(under_way, steps, sources), *neighbours(under_way, steps, sources)]
            tally.add(told)
            progress("writing", tally.read, tally.read)
            stored = under_way.finish(tally.rows, told, lambda: place(tally.images))
    issues = (*tally.issues, *stored.issues, *unlisted(tally))
    if stored.is_refused:
        return _refused(layer, tally, issues, systems, encodings, stored.release)
    rows = tally.rows
    return LoadResult(
        layer=layer.id,
        outcome=rows.outcome,
        rows=rows,
        issues=_in_order(issues),
        crs=systems or None,
        encoding=encodings,
        release=stored.release,
        committed=commit,
        load=stored.load,
        changes=stored.changes,
        counties=stored.counties,
        data_date=stored.data_date,
    )


def _refused(
    layer: Layer, tally: Tally, issues: Iterable[Issue], systems: str, encodings: str, release: str | None
) -> LoadResult:
    """Nothing goes in; every row that was read is refused."""
    return LoadResult(
        layer=layer.id,
        outcome="refused",
        rows=Rows(read=tally.read, refused=tally.read),
        issues=_in_order(issues),
        crs=systems or None,
        encoding=encodings,
        release=release,
        committed=False,
        load=None,
        changes=Changes(),
        counties=(),
        data_date=None,
    )


def _in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """In the order of the file; what concerns all of it comes first."""
    return tuple(sorted(issues, key=lambda issue: issue.row or 0))


def _read_faults(read: list[tuple[File, Delivery, ColumnMap]], tally: Tally) -> None:
    """What is wrong with the rows of a file that is refused as a whole, so that all can be mended at once."""
    for _, delivery, _ in read:
        for record in delivery.records:
            tally.read += 1
            tally.issues += record.issues


def _scope(county: str | None, known: Catalog) -> tuple[str, ...] | None:
    """The counties that the delivery is whole for; None: whole for none. "" are entries of no county."""
    if county == known.region.code:
        return (*known.region.counties, "")
    return (county,) if county else None


def _of_dates(given: date | None, read: list[tuple[File, Delivery, ColumnMap]]) -> list[Issue]:
    """A day still to come refuses the delivery; where neither file nor person says one, today is taken and told."""
    stated = [given] if given else [delivery.data_date for _, delivery, _ in read if delivery.data_date]
    late = [day for day in stated if day > write.today()]
    if late:
        hint = "请核对文件里的数据产生日期或 --data-date。"
        return [Issue("data_date_future", ERROR, f"数据日期 {max(late)} 还没有到。", hint)]
    silent = [file.name for file, delivery, _ in read if not delivery.data_date and not given]
    if not silent:
        return []
    said = f"{'、'.join(silent[:10])}没有写数据日期，按今天（{write.today()}）算。"
    return [Issue("data_date_assumed", NOTICE, said, "如果不是今天的资料，请用 --data-date 写明日期。")]


def _unused(columns: ColumnMap) -> list[Issue]:
    if not columns.unused:
        return []
    names = "、".join(columns.unused[:20])
    return [
        Issue(
            "columns_unused",
            NOTICE,
            f"这些列没有对应的字段，没有装入：{names}。",
            "如需装入，请在图层文件里登记列名。",
        )
    ]


def _sha256(paths: list[Path]) -> str:
    """SHA-256 of the one file, or of the digests of several in order."""
    digests = [digest_of(path) for path in paths]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _mapping_hash(
    read: list[tuple[File, Delivery, ColumnMap]],
    county: str | None,
    crs: str | None,
    source_layer: str | None,
) -> str:
    """Everything that shapes the outcome beside the bytes: columns, catalog, county, coordinate system, encoding."""
    said = [
        catalog.current().digest,
        county,
        crs,
        *((d.encoding, columns.digest) for _, d, columns in read),
        *([source_layer] if source_layer else []),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()
