"""Answers kept in memory, by their bytes: the least lately asked go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from prometheus_client import Counter

from tiles.archive import compressed

OVERHEAD = 1024
"""What an entry weighs beside its bytes."""
LEAST_GZIP = 512
Headers = list[tuple[bytes, bytes]]


class Answer:
    """One tile as it is sent: whole, compressed once when first asked so, and the word that it is unchanged.

    `hits` counts how often it was given from memory, `key` is what it is kept under.
    """

    key: Hashable = None

    def __init__(self, body: bytes, headers: Headers, etag: bytes, hits: Counter) -> None:
        self.body, self.etag, self.hits = body, etag, hits
        self._headers = headers
        length = [(b"content-length", str(len(body)).encode())] if body else []
        self.start = _start(200 if body else 204, [*headers, *length])
        self.unchanged = _start(304, headers)
        self._zipped: tuple[dict[str, object], bytes] | None = None

    def sent(self, zipped: bool) -> tuple[dict[str, object], bytes]:
        """Head and bytes."""
        if not zipped or len(self.body) < LEAST_GZIP:
            return self.start, self.body
        if self._zipped is None:
            body = compressed(self.body)
            encoded = [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
            self._zipped = _start(200, [*self._headers, *encoded]), body
        return self._zipped

    @property
    def weight(self) -> int:
        return OVERHEAD + len(self.body) + len(self.body) // 2


def _start(status: int, headers: Headers) -> dict[str, object]:
    """The message, and for our own server its bytes (api.patience)."""
    length = int(dict(headers).get(b"content-length", b"0"))
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n"
    return {
        "type": "http.response.start",
        "status": status,
        "headers": headers,
        "head": head,
        "length": length,
    }


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
