"""The one settings module: every value from a JINGTU_* variable, with a default that works on a laptop.

docs/settings.md has a line for each variable, and a test compares the two.
"""

import contextlib
import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[1]
JINGTU_HOME = Path(os.environ.get("JINGTU_HOME") or BASE_DIR / ".jingtu").resolve()


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if text and not text.isdigit():
        raise ImproperlyConfigured(f"{name} 应为整数 / must be a whole number: {text!r}")
    return int(text or default)


def _switch(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret_key() -> str:
    """The given key, or one made at the first start and kept in JINGTU_HOME for its owner alone."""
    if given := os.environ.get("JINGTU_SECRET_KEY"):
        return given
    path = JINGTU_HOME / "secret-key"
    JINGTU_HOME.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = path.with_name(f".secret-key.{os.getpid()}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text()


def _database_url() -> str:
    """The named database, or the private one as it last ran (api.private_database writes its address)."""
    if given := os.environ.get("JINGTU_DATABASE_URL"):
        return given
    path = JINGTU_HOME / "database-url"
    return path.read_text().strip() if path.exists() else "postgresql://127.0.0.1:5432/jingtu"


def database(url: str) -> dict[str, object]:
    """postgresql://user:password@host:port/name?sslmode=… as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql", "postgis"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "JINGTU_DATABASE_URL 应形如 postgresql://用户:口令@主机:5432/库名 / must look like postgresql://user:password@host:5432/name"
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # more than 0 leaves a connection behind in every thread under ASGI
        "OPTIONS": options,
        "TEST": {"NAME": f"test_jingtu_{os.getpid()}"},
    }


JINGTU_HOST = os.environ.get("JINGTU_HOST") or "127.0.0.1"
JINGTU_PORT = _number("JINGTU_PORT", 8000)
JINGTU_CHECK_SECONDS = _number("JINGTU_CHECK_SECONDS", 20)
JINGTU_READ_SECONDS = _number("JINGTU_READ_SECONDS", 60)
JINGTU_DATABASE_POOL = _number("JINGTU_DATABASE_POOL", 16)
JINGTU_STATEMENT_TIMEOUT_MS = _number("JINGTU_STATEMENT_TIMEOUT_MS", 30000)
JINGTU_MAX_BODY_MB = _number("JINGTU_MAX_BODY_MB", 1)
JINGTU_MAX_UPLOAD_MB = _number("JINGTU_MAX_UPLOAD_MB", 200)
JINGTU_TILE_CACHE_MB = _number("JINGTU_TILE_CACHE_MB", 128)
JINGTU_HTTPS = _switch("JINGTU_HTTPS")

JINGTU_ADDRESS = os.environ.get("JINGTU_ADDRESS", "").strip().rstrip("/")
JINGTU_SIGNING_KEY = os.environ.get("JINGTU_SIGNING_KEY", "").strip()
JINGTU_MAIL_URL = os.environ.get("JINGTU_MAIL_URL", "").strip()
JINGTU_WEBHOOK_URL = os.environ.get("JINGTU_WEBHOOK_URL", "").strip()
JINGTU_WEBHOOK_SECRET = os.environ.get("JINGTU_WEBHOOK_SECRET", "")
if JINGTU_WEBHOOK_URL and len(JINGTU_WEBHOOK_SECRET) < 32:
    raise ImproperlyConfigured("JINGTU_WEBHOOK_SECRET 至少 32 个字符 / needs 32 characters or more")


def _basemap() -> list[str]:
    """Addresses of tiles under the map, the lowest first: by https or on this machine, of a kind that is known."""
    told = os.environ.get("JINGTU_BASEMAP", "").split()
    for one in told:
        parts = urlsplit(one)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
        is_known = parts.path.endswith(".pmtiles") or all(sign in one for sign in ("{z}", "{x}", "{y}"))
        # The origin goes into a header: nothing may stand in it that ends a directive.
        if (
            not (parts.scheme == "https" or local)
            or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc)
            or not is_known
        ):
            raise ImproperlyConfigured(
                "JINGTU_BASEMAP 应为 https 地址，含 {z} {x} {y} 或以 .pmtiles 结尾，几个之间用空格"
                " / needs https addresses with {z} {x} {y}, or of a .pmtiles file, with blanks between"
            )
    return told


JINGTU_BASEMAP = _basemap()

SECRET_KEY = _secret_key()
DEBUG = _switch("JINGTU_DEBUG")
ALLOWED_HOSTS = _list("JINGTU_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _list("JINGTU_TRUSTED_ORIGINS")

DATABASES = {"default": database(_database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = {"spatial": "migrations"}

INSTALLED_APPS = [
    "procrastinate.contrib.django",  # the queue behind api.jobs; before spatial, whose admin hides it
    "spatial.apps.SpatialConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
# Distributions ship GDAL < 3.9, which cannot block file access from a spatial reference: Jingtu never builds one
# from what a user sent; uploads are read by pyogrio in the loaders.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "spatial.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "spatial.passwords.LocalWords"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-sessionid" if JINGTU_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if JINGTU_HTTPS else "csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = JINGTU_HTTPS
CSRF_COOKIE_SECURE = JINGTU_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "spatial.error_pages.csrf_failure"
CSRF_COOKIE_HTTPONLY = False  # the page sends it back in X-CSRFToken
SECURE_SSL_REDIRECT = JINGTU_HTTPS
SECURE_HSTS_SECONDS = 365 * 86400 if JINGTU_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = JINGTU_HTTPS
SECURE_HSTS_PRELOAD = JINGTU_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if JINGTU_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"  # official papers carry Beijing time, in Xinjiang too
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
