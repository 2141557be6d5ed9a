"""The admin of registers: a site with its map, its life and the differences between its versions; cases and their kin.

Read here, changed over the interface alone, so that every change has a document, a revision and a person behind it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

import shapely
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from spatial import audit, catalog
from spatial.admin_base import CountyFilter, ReadOnly
from spatial.models import Case, Draw, Feature, Inspection, Manifest, Notice, Site, SiteEvent
from spatial.registers import lifecycle
from spatial.registers.telling import due_told, event_told, state_on
from spatial.releases import newest_revision
from spatial.sketch import sketch


@admin.register(Site)
class SiteAdmin(ReadOnly):
    county_lookup = "county__in"
    list_display = ["code", "name", "county_name", "stage", "due"]
    search_fields = ["code", "name", "codes__code"]
    list_filter = [CountyFilter]
    actions = ["export"]
    fields = ("code", "name", "county_name", "stage", "due", "map", "life", "versions")
    readonly_fields = fields

    def seen_as(self, site: Site) -> tuple[str, list[str]]:
        return f"site {site.code}", [site.county]

    @admin.display(description="阶段")
    def stage(self, site: Site) -> str:
        return lifecycle.current().stages[state_on(site, timezone.localdate(), newest_revision()).stage].title

    @admin.display(description="期限")
    def due(self, site: Site) -> str:
        today = timezone.localdate()
        owed = due_told(state_on(site, today, newest_revision()), today)
        return f"{owed['what']}，{owed['by']}{'，已逾期' if owed['overdue'] else ''}" if owed else "—"

    @admin.display(description="位置（虚线为以前的边界）")
    def map(self, site: Site) -> SafeString:
        shapes = []
        for row in Feature.objects.filter(site=site):
            if row.geom is None:
                continue
            is_now = any(part.upper is None for part in row.revisions) and row.valid_to is None
            shapes.append(("now" if is_now else "before", shapely.from_wkb(bytes(row.geom.wkb))))
        return mark_safe(sketch(shapes, "地块位置") or "没有位置")  # noqa: S308 - numbers alone

    @admin.display(description="变动")
    def life(self, site: Site) -> SafeString:
        rows = site.events.select_related("by", "revision", "notice", "corrects", "corrected_by").order_by(
            "number"
        )
        told = [event_told(one, newest_revision()) for one in rows]
        shown = ("number", "on", "kind_title", "title", "actor_title", "document_number", "by")
        corrected = [f"由第 {one['corrected_by']} 条更正" if one["corrected_by"] else "" for one in told]
        lines = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}：{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((*(one[name] for name in shown), note) for one, note in zip(told, corrected, strict=True)),
        )
        return format_html(
            "<table><tr><th>序</th><th>生效</th><th>变动</th><th>主体</th><th>文号</th><th>登记人</th><th></th></tr>{}</table>",
            lines,
        )

    @admin.display(description="各名录的先后说法")
    def versions(self, site: Site) -> SafeString:
        known = catalog.current()
        parts = []
        for layer in lifecycle.current().lists:
            rows = Feature.objects.filter(site=site, layer=layer).order_by("revisions", "valid_from", "pk")
            lines = format_html_join(
                "", "<tr><td>{}</td><td>{} – {}</td><td>{}</td></tr>", _differences(rows, known.layer(layer))
            )
            if rows:
                parts.append(format_html("<h4>{}</h4><table>{}</table>", known.layer(layer).title, lines))
        return SafeString("".join(parts))

    @admin.action(description="导出所选地块（CSV）")
    def export(self, request: HttpRequest, rows: QuerySet[Site]) -> HttpResponse:
        """What the list shows, for a spreadsheet; it changes nothing."""
        rows = rows.order_by("code")
        counties = set(rows.values_list("county", flat=True))
        codes = list(rows.values_list("code", flat=True))
        audit.record("export", request.user.pk, "sites", counties=counties, codes=codes)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="sites.csv"'
        answer.write("\ufeff")
        writer = csv.writer(answer)
        writer.writerow(["地块编码", "名称", "县市", "阶段", "期限"])
        for site in rows:
            cells = (site.code, site.name, site.county, self.stage(site), self.due(site))
            writer.writerow([f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell for cell in cells])
        return answer


def _title(layer: catalog.Layer, name: str) -> str:
    return layer.fields[name].title if name in layer.fields else name


def _differences(rows: Iterable[Feature], layer: catalog.Layer) -> Iterable[tuple[str, Any, Any, str]]:
    """Of each version: its revisions, its days, and what it says otherwise than the one before."""
    before: dict[str, Any] = {}
    for row in rows:
        now = {**row.attributes, "边界": row.geom.wkt[:60] if row.geom else "无"}
        changed = [
            f"{_title(layer, name)}：{before.get(name, '—')} → {now.get(name, '—')}"
            for name in sorted(now.keys() | before.keys())
            if before.get(name) != now.get(name)
        ]
        spans = "、".join(
            f"{part.lower}–{'' if part.upper is None else part.upper - 1}" for part in row.revisions
        )
        yield f"版本 {spans or '待发布'}", row.valid_from or "", row.valid_to or "", "；".join(changed)
        before = now


@admin.register(SiteEvent)
class SiteEventAdmin(ReadOnly):
    county_lookup = "site__county__in"
    list_display = ["site", "number", "kind", "what", "on", "actor", "document_number", "by", "revision"]
    list_filter = ["kind"]
    search_fields = ["site__code", "site__name", "document_number"]
    list_select_related = ["site", "by", "revision"]
    exclude = ["geom"]


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    county_lookup = "events__site__county__in"
    list_display = ["number", "layer", "date", "title", "by", "withdraws"]
    list_filter = ["layer"]
    search_fields = ["number", "title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).distinct()


@admin.register(Case)
class CaseAdmin(ReadOnly):
    county_lookup = "counties__overlap"
    list_display = ["number", "kind", "title", "is_open", "flagged", "by", "at"]
    list_filter = ["kind", "is_open", "flagged"]
    search_fields = ["number", "title"]
    exclude = ["parcel", "followers"]


@admin.register(Manifest)
class ManifestAdmin(ReadOnly):
    county_lookup = "site__county__in"
    list_display = ["number", "site", "receiver", "state", "planned_t", "departed_t", "received_t", "due"]
    list_filter = ["state"]
    search_fields = ["number", "site__code", "receiver"]


@admin.register(Draw)
class DrawAdmin(ReadOnly):
    county_lookup = "counties__contained_by"
    list_display = ["number", "at", "by", "seed"]


@admin.register(Inspection)
class InspectionAdmin(ReadOnly):
    county_lookup = "site__county__in"
    list_display = ["number", "site", "inspectors", "state"]
    list_filter = ["state"]
