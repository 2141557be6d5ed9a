"""Who is asking, and what may they see: one gate for roles and counties that every route asks.

Rights narrow what is shown, never what is judged: a check sees every row and its answer is redacted afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import constant_time_compare
from starlette.requests import Request

from api.errors import Forbidden, Unauthenticated
from api.pool import fetch_one
from spatial import catalog, wall
from spatial.catalog import Catalog, Field, Layer
from spatial.models import Account, ApiToken

PUBLIC = "public"
AUDITOR = "auditor"
SESSION_KEY = re.compile(r"[0-9a-z]{8,40}")
CHECKING = frozenset(
    {
        "/checks", "/checks/upload", "/parcels/preview", "/parcels/preview/text", "/overlays", "/overlays/upload",
    }
)  # fmt: skip
"""Where a token of scope `check` may send something."""
BELIEVED = "x-jingtu-user"
"""Whom a page takes itself to ask for. Public layers answer a stranger too: what a session that ended leaves out would
look as if it were not there."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_HOLDER = """
SELECT u.id, u.username, u.password, a.role, a.counties, t.scope
FROM spatial_apitoken t
JOIN auth_user u ON u.id = t.user_id AND u.is_active
JOIN spatial_account a ON a.user_id = u.id
WHERE t.digest = %s AND (t.expires_at IS NULL OR t.expires_at > now())
"""
_ACCOUNT = """
SELECT u.id, u.username, u.password, a.role, a.counties
FROM auth_user u
JOIN spatial_account a ON a.user_id = u.id
WHERE u.id = %s AND u.is_active
"""
_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > now()"


@dataclass(frozen=True)
class Scope:
    """What one asker may see: a role, and counties (`all_counties` for the whole region)."""

    user_id: int | None
    username: str | None
    role: str
    counties: frozenset[str]
    all_counties: bool

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def key(self) -> str:
        """Stands for the scope in cache keys: two askers with one key see the same."""
        return f"{self.role}:{'*' if self.all_counties else ','.join(sorted(self.counties))}"

    @property
    def asker(self) -> dict[str, str]:
        """Who asks, as the database is told (spatial.wall)."""
        return wall.asker(self.user_id, self.role, self.counties, self.all_counties)


STRANGER = Scope(None, None, PUBLIC, frozenset(), False)


async def scope_of(request: Request) -> Scope:
    """The asker of a request, by bearer token or Django session, read anew each time so that rights end at once.

    Raises Unauthenticated for a token that is unknown or over, and Forbidden where an unsafe request in a session
    lacks its CSRF token. Without either the asker is a stranger; who says that he is somebody, and is not, is told so.
    """
    scope = await _asker(request)
    believed = request.headers.get(BELIEVED)
    if believed is not None and unquote(believed) != scope.username:
        raise Unauthenticated("登录已过期，或已换了账号。", "请重新登录。")
    return scope


async def _asker(request: Request) -> Scope:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        row = (
            await fetch_one(_HOLDER, [ApiToken.digest_of(token.strip())])
            if scheme.lower() == "bearer"
            else None
        )
        if row is None:
            raise Unauthenticated("令牌无效或已过期。", "请向管理员申请新的令牌。")
        _require_scope(row["scope"], request)
        return _scope(row)
    row = await _session_user(request.cookies.get(settings.SESSION_COOKIE_NAME, ""))
    if row is None:
        return STRANGER
    if request.method not in SAFE_METHODS:
        _require_csrf(request)
    return _scope(row)


async def signed_in(request: Request) -> Scope:
    """The asker, who must have an account."""
    scope = await scope_of(request)
    if not scope.signed_in:
        raise Unauthenticated()
    return scope


def scope_of_user(user: User) -> Scope | None:
    """The rights of an account as they are now, for work that goes on after its request; None where it has none."""
    account = Account.objects.filter(user=user, user__is_active=True).first()
    if account is None:
        return None
    counties = frozenset(account.counties)
    return Scope(user.pk, user.get_username(), account.role, counties, not counties)


def rights_of(scope: Scope) -> str:
    """Stands for what a file was made to show: with other rights it has to be made again."""
    return f"{scope.key} {catalog.current().digest}"


async def _session_user(key: str) -> dict[str, Any] | None:
    if not SESSION_KEY.fullmatch(key) or (session := await fetch_one(_SESSION, [key])) is None:
        return None
    content = SessionStore().decode(session["session_data"])
    if not str(content.get("_auth_user_id", "")).isdigit():
        return None
    row = await fetch_one(_ACCOUNT, [int(content["_auth_user_id"])])
    if row is None:
        return None
    proof = User(password=row["password"]).get_session_auth_hash()
    return row if constant_time_compare(str(content.get("_auth_user_hash", "")), proof) else None


def _require_scope(scope: str, request: Request) -> None:
    """Refuse what a token was not issued for, whatever its account may."""
    asks = request.url.path in CHECKING
    if request.method in SAFE_METHODS or scope == "all" or (scope == "check" and asks):
        return
    raise Forbidden("这个令牌不能做这一项。", "请向管理员申请范围更大的令牌。")


def _scope(row: dict[str, Any]) -> Scope:
    return Scope(row["id"], row["username"], row["role"], frozenset(row["counties"]), not row["counties"])


class _Secure(HttpRequest):
    def _get_scheme(self) -> str:
        return "https"


def _require_csrf(request: Request) -> None:
    """Django's own check, asked about this request: token, and origin where the browser states one."""
    asked = _Secure() if request.url.scheme == "https" else HttpRequest()
    asked.method = request.method
    asked.COOKIES = dict(request.cookies)
    asked.META = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in request.headers.items()}
    asked.META["SERVER_NAME"], asked.META["SERVER_PORT"] = (
        request.url.hostname or "",
        str(request.url.port or 80),
    )
    guard = CsrfViewMiddleware(lambda _: HttpResponse())
    guard.process_request(asked)
    if guard.process_view(asked, lambda _: HttpResponse(), (), {}) is not None:
        raise Forbidden("请求缺少页面令牌，可能不是从本页面发出的。", "请刷新页面后重试。")


def may_read(scope: Scope, layer: Layer) -> bool:
    """Whether anything of a layer may be shown to the asker."""
    return PUBLIC in layer.read or scope.role in layer.read or bool(_published(layer))


def _published(layer: Layer) -> frozenset[str]:
    """The counties that publish their rows of a layer that is otherwise not public (`publish` in the county's file)."""
    return frozenset(
        code for code, county in catalog.current().counties.items() if layer.id in county.publish
    )


def readable_layers(scope: Scope, catalog: Catalog) -> list[Layer]:
    """The layers of the map (stored and derived) that the asker may see, in catalog order."""
    return [layer for layer in catalog.layers.values() if layer.kind != "request" and may_read(scope, layer)]


def require_layer(scope: Scope, catalog: Catalog, layer_id: str) -> Layer:
    """A layer by id; raises LayerNotFound, Unauthenticated or Forbidden."""
    layer = catalog.layer(layer_id)
    if may_read(scope, layer) and layer.kind != "request":
        return layer
    raise Forbidden(f"你的账号不能看图层“{layer.title}”。") if scope.signed_in else Unauthenticated()


def row_counties(scope: Scope, layer: Layer) -> list[str] | None:
    """The counties whose rows of a layer may be shown; None is no restriction (public layer, or whole region)."""
    if PUBLIC in layer.read:
        return None
    published = _published(layer)
    if scope.role not in layer.read:
        return sorted(published)
    return None if scope.all_counties else sorted(scope.counties | published)


def readable_fields(scope: Scope, layer: Layer) -> list[Field]:
    """The fields of a layer that may be shown: a field may be narrower than its layer."""
    return [field for field in layer.fields.values() if field.read is None or scope.role in field.read]


def may_see_row(scope: Scope, layer: Layer, county: str | None) -> bool:
    """Whether one feature may be shown with its name and shape."""
    if not may_read(scope, layer):
        return False
    counties = row_counties(scope, layer)
    return counties is None or county in counties


def may_edit(scope: Scope, layer: Layer, counties: Iterable[str]) -> bool:
    """Whether the asker may load and publish a layer for these counties ("" = of no county: the whole region's)."""
    return scope.role in layer.edit and (scope.all_counties or set(counties) <= scope.counties)


def require_edit(scope: Scope, layer: Layer, counties: Iterable[str]) -> None:
    """Raise unless the asker may load and publish a layer for these counties."""
    require_role(scope, layer.edit)
    if not may_edit(scope, layer, counties):
        raise Forbidden("你的账号只能处理自己县（市）的资料。", "全州的资料由全州的管理员装入和发布。")


def may_oversee(scope: Scope, layer: Layer, counties: Iterable[str]) -> bool:
    """Whether the asker may read the deliveries of a layer for these counties, with their rows and issues."""
    allowed = scope.role in layer.edit or scope.role == AUDITOR
    return allowed and (scope.all_counties or set(counties) <= scope.counties)


def require_role(scope: Scope, roles: Iterable[str]) -> None:
    """Raise unless the asker has one of the roles."""
    if not scope.signed_in:
        raise Unauthenticated()
    if scope.role not in roles:
        raise Forbidden()
