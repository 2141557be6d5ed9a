"""A delivery told in frames: nothing of it is lost on the way, and nothing is believed that no reader says."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Callable
from datetime import UTC, date, time, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from loaders import delivery_stream as stream
from loaders.delivery_stream import Frame
from loaders.record import ERROR, NOTICE, WARNING, Delivery, FileRefused, Issue, Record, refused

SEVERITIES = (ERROR, WARNING, NOTICE)
RING = [(87.3, 44.0), (87.31, 44.0), (87.31, 44.01), (87.3, 44.0)]
POLYGON = shapely.Polygon(RING)
SHAPES = [
    None,
    POLYGON,
    shapely.MultiPolygon([POLYGON, shapely.Polygon(RING, [])]),
    shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 0)], [[(2, 1), (3, 1), (3, 2), (2, 1)]]),
    shapely.Point(1, 2, 3),
    shapely.from_wkt("POINT ZM (1 2 3 4)"),
    shapely.from_wkt("MULTIPOINT M ((1 2 3), (4 5 6))"),
    shapely.from_wkt("LINESTRING (0 0, nan inf)"),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
    shapely.Point(),
    shapely.Polygon(),
    shapely.GeometryCollection([POLYGON, shapely.GeometryCollection([shapely.Point(1, 2)])]),
]
ANY_TEXT = st.text(st.characters(), max_size=8)
"""Any at all: NUL, and halves of characters."""
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | ANY_TEXT
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
ISSUES = st.builds(
    Issue,
    st.from_regex(r"[a-z][a-z0-9_]{0,59}", fullmatch=True),
    st.sampled_from(SEVERITIES),
    ANY_TEXT,
    ANY_TEXT,
    row=st.none() | st.integers(0, 2**31 - 1),
    ring=st.none() | st.integers(0, 2**31 - 1),
    field=st.none() | ANY_TEXT,
    value=st.none() | ANY_TEXT,
    place=st.none() | st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2),
    owner=st.none() | ANY_TEXT,
)
RECORDS = st.builds(
    Record,
    st.integers(0, 2**31 - 1),
    st.dictionaries(ANY_TEXT, VALUES, max_size=4),
    st.sampled_from(SHAPES),
    st.lists(ISSUES, max_size=2).map(tuple),
    st.none() | ANY_TEXT,
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
HONEST = [
    Record(
        1,
        {"名": "甲", "日": date(2025, 1, 2), "表": [{"a": 1}]},
        POLYGON,
        (Issue("a", NOTICE, "b", place=(1, 2)),),
    ),
    Record(2, {"名": None}, None, (), "J1,1,2"),
]
DELIVERY = Delivery(
    HONEST,
    ("名", "日"),
    4526,
    "gbk",
    (Issue("a", NOTICE, "b"),),
    date(2025, 1, 2),
    {"带号": "38"},
    ("a", ""),
    2,
)


def told(record: Record) -> str:
    """All of a record; two of them are the same where this is, NaN and the types of values included."""
    shape = None if record.geometry is None else shapely.to_wkb(record.geometry, hex=True)
    return repr(record._replace(geometry=None)) + str(shape)


def again(records: list[Record]) -> list[Record]:
    return [record for frame in stream.frames_of(records) for record in stream.records_in(frame)]


@given(st.lists(RECORDS, max_size=5))
def test_records_come_as_they_went(records: list[Record]) -> None:
    assert [told(record) for record in again(records)] == [told(record) for record in records]


def test_what_json_has_no_word_for_comes_as_its_text() -> None:
    values = {"钟": time(8, 30), "时长": timedelta(hours=1), "字节": b"\x00a"}
    assert dict(again([Record(1, values, None)])[0].values) == {
        "钟": "08:30:00",
        "时长": "1:00:00",
        "字节": r"b'\x00a'",
    }


def test_a_value_that_never_ends_comes_as_text() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    (record,) = again([Record(1, {"a": deep}, None)])
    assert str(record.values["a"]).count("[") == 900


@pytest.mark.parametrize("lines", [None, (), ("",), ("", ""), ("甲,1", "\ud800", "a\x0bb")])
def test_the_head_of_a_delivery_comes_as_it_went(lines: tuple[str, ...] | None) -> None:
    sent = Delivery([], ("名", "\ud800"), None, "gbk", DELIVERY.issues, None, {"a": "b"}, lines, None)
    assert stream.delivery_in(stream.frame_of(sent), []) == sent
    assert stream.delivery_in(stream.frame_of(DELIVERY), HONEST) == DELIVERY


def test_every_part_of_a_delivery_is_told() -> None:
    said = json.loads(stream.frame_of(DELIVERY).document)
    # An image is read where its pixels are copied, never in the child.
    assert {*said, "records", "image"} == {part.name for part in dataclasses.fields(Delivery)}


def test_frames_stay_small_however_large_the_file_is() -> None:
    wide = [Record(row, {"a": "字" * 100_000}, None) for row in range(1, 101)]
    frames = list(stream.frames_of(wide))
    assert max(len(frame.packed()) for frame in frames) < 2 * stream.BYTES_AT_ONCE
    ring = shapely.Point(87, 44).buffer(0.01, quad_segs=25_000)
    large = [Record(row, {}, ring) for row in range(1, 51)]
    assert max(len(frame.packed()) for frame in stream.frames_of(large)) < 2 * stream.BYTES_AT_ONCE
    many = (Record(row, {}, None) for row in range(1, 25_001))
    assert [len(stream.records_in(frame)) for frame in stream.frames_of(many)] == [10_000, 10_000, 5_000]


Believe = Callable[[Frame], Any]
BELIEVE: list[Believe] = [
    stream.name_in,
    stream.records_in,
    stream.refusal_in,
    lambda frame: stream.delivery_in(frame, []),
]


@given(
    st.sampled_from(BELIEVE),
    st.binary(max_size=50) | ANYTHING.map(lambda said: json.dumps(said).encode()),
    st.binary(max_size=40),
)
def test_words_that_nobody_says_are_refused_and_never_a_fault_of_ours(
    believe: Believe, document: bytes, more: bytes
) -> None:
    try:
        found = believe(Frame(b"", document, more))
    except ValueError:
        return
    assert found == [] or isinstance(found, str)


def replaced(said: Any, data: st.DataObject) -> Any:
    """The document with one thing in it replaced by any other, or left out, or said twice."""
    if isinstance(said, dict | list) and said and data.draw(st.integers(0, 4)):
        key = data.draw(st.sampled_from(sorted(said) if isinstance(said, dict) else range(len(said))))
        copy = said.copy()
        if data.draw(st.integers(0, 5)) == 0:
            del copy[key]
        else:
            copy[key] = replaced(said[key], data)
        return copy
    return data.draw(ANYTHING)


@given(st.data())
def test_a_delivery_with_one_lie_in_it_is_refused_or_could_have_been_true(data: st.DataObject) -> None:
    (frame,) = stream.frames_of(HONEST)
    lie = json.dumps(replaced(json.loads(frame.document), data)).encode()
    try:
        records = stream.records_in(frame._replace(document=lie))
    except ValueError:
        return
    for record in records:
        assert 0 <= record.row < 2**31
        assert record.geometry is None or isinstance(record.geometry, BaseGeometry)
        assert all(type(name) is str for name in record.values)
        assert all(issue.severity in SEVERITIES and len(issue.code) <= 60 for issue in record.issues)
        assert record.text is None or type(record.text) is str
        again([record])


@given(st.data())
def test_a_head_with_one_lie_in_it_is_refused_or_could_have_been_true(data: st.DataObject) -> None:
    frame = stream.frame_of(DELIVERY)
    lie = json.dumps(replaced(json.loads(frame.document), data)).encode()
    try:
        delivery = stream.delivery_in(frame._replace(document=lie), [])
    except ValueError:
        return
    assert all(type(name) is str for name in (*delivery.columns, *delivery.header, delivery.encoding))
    assert delivery.crs in (None, 4490, 4326) or delivery.crs in range(4491, 4555)
    assert stream.delivery_in(stream.frame_of(delivery), []) == delivery


@given(st.binary(max_size=60), st.integers(0, 92))
def test_bytes_that_are_no_shape_are_refused(noise: bytes, at: int) -> None:
    (frame,) = stream.frames_of([Record(1, {}, shapely.MultiPolygon([POLYGON]))])
    wkb = frame.more[:at] + noise + frame.more[at + len(noise) :]
    document = json.dumps([[1, len(wkb), {}, [], None]]).encode()
    try:
        (record,) = stream.records_in(Frame(b"", document, wkb))
    except ValueError:
        return
    assert record.geometry is not None and record.geometry.geom_type in {
        "MultiPolygon",
        "Point",
        "LineString",
    }


@pytest.mark.parametrize("kind", [4, 5, 6, 7])
def test_shapes_nested_to_break_the_stack_are_refused(kind: int) -> None:
    wkb = struct.pack("<BII", 1, kind, 1) * 1_000_000 + struct.pack("<BIdd", 1, 1, 0.0, 0.0)
    with pytest.raises(ValueError, match="no shape"):
        stream.records_in(Frame(b"", json.dumps([[1, len(wkb), {}, [], None]]).encode(), wkb))


def test_a_claim_of_more_points_than_there_are_bytes_is_refused() -> None:
    wkb = struct.pack("<BIII", 1, 3, 1, 2**32 - 1)
    with pytest.raises(ValueError, match="no shape"):
        stream.records_in(Frame(b"", json.dumps([[1, len(wkb), {}, [], None]]).encode(), wkb))


def test_a_refusal_comes_as_it_went_and_a_notice_is_none() -> None:
    issue = refused("zip_path", "包外", "请改", value="x").issue
    found = stream.refusal_in(Frame(b"", json.dumps(issue.as_json()).encode()))
    assert isinstance(found, FileRefused) and found.issue == issue
    with pytest.raises(ValueError, match="no refusal"):
        stream.refusal_in(Frame(b"", json.dumps(Issue("a", NOTICE, "b").as_json()).encode()))
