"""Area packages for work without a line: tiles and features of a box as one person sees them, made by the worker.

Two files: tiles (PMTiles 3) and content (JSON). Their sizes are known before anything is fetched. Nothing in them is a
verdict: without the server nobody checks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import shapely
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from api import pool
from api.access import Scope, readable_layers, rights_of, row_counties, scope_of_user
from api.baking import Box, Looked, bake_box, look
from api.errors import Conflict, Forbidden, TooLarge
from api.jobs import Progress, enqueue
from api.reading import moment, view
from api.routes.field_work import inspections_told
from spatial import audit, catalog
from spatial.catalog import Layer
from spatial.models import Coverage, Inspection, Job, LeftOut
from spatial.registers import lifecycle
from spatial.releases import lock
from tiles import features
from tiles.features import Filter
from tiles.rows import Moment

KEPT_S = 24 * 3600
SHARPEST = 14
"""The last zoom: a coordinate is 0.4 m there, and the map draws closer views from it."""
MOST_TILES = 4000
MOST_FEATURES = 20_000
MOST_INSPECTIONS = 200
MOST_UNLOCATED = 1000
"""Of a layer and a county; how many more there are is told."""
MOST_BYTES = 200 * 2**20
"""Both files: a phone holds them in its memory while it proves them."""
GROUND = "admin_county"
SLIVER = 0.0005
"""Degrees, some 50 m: outlines of counties are generalised, and leave gaps between neighbours."""


def folder_of(job: UUID) -> Path:
    return Path(settings.JINGTU_HOME) / "area-packages" / str(job)


def zooms_of(box: Box) -> tuple[int, int]:
    """First and last zoom: from the first on, which shows the ground about the box, the map can be drawn."""
    wide = max(box[2] - box[0], box[3] - box[1], 1e-4)
    return max(0, min(SHARPEST, math.floor(math.log2(360 / wide)) - 2)), SHARPEST


def tiles_in(box: Box) -> int:
    """How many tiles of the last zoom a box meets at the most."""
    side = 360 / 2**SHARPEST
    shorter = math.cos(math.radians(max(abs(box[1]), abs(box[3]))))
    across, along = (box[2] - box[0]) / side + 1, (box[3] - box[1]) / (side * shorter) + 1
    return math.ceil(across) * math.ceil(along)


def enqueue_package(scope: Scope, box: Box, name: str) -> Job:
    """Leave it for the worker, where none of this person's is on its way. Raises TooLarge, Conflict."""
    if tiles_in(box) > MOST_TILES:
        raise TooLarge(
            f"范围太大：约 {tiles_in(box)} 片地图，一个离线包最多 {MOST_TILES} 片。", "请放大地图，缩小范围。"
        )
    job = Job(kind=Job.Kind.PACKAGE, title=name, by_id=scope.user_id, counties=sorted(scope.counties))
    job.given = {"bbox": box, "name": name}
    with transaction.atomic():
        lock(f"package {scope.user_id}")  # whoever asks twice at once is heard in turn
        own = Job.objects.filter(kind=Job.Kind.PACKAGE, by_id=scope.user_id, cancel_asked=False)
        if before := own.exclude(state__in=Job.ENDED).first():
            message = f"你的离线包“{before.title}”还在准备，一次只能准备一个。"
            raise Conflict(
                message,
                "请等它做好，或先取消它。",
                code="package_underway",
                errors=[{"at": f"/jobs/{before.pk}", "code": "package_underway", "message": message}],
            )
        return enqueue(job)


def make_package(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `package`; begun again, it begins from the first. Raises TooLarge, Forbidden."""
    scope = scope_of_user(job.by) if job.by else None
    if scope is None:
        raise Forbidden("你的账号已不能下载离线包。")
    west, south, east, north = job.given["bbox"]
    folder, box = folder_of(job.pk), (west, south, east, north)
    part = folder.with_name(f"{job.pk}.part")
    for old in (folder, part):
        shutil.rmtree(old, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        result = _make(scope, job, box, part, progress)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    audit.record(
        "export", scope.user_id, "、".join(result["layers"]), counties=scope.counties, how="package",
        bbox=list(box), features=result["features"], package=str(job.pk),
    )  # fmt: skip
    return result


def _make(scope: Scope, job: Job, box: Box, folder: Path, progress: Progress) -> dict[str, Any]:
    known, zooms = catalog.current(), zooms_of(box)
    layers = [one for one in readable_layers(scope, known) if one.kind == "stored"]
    met, looked = _look(scope, layers, box)
    at = Moment(looked.seen.revision, looked.seen.as_of)

    def told(stage: str, done: int, total: int | None = None) -> None:
        _require_small(folder)
        progress(stage, done, total)

    baked = bake_box(scope, looked, box, zooms, folder / "tiles", told)
    found, unlocated, left_off = asyncio.run(_features(scope, layers, met, box, at))
    lists = set(lifecycle.current().lists)
    counted = {
        "name": job.given["name"],
        "bbox": list(box),
        "made_at": timezone.now().isoformat(),
        "by": scope.username,
        "revision": at.revision,
        "as_of": at.as_of.isoformat(),
        "data_date": baked.data_date,
        "zooms": list(zooms),
        "layers": [one.id for one in met],
        "lists": [one.id for one in layers if one.id in lists],
        "sites": sum(len(texts) for layer, texts in found.items() if layer in lists),
        "features": sum(map(len, found.values())),
        "unlocated": sum(map(len, unlocated.values())) + sum(left_off.values()),
        "left_off": left_off,
        "gaps": _gaps(scope, layers, found.get(GROUND, []), box, looked),
    }
    _write(folder / "content", counted, found, unlocated, _inspections(scope))
    _require_small(folder)
    return counted | {
        "rights": rights_of(scope),
        "tiles": baked.tiles,
        "files": {name: _file(folder / name) for name in ("tiles", "content")},
    }


def _require_small(folder: Path) -> None:
    """Raises TooLarge."""
    if sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > MOST_BYTES:
        raise TooLarge(f"离线包超过 {MOST_BYTES // 2**20} MB，没有做。", "请放大地图，缩小范围。")


def _look(scope: Scope, layers: Sequence[Layer], box: Box) -> tuple[list[Layer], Looked]:
    """The layers of which something lies in the box, and what is baked of them, of one revision.

    A layer that was first published in between would be in no tile and no gap. Raises TooLarge.
    """
    while True:
        at, met = asyncio.run(_layers_met(scope, layers, box))
        looked = look(scope, [one.id for one in met])
        if at == Moment(looked.seen.revision, looked.seen.as_of):
            return met, looked


async def _layers_met(scope: Scope, layers: Sequence[Layer], box: Box) -> tuple[Moment, list[Layer]]:
    """The layers of which something lies in the box, and the ground. Raises TooLarge."""
    known, many, met = catalog.current(), 0, []
    async with pool.opened():
        at = await moment(None)
        for layer in layers:
            statement = features.matched(known, view(scope, layer), at, Filter(box))
            (row,) = await pool.fetch_seen(scope.asker, *statement)
            many += row["matched"]
            if row["matched"] or layer.id == GROUND:
                met.append(layer)
    if many > MOST_FEATURES:
        raise TooLarge(
            f"范围内有 {many} 个要素，一个离线包最多 {MOST_FEATURES} 个。", "请放大地图，缩小范围。"
        )
    return at, met


async def _features(
    scope: Scope, layers: Sequence[Layer], met: Sequence[Layer], box: Box, at: Moment
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Layer → features of the box; layer → those of its counties of which nobody knows where they lie, and how many
    of these are left off."""
    known = catalog.current()
    found: dict[str, list[str]] = {}
    unlocated: dict[str, list[str]] = {}
    left_off: dict[str, int] = {}
    async with pool.opened():
        for layer in met:
            statement = features.items(
                known, view(scope, layer), at, Filter(box), after=0, limit=MOST_FEATURES
            )
            found[layer.id] = [row["feature"] for row in await pool.fetch_seen(scope.asker, *statement)]
        counties = _counties(found.get(GROUND, []))
        for layer in layers:
            seen = view(scope, layer)
            for county in counties:
                asked = Filter(county=county, unlocated=True)
                statement = features.items(known, seen, at, asked, after=0, limit=MOST_UNLOCATED)
                rows = await pool.fetch_seen(scope.asker, *statement)
                unlocated.setdefault(layer.id, []).extend(row["feature"] for row in rows)
                if len(rows) == MOST_UNLOCATED:
                    (row,) = await pool.fetch_seen(scope.asker, *features.matched(known, seen, at, asked))
                    left_off[layer.id] = left_off.get(layer.id, 0) + row["matched"] - len(rows)
    return (
        found,
        {layer: rows for layer, rows in unlocated.items() if rows},
        {layer: many for layer, many in left_off.items() if many},
    )


def _counties(ground: Sequence[str]) -> list[str]:
    """The counties whose ground meets the box."""
    told = (json.loads(text)["properties"].get("county") for text in ground)
    return sorted({county for county in told if county})


def _is_within(ground: Sequence[str], box: Box) -> bool:
    """Whether all of the box is some county's ground."""
    outlines = [shapely.make_valid(shapely.from_geojson(text)) for text in ground]
    return bool(shapely.union_all(outlines).buffer(SLIVER).covers(shapely.box(*box)))


def _gaps(
    scope: Scope, layers: Sequence[Layer], ground: Sequence[str], box: Box, looked: Looked
) -> list[dict[str, str]]:
    """Where an empty map says nothing: ground of no known county, and layers that a county never sent, sent too long
    ago or in part, or that are not the asker's."""
    counties = _counties(ground)
    gaps = [] if _is_within(ground, box) else [{"layer": GROUND, "county": "", "state": "no_county"}]
    then: dict[str, Any] = {"where": ["revisions @> %s"], "params": [looked.seen.revision]}
    partial = {
        *Coverage.objects.extra(**then).filter(area__isnull=False).values_list("layer", "county"),
        *LeftOut.objects.extra(**then).values_list("layer", "county"),
    }
    for layer in layers:
        own = row_counties(scope, layer)
        states = {state.county: state.state for state in looked.states[layer.id]}
        for county in counties:
            state = states.get(county, "never_loaded")
            if own is not None and county not in own:
                state = "not_shown"
            elif state in ("loaded", "confirmed_empty"):
                if (layer.id, county) not in partial:
                    continue
                state = "partial"
            gaps.append({"layer": layer.id, "county": county, "state": state})
    return gaps


def _inspections(scope: Scope) -> dict[str, Any]:
    """Those that the person was drawn for and that are not at their end."""
    rows = Inspection.objects.select_related("site", "draw").filter(inspectors__contains=[scope.username])
    if not scope.all_counties:
        rows = rows.filter(site__county__in=sorted(scope.counties))
    return inspections_told(list(rows.exclude(state="closed").order_by("-pk")[:MOST_INSPECTIONS]))


def _write(
    path: Path,
    counted: dict[str, Any],
    found: dict[str, list[str]],
    unlocated: dict[str, list[str]],
    inspected: dict[str, Any],
) -> None:
    """The features as the database wrote them: no digit of a coordinate can change."""
    rest = json.dumps({**counted, **inspected}, ensure_ascii=False)[1:]
    collections = ", ".join(f"{json.dumps(layer)}: [{', '.join(rows)}]" for layer, rows in found.items())
    nowhere = ", ".join(f"{json.dumps(layer)}: [{', '.join(rows)}]" for layer, rows in unlocated.items())
    path.write_text(
        f'{{"found": {{{collections}}}, "nowhere": {{{nowhere}}}, {rest}', encoding="utf-8", newline=""
    )


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def remove_old() -> None:
    """Packages that were made more than a day ago go: they lie on the phones."""
    for path in folder_of(UUID(int=0)).parent.glob("*"):
        if time.time() - path.stat().st_mtime > KEPT_S:
            shutil.rmtree(path, ignore_errors=True)
