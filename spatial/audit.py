"""Who asked, changed and took out what: entries chained by hash, and the proof that none was altered or lost.

An entry is added in the transaction of what it tells of: neither is there without the other. The database refuses
every other change (migration 0011), and keeps the end of the chain beside it (migration 0019), so that it shows when
the last entries are gone. Whoever may do anything to the database could write the whole chain anew, with its end; that
shows against an end that was noted elsewhere (`verify(head)`): by the server (`spatial.audit_note`), or on paper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from spatial.models import AuditEntry, AuditHead

ACTIONS = {
    "check": "核查",
    "batch": "批量核查",
    "overlay": "叠加分析",
    "report": "导出核查结果",
    "load": "装入",
    "publish": "发布",
    "unpublish": "撤回",
    "confirm": "确认为空",
    "event": "名录变动",
    "case": "办理用途变更事项",
    "manifest": "污染土壤转运联单",
    "inspection": "抽查",
    "attachment": "附件",
    "view": "查看受限资料",
    "export": "导出清单或图层",
    "override": "登记书面决定",
    "dispute": "登记异议",
    "withdraw": "撤销登记",
    "sign_in": "登录",
    "sign_in_refused": "登录被拒",
    "account": "账号变动",
    "token": "发放令牌",
}
_ADD = """
SELECT spatial_audit(%(said)s::jsonb || jsonb_build_object('user', u.username, 'role', a.role))
FROM (SELECT %(by)s::integer AS id) AS given
LEFT JOIN auth_user u ON u.id = given.id
LEFT JOIN spatial_account a ON a.user_id = u.id
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: with it nothing before can be altered unseen."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Raises ValueError."""
        number, _, digest = text.partition(":")
        if len(bytes.fromhex(digest)) != hashlib.sha256().digest_size:
            raise ValueError(text)
        return cls(int(number), digest.lower())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the chain, and at which entry.

    `kind`: altered, missing, forged (put in by hand), head (not the one that was noted).
    """

    number: int
    kind: str


def record(action: str, by: int | None, object: str, *, counties: Iterable[str] = (), **detail: Any) -> None:
    """Add an entry in the transaction under way. `by`: the id of a user, None for the machine's own console."""
    if action not in ACTIONS:
        raise ValueError(action)
    said = {"action": action, "object": object, "counties": sorted(counties), **detail}
    # What jsonb cannot hold (NUL, half a character) may stand in a name that somebody tried to sign in with.
    text = (
        json.dumps(said, ensure_ascii=False).replace("\\u0000", "\\ufffd").encode(errors="replace").decode()
    )
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"said": text, "by": by})


def head() -> Head:
    """The end of the chain as it is kept beside it; number 0 where there is no entry, or the end itself is gone."""
    kept = AuditHead.objects.values_list("number", "digest").first()
    return Head(kept[0], bytes(kept[1]).hex()) if kept and kept[0] else Head(0, "0" * 64)


def verify(*noted: Head) -> Iterator[Fault]:
    """Everything that is wrong with the chain, in its order; nothing where it is whole.

    It must reach the end that is kept beside it, and each that was `noted`. Entries may come meanwhile.
    """
    ends = [end for end in (head(), *noted) if end.number]
    if not AuditHead.objects.exists():
        yield Fault(0, "head")
    known = max((end.number for end in ends), default=0)
    before, expected, later = b"", 1, list[int]()
    rows = AuditEntry.objects.order_by("number").values_list("number", "said", "digest")
    for number, said, digest in rows.iterator():
        if number < 1 or (number > known and number != expected):
            later.append(number)
            continue
        yield from (Fault(gone, "missing") for gone in range(expected, number))
        digest = bytes(digest)
        if number == expected and not _fits(before, number, said, digest):
            yield Fault(number, "altered")
        for end in ends:
            if number == end.number and digest.hex() != end.digest:
                yield Fault(number, "head")
        if number > known:
            later.append(number)
        before, expected = digest, number + 1
    yield from (Fault(gone, "missing") for gone in range(expected, known + 1))
    now = head().number
    yield from (Fault(number, "forged") for number in later if not 0 < number <= now)


def _fits(before: bytes, number: int, said: str, digest: bytes) -> bool:
    return (
        hashlib.sha256(before + said.encode()).digest() == digest and json.loads(said).get("number") == number
    )
