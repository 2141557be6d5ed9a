"""The admin of accounts: kept by administrators, each for accounts whose counties are among his own.

Nobody grants more than he has, and nobody touches the password, the rights or the tokens of who has more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest

from spatial import catalog
from spatial.admin_base import account_of
from spatial.models import Account, ApiToken

admin.site.unregister(Group)  # what an account may do is its role
admin.site.unregister(User)


def administrator_of(request: HttpRequest) -> Account | None:
    account = account_of(request)
    return account if account and account.role == Account.Role.ADMINISTRATOR else None


def within(own: Account | None, prefix: str) -> Q:
    """Rows whose account has no county that is not among `own`'s. `prefix`: the way from a row to its account."""
    if own is None:
        return Q(pk__in=())
    if not own.counties:
        return Q()
    return Q(**{f"{prefix}counties__contained_by": own.counties}) & ~Q(**{f"{prefix}counties": []})


class Kept(admin.ModelAdmin):
    """Rows that administrators keep. Each that is deleted leaves an entry, many at once too."""

    account_lookup = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(self.kept_by(administrator_of(request)))

    def kept_by(self, own: Account | None) -> Q:
        return within(own, self.account_lookup)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administrator_of(request) is not None

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administrator_of(request) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrator_of(request) is not None

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administrator_of(request) is not None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administrator_of(request) is not None

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        """One by one: what is logged in bulk sends no signal, and would leave no audit entry (`spatial.apps`)."""
        return [super(Kept, self).log_deletions(request, [one]) for one in queryset]  # type: ignore[arg-type]


def kept_users(own: Account | None) -> Q:
    """Users whose account lies within, and those that have none yet and no other power."""
    new = Q(account=None, is_staff=False, is_superuser=False)
    return within(own, "account__") if own is None or not own.counties else within(own, "account__") | new


@admin.register(User)
class PersonAdmin(Kept, UserAdmin):
    """Who signs in. What he may do stands in his account alone, never in Django's own flags."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("个人信息", {"fields": ("first_name", "last_name", "email")}),
        ("状态", {"fields": ("is_active", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "first_name", "last_name", "is_active")
    list_filter = ("is_active",)
    filter_horizontal = ()

    def kept_by(self, own: Account | None) -> Q:
        return kept_users(own)


class AccountForm(forms.ModelForm):
    """Counties are chosen from the catalog; the whole region is said, never the meaning of an empty box."""

    own: Account | None = None
    counties = forms.MultipleChoiceField(label="县市", required=False, widget=forms.CheckboxSelectMultiple)
    whole_region = forms.BooleanField(label="全州", required=False)

    class Meta:
        model = Account
        fields = ["user", "role", "counties"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes = cast(forms.MultipleChoiceField, self.fields["counties"])
        mine = self.own.counties if self.own else []
        boxes.choices = [
            (c.code, c.name) for c in catalog.current().counties.values() if not mine or c.code in mine
        ]
        self.fields["whole_region"].initial = bool(self.instance.pk and not self.instance.counties)
        self.fields["whole_region"].disabled = bool(mine)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if bool(told.get("whole_region")) == bool(told.get("counties")):
            raise forms.ValidationError("请选择县市，或勾选“全州”，二者选一；你只能给出自己有的县市。")
        return told


@admin.register(Account)
class AccountAdmin(Kept):
    form = AccountForm
    list_display = ["user", "role", "counties"]
    list_filter = ["role"]
    autocomplete_fields = ["user"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("OwnAccountForm", (form,), {"own": administrator_of(request)})

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = User.objects.filter(kept_users(administrator_of(request)))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ApiToken)
class ApiTokenAdmin(Kept):
    """Tokens are listed and withdrawn here; they are issued by `jingtu user token`, which shows them once."""

    account_lookup = "user__account__"
    list_display = ["user", "name", "scope", "created_at", "expires_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
