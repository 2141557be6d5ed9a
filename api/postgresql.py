"""Which PostgreSQL is installed here, and which one made some data."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

INSTALLED = Path("/usr/lib/postgresql")
OLDEST_VERSION = 15
MISSING = (
    "没有找到 PostgreSQL {oldest} 及以上版本和 PostGIS：请先安装（Debian/Ubuntu: sudo apt-get install "
    "postgresql-15 postgresql-15-postgis-3），或用 JINGTU_DATABASE_URL 指定已有的数据库。"
    " / PostgreSQL {oldest}+ with PostGIS was not found: install it, or name a database with JINGTU_DATABASE_URL."
)


class DatabaseUnavailable(Exception):
    """The private database cannot be made or started; the message says what to do."""


def made_by(data: Path) -> int:
    """The major version of the PostgreSQL that made this data, the only one that can read it."""
    return int((data / "PG_VERSION").read_text())


def find_binaries(version: int | None = None) -> Path:
    """The folder of initdb and pg_ctl of that PostgreSQL, or of the newest; PostGIS is there too.

    Raises DatabaseUnavailable, whose message says what to install.
    """
    candidates = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    found = {_version_of(folder): folder for folder in candidates if _has_postgis(folder)}
    if version is not None and found and version not in found:
        raise DatabaseUnavailable(
            f"私有数据库由 PostgreSQL {version} 建立，本机只有 {max(found)}：请安装 postgresql-{version}-postgis-3，"
            f"或用 pg_upgrade 升级。 / PostgreSQL {version} made the private database; this machine has {max(found)}."
        )
    if not found or max(found) < OLDEST_VERSION:
        raise DatabaseUnavailable(MISSING.format(oldest=OLDEST_VERSION))
    return found[version or max(found)]


def _version_of(binaries: Path) -> int:
    answer = subprocess.run([binaries / "initdb", "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[2].partition(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def _has_postgis(binaries: Path) -> bool:
    shares = [Path("/usr/share/postgresql") / str(_version_of(binaries)), binaries.parent / "share"]
    return any((share / "extension" / "postgis.control").exists() for share in shares)
