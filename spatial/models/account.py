"""Who may ask: a role and counties for each account, tokens for scripts, and who failed to sign in of late."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Account(models.Model):
    """The role and the counties of a user; an empty list of counties is the whole region."""

    class Role(models.TextChoices):
        CLERK = "clerk", "国土窗口"
        PLANNER = "planner", "规划"
        INSPECTOR = "inspector", "巡查"
        STEWARD = "steward", "数据管理"
        AUDITOR = "auditor", "审计"
        ADMINISTRATOR = "administrator", "管理员"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account", verbose_name="用户"
    )
    role = models.CharField("角色", max_length=16, choices=Role.choices)
    counties = ArrayField(
        models.CharField(max_length=6), default=list, blank=True, verbose_name="县市（空为全州）"
    )

    class Meta:
        verbose_name = verbose_name_plural = "账号权限"

    STAFF = frozenset({"steward", "administrator"})
    """Roles that may open the admin."""

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep Django's own flags with the role, so that who loses a role loses the admin with it."""
        super().save(*args, **kwargs)
        self.user.is_staff = self.role in self.STAFF
        self.user.is_superuser = self.role == self.Role.ADMINISTRATOR
        self.user.save(update_fields=["is_staff", "is_superuser"])


class ApiToken(models.Model):
    """A bearer token; only its SHA-256 is kept. It never opens more than its account, and by its scope less."""

    class Scope(models.TextChoices):
        READ = "read", "只读"
        CHECK = "check", "只读和核查"
        ALL = "all", "与账号相同"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens", verbose_name="用户"
    )
    name = models.CharField("用途", max_length=120)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField("范围", max_length=8, choices=Scope.choices, default=Scope.ALL)
    created_at = models.DateTimeField("建立", auto_now_add=True)
    expires_at = models.DateTimeField("到期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(token: str) -> str:
        """SHA-256 of a token; a token has 256 random bits, so no salt and no slow hash is needed."""
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(
        cls, user: object, name: str, expires_at: datetime | None = None, scope: str = Scope.ALL
    ) -> str:
        """Make a token for a user and return it; it cannot be read again."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(
            user=user, name=name, digest=cls.digest_of(token), expires_at=expires_at, scope=scope
        )
        return token


class LoginFailure(models.Model):
    """Wrong passwords for a user name from an address of late; the name need not be an account's."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username", "address"], name="login_failure_once")]

    def __str__(self) -> str:
        return f"{self.username} {self.address} {self.count}"
