"""The end of the audit chain, noted outside the database from time to time: in JINGTU_HOME/audit-heads/.

Whoever may do anything to the database can cut its chain and write another end; against the note it shows. A file for
each chain, because several databases may use one home.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from spatial import audit
from spatial.audit import Head
from spatial.models import AuditEntry, AuditHead


def noted() -> Head | None:
    """What was noted last of the chain of this database."""
    try:
        return Head.parse(_path().read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None


def note() -> bool:
    """Note the end; False where the entry that was noted before is no longer so: then the note stays as it is."""
    before, now = noted(), audit.head()
    if before is not None and before.number:
        digest = AuditEntry.objects.filter(number=before.number).values_list("digest", flat=True).first()
        if digest is None or bytes(digest).hex() != before.digest:
            return False
    _write(now)
    return True


def begin_anew() -> None:
    """After a restore: what came later is not there, and rightly so. The earlier note stays beside."""
    if _path().exists():
        _path().replace(_path().with_suffix(".before-restore"))
    _write(audit.head())


def _write(head: Head) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(f"{head}\n", encoding="ascii")
    part.replace(path)


def _path() -> Path:
    chain = AuditHead.objects.values_list("chain", flat=True).get()
    return Path(settings.JINGTU_HOME) / "audit-heads" / str(chain)
