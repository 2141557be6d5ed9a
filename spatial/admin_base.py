"""What all pages of the admin share: rows to look at, by role and counties."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from spatial import audit, catalog
from spatial.models import Account


def account_of(request: HttpRequest) -> Account | None:
    """The account behind a request, if its role may open the admin at this moment."""
    rows = Account.objects.filter(user_id=request.user.pk or 0, user__is_active=True, role__in=Account.STAFF)
    return rows.first()


class CountyFilter(admin.SimpleListFilter):
    """By county, under the names that people use."""

    title, parameter_name = "县市", "county"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(county.code, county.name) for county in catalog.current().counties.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(county=self.value()) if self.value() else queryset


class ReadOnly(admin.ModelAdmin):
    """Rows to look at, by the role and the counties that the account has now."""

    county_lookup: str | None = None
    """How the rows name their counties; None where they belong to no county."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        account = account_of(request)
        if account is None:
            return rows.none()
        if self.county_lookup is None or not account.counties:
            return rows
        return rows.filter(**{self.county_lookup: account.counties})

    @admin.display(description="县市", ordering="county")
    def county_name(self, row: Any) -> str:
        county = catalog.current().counties.get(row.county or "")
        return county.name if county else (row.county or "不明")

    def seen_as(self, row: Any) -> tuple[str, list[str]] | None:
        """How an entry of the audit names a row that somebody opened, and its counties; None where it needs none."""
        return None

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().change_view(request, object_id, *args, **kwargs)
        row = self.get_object(request, unquote(object_id)) if answer.status_code == 200 else None
        if row is not None and (named := self.seen_as(row)):
            audit.record("view", request.user.pk, named[0], counties=named[1], how="admin")
        return answer

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return account_of(request) is not None
