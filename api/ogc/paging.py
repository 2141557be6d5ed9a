"""The opaque word in a `next` link: the row that the page ended with and which revision is read.

It names the row and not what rows are sorted by, which may be longer than an address can be.
Whatever is published meanwhile, the pages of one walk are of one revision: nothing comes twice and nothing is left
out. The word is signed, holds for an hour and for the same question of the same rights only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core import signing

from api.ogc.asked import invalid
from tiles.rows import Moment, View

SALT = "jingtu.ogc.next"
HOLDS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turned:
    """A page that follows another: after which row, at which moment, of how many rows in all."""

    row: int
    moment: Moment
    matched: int


def digest(view: View, question: Sequence[Any]) -> str:
    """Stands for a question and the rights of who asks."""
    told = [view.layer.id, view.counties, sorted(view.fields), *question]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def word(turned: Turned, asked: str) -> str:
    at = turned.moment
    return signing.dumps(
        {
            "after": turned.row,
            "at": [at.revision, at.as_of.isoformat(), at.until.isoformat() if at.until else None],
            "matched": turned.matched,
            "asked": asked,
        },
        salt=SALT,
    )


def turned(text: str, asked: str) -> Turned:
    """Raises Problem where the word is no longer good, or another question's."""
    try:
        told = signing.loads(text, salt=SALT, max_age=HOLDS)
    except (signing.BadSignature, ValueError):
        told = {}
    if told.get("asked") != asked:
        raise invalid("after", "这个翻页位置已失效，或不是这个查询的。", "请从第一页重新开始。")
    revision, as_of, until = told["at"]
    day = date.fromisoformat
    return Turned(told["after"], Moment(revision, day(as_of), day(until) if until else None), told["matched"])
