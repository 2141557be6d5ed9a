"""What is kept of tiles is bounded by what it really takes."""

from __future__ import annotations

import os
import tracemalloc

import pytest
from prometheus_client import Counter

from api.tile_cache import Answer, Heads, Kept
from tiles.grid import WEB_MERCATOR

HITS = Counter("jingtu_test_hits", "Of this test alone")
HEADERS = [(f"x-header-{number}".encode(), b"word " * 20) for number in range(12)]


@pytest.mark.parametrize("size", [0, 300, 3_000, 30_000])
def test_an_answer_takes_no_more_than_it_is_counted_for(size: int) -> None:
    heads, bodies = Heads(HEADERS), [os.urandom(size // 2) + bytes(size // 2) for _ in range(1_000)]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = Kept(10**9)
    answers = []
    for number, body in enumerate(bodies):
        answer = Answer(bytes(bytearray(body)), heads, b'"etag"', HITS)
        answer.sent(zipped=True)
        kept.keep(("version", WEB_MERCATOR, 15, 10_000 + number, 20_000 + number, None), answer)
        answers.append(answer)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    counted = sum(one.weight for one in answers)
    assert after - before <= counted
    assert counted <= 4 * (after - before), "counted as far more than it is"
