"""账号 / accounts: add NAME --role ROLE (--county CODE... | --whole-region), token NAME, list, disable NAME."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from api.errors import Conflict, NotFound, Refused
from spatial import audit, catalog
from spatial.models import Account, ApiToken


def add_arguments(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", required=True)
    add = tasks.add_parser("add", help="新建账号，口令从键盘或标准输入读，空则生成")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=[role.value for role in Account.Role])
    place = add.add_mutually_exclusive_group(required=True)
    place.add_argument("--county", action="append", default=[], help="县市代码，可多次")
    place.add_argument("--whole-region", action="store_true", help="全州")
    token = tasks.add_parser("token", help="发一个接口令牌，只显示一次")
    token.add_argument("name")
    token.add_argument("--days", type=int, default=365)
    token.add_argument(
        "--scope",
        choices=[one.value for one in ApiToken.Scope],
        default="all",
        help="只读；只读和核查；与账号相同",
    )
    tasks.add_parser("list", help="列出账号")
    disable = tasks.add_parser("disable", help="停用账号，令牌和会话立即失效")
    disable.add_argument("name")


def run(arguments: argparse.Namespace) -> int:
    return {"add": _add, "token": _token, "list": _list, "disable": _disable}[arguments.task](arguments)


def _add(arguments: argparse.Namespace) -> int:
    unknown = [code for code in arguments.county if code not in catalog.current().counties]
    if unknown:
        raise NotFound(f"没有县市 {unknown[0]}。", "代码见 jingtu layers。")
    if User.objects.filter(username=arguments.name).exists():
        raise Conflict(f"已有账号 {arguments.name}。", "换一个名字，或先停用它。")
    password = getpass.getpass("口令（空则生成）：") if sys.stdin.isatty() else sys.stdin.readline().strip()
    made = not password
    password = password or secrets.token_urlsafe(12)
    try:
        validate_password(password, User(username=arguments.name))
    except ValidationError as error:
        raise Refused(
            "口令太弱：" + "".join(error.messages), "换一个更长、不常见的口令，或留空由系统生成。"
        ) from error
    with transaction.atomic():
        user = User.objects.create_user(arguments.name, password=password)
        Account.objects.create(user=user, role=arguments.role, counties=arguments.county)
        audit.record(
            "account", None, user.username, counties=arguments.county, change=f"新建，{arguments.role}"
        )
    print(f"已建立 {arguments.name}" + (f"，口令 {password}" if made else ""))
    return 0


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise NotFound(f"没有账号 {name}。", "账号见 jingtu user list。")
    return user


def _token(arguments: argparse.Namespace) -> int:
    until = timezone.now() + timedelta(days=arguments.days)
    with transaction.atomic():
        token = ApiToken.issue(_user(arguments.name), "命令行", until, arguments.scope)
        audit.record("token", None, arguments.name, expires=until.isoformat(), scope=arguments.scope)
    print(token)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    for account in Account.objects.select_related("user").order_by("user__username"):
        state = "" if account.user.is_active else "（已停用）"
        print(f"{account.user.username}  {account.role}  {' '.join(account.counties) or '全州'}{state}")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    user = _user(arguments.name)
    user.is_active = False
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        audit.record("account", None, user.username, change="停用")
    print(f"已停用 {user.username}")
    return 0
