"""Answers kept in memory, by their bytes: the least lately asked go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from prometheus_client import Counter

from tiles.archive import compressed

OVERHEAD = 1024
"""What an entry weighs beside its bytes: key and places in two tables."""
LEAST_GZIP = 512
Headers = list[tuple[bytes, bytes]]
Start = dict[str, Any]
GZIP = [(b"content-encoding", b"gzip")]


class Heads:
    """How the answers of one version begin: their headers, put together once for all that share them."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self._lines = _lines(headers)
        self.empty, self.unchanged = self.start(204, 0), self.start(304, 0)

    def start(self, status: int, length: int, encoding: Headers | None = None) -> Start:
        """The message, and for our own server its bytes (api.patience)."""
        more = list(encoding or ())
        if length:
            more.append((b"content-length", str(length).encode()))
        return {
            "type": "http.response.start",
            "status": status,
            "headers": [*self.headers, *more],
            "head": self._lines + _lines(more) + b"\r\n",
            "length": length,
        }


def _lines(headers: Headers) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)


class Answer:
    """One tile as it is sent: whole, compressed once when first asked so, and the word that it is unchanged.

    `hits` counts how often it was given from memory, `key` is what it is kept under.
    """

    __slots__ = ("__weakref__", "_heads", "_zipped", "body", "etag", "hits", "key")

    def __init__(self, body: bytes, heads: Heads, etag: bytes, hits: Counter) -> None:
        self.body, self.etag, self.hits = body, etag, hits
        self.key: Hashable = None
        self._heads = heads
        self._zipped = b""

    def sent(self, zipped: bool) -> tuple[Start, bytes]:
        """Head and bytes."""
        if not self.body:
            return self._heads.empty, b""
        if not zipped or len(self.body) < LEAST_GZIP:
            return self._heads.start(200, len(self.body)), self.body
        if not self._zipped:
            self._zipped = compressed(self.body)
        return self._heads.start(200, len(self._zipped), GZIP), self._zipped

    @property
    def unchanged(self) -> Start:
        return self._heads.unchanged

    @property
    def weight(self) -> int:
        return OVERHEAD + len(self.body) + len(self.body) // 2


class Kept:
    """Answers by key, together no heavier than `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, key: Hashable) -> Answer | None:
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def keep(self, key: Hashable, answer: Answer) -> None:
        if key in self._answers:
            self._weight -= self._answers.pop(key).weight
        answer.key = key
        self._answers[key] = answer
        self._weight += answer.weight
        while self._weight > self._most:
            _, gone = self._answers.popitem(last=False)
            self._weight -= gone.weight
