"""Django's admin: the registers, deliveries and checks to look through; accounts are kept in `spatial.admin_accounts`.

What is published changes only through loads and releases, so that every change has a file, a revision and a person
behind it; here these rows are read.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from procrastinate.contrib.django.models import ProcrastinateJob

from spatial import catalog
from spatial.admin_base import CountyFilter, ReadOnly
from spatial.models import (
    CheckRun,
    Coverage,
    Feature,
    Load,
    LoadIssue,
    QuarantinedRow,
    Release,
    Remark,
    Revision,
)

admin.site.unregister(ProcrastinateJob)  # what people see of a job is our own row


class LayerFilter(admin.SimpleListFilter):
    """By layer, under the names that people use."""

    title, parameter_name = "图层", "layer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(layer.id, layer.title) for layer in catalog.current().stored()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(layer=self.value()) if self.value() else queryset


class PlaceFilter(admin.SimpleListFilter):
    """Entries without a boundary, which keep their county from being clear."""

    title, parameter_name = "位置", "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("boundary", "有边界"), ("point", "只有点位"), ("none", "没有位置")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kinds = {
            "boundary": {"has_boundary": True},
            "point": {"has_boundary": False, "geom__isnull": False},
            "none": {"geom__isnull": True},
        }
        return queryset.filter(**kinds.get(self.value() or "", {}))


@admin.register(Feature)
class FeatureAdmin(ReadOnly):
    county_lookup = "county__in"
    list_display = [
        "title",
        "layer_title",
        "county_name",
        "place",
        "is_live",
        "valid_from",
        "valid_to",
        "load",
    ]
    list_filter = [LayerFilter, CountyFilter, PlaceFilter]
    search_fields = ["name", "code", "key"]
    list_select_related = ["load"]
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("geom")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ["layer_title", "code", "name", "county_name", "place", "is_live", "valid_from", "valid_to"]
        return [*told, "attribute_table", "load", "row", "content", "site"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def seen_as(self, row: Feature) -> tuple[str, list[str]] | None:
        layer = catalog.current().layers.get(row.layer)
        is_open = layer is not None and "public" in layer.read
        return None if is_open else (f"{row.layer} {row.pk}", [row.county] if row.county else [])

    @admin.display(description="名称", ordering="name")
    def title(self, row: Feature) -> str:
        return row.name or row.code or row.key

    @admin.display(description="图层", ordering="layer")
    def layer_title(self, row: Feature) -> str:
        layer = catalog.current().layers.get(row.layer)
        return layer.title if layer else row.layer

    @admin.display(description="位置")
    def place(self, row: Feature) -> str:
        if row.has_boundary:
            return "有边界"
        return "没有位置" if row.geom is None else "只有点位"

    @admin.display(description="现行", boolean=True)
    def is_live(self, row: Feature) -> bool:
        return any(part.upper is None for part in row.revisions)

    @admin.display(description="属性")
    def attribute_table(self, row: Feature) -> SafeString:
        layer = catalog.current().layers.get(row.layer)
        fields = layer.fields if layer else {}
        lines = [
            format_html(
                "<tr><th>{}</th><td>{}</td></tr>",
                fields[name].title if name in fields else name,
                _shown(fields, name, value),
            )
            for name, value in row.attributes.items()
        ]
        return format_html("<table>{}</table>", SafeString("".join(lines)))


def _shown(fields: Any, name: str, value: object) -> object:
    if name in fields and isinstance(value, str):
        return fields[name].choices.get(value, value)
    return {True: "是", False: "否", None: "—"}.get(value, value) if isinstance(value, bool | None) else value


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = ["name", "state", "created_at", "published_at"]


@admin.register(Revision)
class RevisionAdmin(ReadOnly):
    list_display = ["number", "at", "kind", "release", "by"]


class IssueInline(admin.TabularInline):
    model = LoadIssue
    extra = 0
    can_delete = False
    max_num = 0
    fields = ["severity", "row", "ring", "field", "value", "message", "hint", "owner"]
    readonly_fields = ["severity", "row", "ring", "field", "value", "message", "hint", "owner"]


class QuarantineInline(admin.TabularInline):
    model = QuarantinedRow
    extra = 0
    can_delete = False
    max_num = 0
    fields = ["row", "original", "reason"]
    readonly_fields = ["row", "original", "reason"]


@admin.register(Load)
class LoadAdmin(ReadOnly):
    county_lookup = "counties__contained_by"
    list_display = [
        "id",
        "release",
        "layer",
        "file_name",
        "state",
        "outcome",
        "rows_read",
        "rows_loaded",
        "rows_quarantined",
    ]
    list_filter = [LayerFilter, "state", "outcome"]
    inlines = [IssueInline, QuarantineInline]


@admin.register(Coverage)
class CoverageAdmin(ReadOnly):
    county_lookup = "county__in"
    list_display = ["layer", "county_name", "state", "data_date", "release", "confirmed_by"]
    list_filter = [LayerFilter, CountyFilter, "state"]
    exclude = ["area", "revisions"]


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnly):
    """What was asked and how it ended. The answer names what its reader may not see: the map shows it redacted."""

    county_lookup = "counties__has_any_keys"
    list_display = ["number", "checked_at", "verdict", "complete", "as_of", "asked_by", "purpose"]
    list_filter = ["verdict", "complete"]
    search_fields = ["number", "purpose"]
    exclude = ["parcel", "answer"]

    def seen_as(self, row: CheckRun) -> tuple[str, list[str]]:
        return row.number, row.counties


@admin.register(Remark)
class RemarkAdmin(ReadOnly):
    county_lookup = "check_run__counties__has_any_keys"
    list_display = ["check_run", "kind", "document_number", "document_date", "person", "by", "at"]
    list_filter = ["kind"]
    search_fields = ["document_number", "check_run__number"]
    exclude = ["finding"]
    readonly_fields = ["about"]

    @admin.display(description="针对的结论")
    def about(self, row: Remark) -> str:
        """Without the feature, which may be another county's."""
        return " ".join(row.finding[name] for name in ("rule", "layer", "county") if row.finding.get(name))


import spatial.admin_accounts  # noqa: E402 - Django finds this module alone
import spatial.admin_registers  # noqa: E402, F401
