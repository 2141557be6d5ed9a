"""Deliveries: hand one in, see what came of it, its issues and the rows that wait."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Response, UploadFile

from api.access import Scope, may_oversee, require_edit, require_role, signed_in
from api.answers import GEOJSON, JSON, answer, answers
from api.answers.loads import Accepted, IssuePage, IssueShapes, LoadAnswer, LoadList, QuarantinePage
from api.errors import NotFound, Refused
from api.issue_files import CSV, XLSX, issue_file
from api.jobs import accepted, enqueue, job_folder
from api.language import Answer, said
from api.load_job import MOST_FILES, keep
from api.route import DjangoRoute
from loaders.pipeline import COUNTY_LAYER
from loaders.record import Issue
from loaders.staging import storable
from spatial import catalog
from spatial.models import Job, Load, LoadIssue

router = APIRouter(route_class=DjangoRoute, tags=["loads"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Page = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[int, Query(ge=0, le=2**63 - 1, description="上一页 next 给出的编号")]
OVERSEERS = frozenset({"steward", "auditor", "administrator"})
Short = Annotated[str | None, Form(max_length=80, pattern=r"^[^\x00-\x1f]*$")]


@router.post("/loads", status_code=202, openapi_extra=answer(Accepted, 202))
def create_load(
    scope: SignedIn,
    response: Response,
    files: Annotated[list[UploadFile], File(description="一个图层的文件；分开提交的 Shapefile 各部分也可以")],
    layer: Annotated[str, Form(max_length=80)],
    county: Annotated[str | None, Form(pattern=r"^(\d{4,6})?$")] = None,
    release: Short = None,
    crs: Short = None,
    encoding: Short = None,
    source_layer: Annotated[
        str | None,
        Form(max_length=200, pattern=r"^[^\x00-\x1f]*$", description="文件里有几个图层或工作表时，读哪一个"),
    ] = None,
    data_date: Annotated[date | None, Form()] = None,
    commit: Annotated[bool, Form(description="不写则只试读，什么都不改")] = False,
) -> dict[str, Any]:
    """Hand in a delivery of one layer; a job reads it as `jingtu load` does, dry unless `commit`."""
    known = catalog.current()
    asked = known.layer(layer)
    require_edit(scope, asked, counties_of(county or None, asked.id))
    if len(files) > MOST_FILES:
        message = f"一次最多 {MOST_FILES} 个文件。"
        raise Refused(message, "请压缩成 zip 或分次提交。", code="too_many_files")
    job = Job(kind=Job.Kind.LOAD, layer=asked.id, by_id=scope.user_id)
    job.counties = counties_of(county or None, asked.id)
    with job_folder(job.pk) as folder:
        names = keep(folder, files)
        job.title = storable(f"{asked.title} {'、'.join(names)}")[:500]
        job.given = {
            "files": names,
            "county": county or None,
            "release": release or None,
            "crs": crs or None,
            "encoding": encoding or None,
            "source_layer": source_layer or None,
            "data_date": data_date.isoformat() if data_date else None,
            "commit": commit,
        }
        enqueue(job)
    response.headers["Location"] = f"/jobs/{job.pk}"
    return accepted(job)


def counties_of(county: str | None, layer: str) -> list[str]:
    """The counties whose data a delivery may touch, "" among them for the whole region: it is whole for all of them, or
    says where it lies row by row, as the counties' own layer always does."""
    region = catalog.current().region
    if county in region.counties and layer != COUNTY_LAYER:
        return [county]
    return [*region.counties, ""]


@router.get("/loads", openapi_extra=answer(LoadList))
def list_loads(
    scope: SignedIn,
    layer: Annotated[str | None, Query(max_length=80)] = None,
    release: Annotated[str | None, Query(max_length=80)] = None,
    limit: Page = 50,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> dict[str, Any]:
    """Deliveries of my counties, newest first."""
    require_role(scope, OVERSEERS)
    rows = visible_loads(scope)
    if layer:
        rows = rows.filter(layer=layer)
    if release:
        rows = rows.filter(release__name=release)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("release", "by").order_by("-pk")[:limit])
    return {"loads": [told(load) for load in found], "next": found[-1].pk if len(found) == limit else None}


@router.get("/loads/{load_id}", openapi_extra=answer(LoadAnswer))
def get_load(load_id: int, scope: SignedIn) -> dict[str, Any]:
    """One delivery: file, hash, counts, where it stands, who handed it in."""
    return told(one_load(scope, load_id))


@router.get(
    "/loads/{load_id}/issues",
    responses={200: {"content": {CSV: {}, XLSX: {}, "application/geo+json": {}}}},
    openapi_extra=answers({(200, JSON): IssuePage, (200, GEOJSON): IssueShapes}),
)
def get_issues(
    load_id: int,
    scope: SignedIn,
    format: str = "json",
    limit: Page = 1000,
    after: After = 0,
) -> Response:
    """What is wrong, row by row: json in pages; whole as csv or xlsx for the office that sent it, or as geojson."""
    rows = LoadIssue.objects.filter(load=one_load(scope, load_id)).order_by("pk")
    if format == "json":
        found = list(rows.filter(pk__gt=after)[:limit])
        return Answer(
            {
                "issues": [_issue(row).as_json() for row in found],
                "next": found[-1].pk if len(found) == limit else None,
            }
        )
    if format == "geojson":
        return Answer(_on_the_map(rows), media_type="application/geo+json")
    name = f"load-{load_id}-issues"
    return issue_file((_issue(row) for row in rows.iterator()), format, name, also="json、geojson、")


@router.get("/loads/{load_id}/quarantine", openapi_extra=answer(QuarantinePage))
def get_quarantine(load_id: int, scope: SignedIn, limit: Page = 100, after: After = 0) -> dict[str, Any]:
    """The rows that wait, as they came."""
    found = list(one_load(scope, load_id).quarantine.filter(pk__gt=after).order_by("pk")[:limit])
    return {
        "rows": [{"row": one.row, "original": one.original, "reason": said(one.reason)} for one in found],
        "next": found[-1].pk if len(found) == limit else None,
    }


def visible_loads(scope: Scope) -> Any:
    """The deliveries that the asker may oversee."""
    layers = [layer.id for layer in catalog.current().stored() if may_oversee(scope, layer, ())]
    rows = Load.objects.filter(layer__in=layers)
    return rows if scope.all_counties else rows.filter(counties__contained_by=sorted(scope.counties))


def one_load(scope: Scope, load_id: int) -> Load:
    """A delivery that the asker may oversee; raises NotFound for any other."""
    require_role(scope, OVERSEERS)
    load: Load | None = visible_loads(scope).filter(pk=load_id).first() if load_id < 2**63 else None
    if load is None:
        message = "没有这次装入，或不是你能看的。"
        raise NotFound(message, "请核对编号，清单见 /loads。", code="load_unknown")
    return load


def told(load: Load) -> dict[str, Any]:
    """A delivery as JSON."""
    return {
        "id": load.pk,
        "layer": load.layer,
        "release": load.release.name,
        "state": load.state,
        "outcome": load.outcome,
        "counties": load.counties,
        "whole": load.whole,
        "rows": {
            "read": load.rows_read,
            "loaded": load.rows_loaded,
            "repaired": load.rows_repaired,
            "quarantined": load.rows_quarantined,
            "refused": load.rows_refused,
            "unchanged": load.rows_unchanged,
        },
        "file": load.file_name,
        "sha256": load.file_sha256,
        "crs": load.crs or None,
        "encoding": load.encoding,
        "mapping": load.mapping_hash,
        "code_version": load.code_version,
        "data_date": load.data_date.isoformat(),
        "base_revision": load.base_revision,
        "by": load.by.get_username() if load.by else None,
        "at": load.at.isoformat(),
    }


def _issue(row: LoadIssue) -> Issue:
    place = (row.lon, row.lat) if row.lon is not None and row.lat is not None else None
    return Issue(
        row.code, row.severity, row.message, row.hint, row.row, row.ring, row.field or None, row.value or None,
        place, row.owner or None,
    )  # fmt: skip


def _on_the_map(rows: Any) -> dict[str, Any]:
    """The issues that have a place, as points in longitude and latitude."""
    features = []
    for row in rows.exclude(lon=None).iterator():
        properties = _issue(row).as_json()
        place = properties.pop("place")
        geometry = {"type": "Point", "coordinates": place}
        features.append({"type": "Feature", "id": row.pk, "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}
