"""Signing in: Django's forms, with a limit on wrong passwords that the map's login and the admin's share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from spatial import audit
from spatial.models import LoginFailure

MOST_FAILURES = 10
LOCKED_FOR = timedelta(minutes=10)
WRONG = "用户名或密码不正确，请重新输入。密码区分大小写；忘记密码请联系管理员。"
LOCKED = "密码错误次数过多，已暂停登录。请 10 分钟后再试，或联系管理员。"


class Limited(AuthenticationForm):
    """Counts failures by user name and address; an unknown name is counted as a known one is, so neither is told.

    The try is counted before the password is looked at, so that many at once are counted too.
    """

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}
    request: HttpRequest
    is_locked = False

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username") or "")
        address = self.request.META.get("REMOTE_ADDR") or ""
        if name and not _try_counted(name, address):
            self.is_locked = True
            raise ValidationError(LOCKED, code="locked")
        try:
            cleaned = super().clean()
        except ValidationError:
            audit.record("sign_in_refused", None, name, address=address)
            raise
        user = self.get_user()
        audit.record("sign_in", user.pk if user else None, name, address=address)
        LoginFailure.objects.filter(username=name, address=address).delete()
        return cleaned


class LimitedAdmin(Limited, AdminAuthenticationForm):
    """The same for the admin, which lets nobody in but staff."""

    error_messages = {**AdminAuthenticationForm.error_messages, "invalid_login": WRONG}


class Login(LoginView):
    """The login page of the map."""

    authentication_form = Limited
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        answer = super().form_invalid(form)
        if form.is_locked:
            answer.status_code = 429
            answer["Retry-After"] = str(int(LOCKED_FOR.total_seconds()))
        return answer


class Logout(LogoutView):
    """Ends the session, and has the browser forget what it kept of it."""

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().dispatch(*args, **kwargs)
        answer["Clear-Site-Data"] = '"cache", "storage"'
        return answer


class Password(PasswordChangeView):
    """A new password against the old one; every other session of the account ends with it."""

    template_name = "registration/password.html"
    success_url = "/"

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        audit.record("account", self.request.user.pk, self.request.user.get_username(), change="修改密码")
        return answer


def _try_counted(name: str, address: str) -> bool:
    """Count one more try; whether it may be made. Tries while locked do not prolong the lock."""
    now = timezone.now()
    LoginFailure.objects.filter(at__lt=now - LOCKED_FOR).delete()
    with transaction.atomic():
        row, _ = LoginFailure.objects.select_for_update().get_or_create(
            username=name, address=address, defaults={"at": now}
        )
        if row.count >= MOST_FAILURES:
            return False
        row.count, row.at = row.count + 1, now
        row.save(update_fields=["count", "at"])
        return True
