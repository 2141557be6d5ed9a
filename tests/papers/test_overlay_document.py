"""The paper of an overlay: what its maps and pages hold."""

from __future__ import annotations

import io

import docx

from api.papers.looks import OVERLAP
from api.papers.map import Drawn, frame_of, map_of
from api.papers.overlay import HEIGHT_MM, WIDTH_MM, Ground, maps_of
from api.papers.overlay_document import overlay_document
from api.papers.report_map import Row
from spatial import catalog
from tests.papers.sample import PARCEL, box

HEADING_MM = 15


def test_no_picture_is_higher_than_a_page_however_long_the_legend_and_maps_are_true_to_scale() -> None:
    frame = frame_of([PARCEL], WIDTH_MM, HEIGHT_MM)
    things = [Drawn(PARCEL, OVERLAP, f"图层{n:02d}的名称很长很长要写两行才写得下") for n in range(60)]
    drawn = map_of(things, frame, catalog.current().symbols, "2026-11-23")
    assert len(drawn.legend) == 60
    content = {
        "title": "叠加分析成果", "number": "DJ-1", "of": "示例", "complete": True, "facts": [["编号", "DJ-1"]],
        "tables": [],
        "plate": {"title": "最重结论", "text": "", "colour": "#9E1B1E", "gap_title": "", "gap_text": ""},
        "fingerprint": "sha256:0", "verify": "https://jingtu.example/verify/DJ-1", "is_not": [],
    }  # fmt: skip
    told = {"checked_at": "2026-11-23T02:03:04+00:00"}
    document = docx.Document(
        io.BytesIO(overlay_document(told, content, [{"title": "压占的图层", "map": drawn}]))
    )
    (page,) = document.sections
    room = page.page_height.mm - page.top_margin.mm - page.bottom_margin.mm - HEADING_MM
    pictures = [one for one in document.inline_shapes if one.width.mm > 200]
    assert len(pictures) == 2 and all(one.height.mm < room for one in pictures)
    assert all(abs(one.width.mm - frame.width_mm) < 0.01 for one in pictures)


def test_ground_that_is_not_known_is_blank_on_no_map_of_what_lies_there() -> None:
    west, east = box(0, 0, 100, 100), box(100, 0, 100, 100)
    grounds = [
        Ground(0, "plot", "", {"no": "1", "use": None, "verdict": "undetermined"}, west | east),
        Ground(0, "piece", "", {"layers": ["eco_redline"], "known": True}, west),
        Ground(0, "piece", "", {"layers": [], "known": False}, east),
        Ground(0, "hit", "eco_redline", {}, west),
    ]
    told = {"versions": {"revision": 1}, "as_of": "2026-11-23", "change": None}
    maps = {one["title"]: one["map"] for one in maps_of(told, grounds, catalog.current())}
    for title in ("压占分摊", "压占的图层"):
        assert "资料不全，无法判定" in [row["title"] for row in maps[title].legend], title


def test_a_plot_too_small_for_the_scale_is_a_mark_within_the_names_of_its_counties() -> None:
    near, far = box(0, 0, 60, 60), box(200_000, 0, 60, 60)
    plots = [
        Ground(0, "plot", "", {"no": str(at), "use": None, "verdict": "prohibit"}, shape)
        for at, shape in enumerate((near, far))
    ]
    told = {"versions": {"revision": 1}, "as_of": "2026-11-23", "change": None}
    county = Row("1", "admin_county", "652301", "昌吉市", {}, box(-20_000, -20_000, 90_000, 60_000))
    first = maps_of(told, plots, catalog.current(), [county])[0]["map"]
    assert first.svg.count("scale(0.") == 2
    assert "昌吉市" in first.svg
    titles = [row["title"] for row in first.legend]
    assert titles[0] == "不得办理" and "地块界线" not in titles
