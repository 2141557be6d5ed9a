"""Files beside a site, a case, a manifest or an inspection; who may see that may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from api.access import Scope, require_role, signed_in
from api.answers import answer
from api.answers.records import AttachmentHead, AttachmentList
from api.errors import NotFound
from api.once import Key as OnceKey
from api.once import once
from api.register_rights import sees_all, site_of
from api.route import DjangoRoute
from api.routes.cases import case_of
from api.routes.field_work import DOERS, inspection_of, manifest_of
from api.routes.sites import person
from spatial import attachments, audit
from spatial.models import Attachment, Site

router = APIRouter(route_class=DjangoRoute, tags=["attachments"])
SignedIn = Annotated[Scope, Depends(signed_in)]
Subject = Literal["site", "case", "manifest", "inspection"]
Key = Annotated[str, Form(max_length=80, pattern=r"^[^\x00-\x1f]+$")]


@router.post("/attachments", status_code=201, openapi_extra=answer(AttachmentHead, 201))
def create_attachment(
    scope: SignedIn,
    file: Annotated[UploadFile, File()],
    subject: Annotated[Subject, Form()],
    key: Key,
    once_key: OnceKey = None,
) -> dict[str, Any]:
    """Put a file beside something; its bytes say what it is, and its SHA-256 is kept."""
    key, counties = _of(scope, subject, key)
    require_role(scope, DOERS | {"clerk", "planner"})
    name, content = file.filename or "file", file.file.read()
    said = {"subject": subject, "key": key, "name": name, "sha256": hashlib.sha256(content).hexdigest()}

    def work() -> dict[str, Any]:
        return _told(attachments.keep(subject, key, name, content, person(scope), counties))

    return once(scope, once_key, "attachment", said, work)


@router.get("/attachments", openapi_extra=answer(AttachmentList))
def list_attachments(scope: SignedIn, subject: Subject, key: str) -> dict[str, Any]:
    """The files beside something."""
    key, _ = _of(scope, subject, key)
    rows = Attachment.objects.filter(subject=subject, key=key).select_related("by").order_by("at")
    return {"attachments": [_told(one) for one in rows]}


@router.get(
    "/attachments/{attachment_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def get_attachment(attachment_id: UUID, scope: SignedIn) -> Response:
    """The file as it came; always to be saved, never shown in the page's own origin."""
    one = Attachment.objects.filter(pk=attachment_id).select_related("by").first()
    if one is None:
        raise _unknown()
    key = Site.objects.get(pk=one.key).code if one.subject == "site" else one.key
    _, counties = _of(scope, one.subject, key)
    content = attachments.read(one)
    audit.record("view", scope.user_id, f"attachment {one.pk}", counties=counties, sha256=one.sha256)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name)}"}
    return Response(content, media_type=one.media_type, headers=headers)


def _of(scope: Scope, subject: str, key: str) -> tuple[str, Iterable[str]]:
    """The thing that is meant, by the key under which its files lie, and its counties. Raises NotFound."""
    if subject == "site":
        site = site_of(scope, key)
        if not sees_all(scope, site.county):
            raise _unknown()
        return str(site.pk), [site.county]
    if subject == "case":
        case = case_of(scope, key)
        return case.number, case.counties
    if subject == "manifest":
        manifest = manifest_of(scope, key)
        return manifest.number, [manifest.site.county]
    inspection = inspection_of(scope, key)
    return inspection.number, [inspection.site.county]


def _unknown() -> NotFound:
    return NotFound("没有这个附件，或不是你能看的。", "请核对地址。", code="attachment_unknown")


def _told(one: Attachment) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "sha256": one.sha256,
        "by": one.by.get_username(),
        "at": one.at.isoformat(),
    }
