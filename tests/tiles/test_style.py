"""Style, legend and TileJSON: what the page and other GIS read from the catalog."""

import json
import re
from typing import Any

import pytest
from defusedxml import ElementTree

from spatial.catalog import Catalog, LayerNotFound, load
from tiles.style import legend, style, tilejson

COLOUR = r"#[0-9A-F]{6}"
IMAGE = re.compile(rf"pattern:[a-z0-9-]+:{COLOUR}|mark:[a-z0-9+-]+:({COLOUR}|none):{COLOUR}:\d+(\.\d+)?")


@pytest.fixture(scope="module")
def known() -> Catalog:
    return load(None)


@pytest.fixture(scope="module", params=[False, True], ids=["light", "dark"])
def drawn(request: pytest.FixtureRequest, known: Catalog) -> dict[str, Any]:
    return style(known, known.layers, dark=request.param)


def parts(drawn: dict[str, Any], layer_id: str, suffix: str) -> list[dict[str, Any]]:
    return [
        part for part in drawn["layers"] if part["source"] == layer_id and part["id"].endswith(f"/{suffix}")
    ]


def images(drawn: dict[str, Any]) -> set[str]:
    return {
        value
        for part in drawn["layers"]
        for value in (part["layout"].get("icon-image"), part["paint"].get("fill-pattern"))
        if value
    }


def test_every_style_layer_draws_a_source_that_is_there_and_names_its_layer(drawn: dict[str, Any]) -> None:
    for part in drawn["layers"]:
        assert part["source"] in drawn["sources"]
        assert part["metadata"]["jingtu_layer"] == part["source"]
        assert part["source-layer"] in (part["source"], f"{part['source']}_label")
    assert len({part["id"] for part in drawn["layers"]}) == len(drawn["layers"])


def test_every_layer_but_the_asked_parcel_and_the_raster_is_drawn(
    drawn: dict[str, Any], known: Catalog
) -> None:
    expected = set(known.layers) - {"asked_parcel", "imagery"}
    assert set(drawn["sources"]) == expected
    assert {part["source"] for part in drawn["layers"]} == expected
    assert drawn["sources"]["park"] == {"type": "vector", "url": "/tiles/park.json"}


def test_only_the_layers_that_were_asked_for_are_named_anywhere(known: Catalog) -> None:
    public = style(known, ["park", "drinking_water_zone"])
    assert set(public["sources"]) == {"park", "drinking_water_zone"}
    assert "suspected_plot" not in json.dumps(public)
    assert "疑似污染地块" not in json.dumps(legend(known, ["park"]), ensure_ascii=False)
    with pytest.raises(LayerNotFound):
        style(known, ["no_such_layer"])


def test_areas_lie_under_marks_and_marks_under_labels_each_in_rising_order(
    drawn: dict[str, Any], known: Catalog
) -> None:
    levels = [
        2 if "text-field" in part["layout"] else 1 if part["type"] in ("symbol", "circle") else 0
        for part in drawn["layers"]
    ]
    assert levels == sorted(levels)
    areas = [part["source"] for part in drawn["layers"] if part["type"] in ("fill", "line")]
    # symbology.md: land use, farmland class, water, redline, contaminated, county from low to high
    heights = [
        areas.index(name)
        for name in (
            "land_use_status",
            "planned_land_use",
            "farmland_class",
            "drinking_water_zone",
            "eco_redline",
            "contaminated_plot",
            "risk_register_plot",
            "admin_county",
        )
    ]
    assert heights == sorted(heights)


def test_images_say_themselves_what_they_are_and_the_metadata_can_draw_them(drawn: dict[str, Any]) -> None:
    jingtu = drawn["metadata"]["jingtu"]
    for image in images(drawn):
        assert IMAGE.fullmatch(image), image
        kind, name = image.split(":")[:2]
        assert name in jingtu[f"{kind}s"], image
    for pattern in jingtu["patterns"].values():
        ElementTree.fromstring(f"<svg>{pattern['svg'].replace('{c}', '#000000')}</svg>")
    for mark in jingtu["marks"].values():
        assert set(re.findall(r"\{\w+\}", mark["svg"])) <= {"{fill}", "{stroke}"}
        ElementTree.fromstring(f"<svg>{mark['svg']}</svg>")


def test_the_stripes_are_there_for_gaps_but_no_layer_uses_them(drawn: dict[str, Any]) -> None:
    assert "stripe-45" in drawn["metadata"]["jingtu"]["patterns"]
    assert not any("stripe-45" in image for image in images(drawn))


def test_a_pattern_is_drawn_with_the_colour_of_the_symbol_table(known: Catalog) -> None:
    light = style(known, ["contaminated_plot"])
    (pattern,) = parts(light, "contaminated_plot", "pattern")
    assert pattern["paint"] == {"fill-pattern": "pattern:cross-45:#5E1668"}
    (dark_pattern,) = parts(style(known, ["contaminated_plot"], dark=True), "contaminated_plot", "pattern")
    assert dark_pattern["paint"] == {"fill-pattern": "pattern:cross-45:#DDA0EA"}


def test_dashes_are_told_in_line_widths(known: Catalog) -> None:
    """The symbol table: quasi-protection zone, 1.5 px, dashes of 6 px with gaps of 3 px."""
    drawn = style(known, ["drinking_water_zone"])
    (quasi,) = [part for part in parts(drawn, "drinking_water_zone", "line") if "/quasi/" in part["id"]]
    assert quasi["paint"] == {"line-color": "#1667A8", "line-width": 1.5, "line-dasharray": [4.0, 2.0]}
    assert quasi["minzoom"] == 7
    casings = parts(drawn, "drinking_water_zone", "casing")
    assert {part["paint"]["line-width"] for part in casings} == {4, 3.5, 3}


def test_thin_lines_have_no_round_corners_which_cost_more_than_the_lines(known: Catalog) -> None:
    drawn = style(known, ["parcel", "risk_register_plot"])
    (parcel,) = parts(drawn, "parcel", "line")
    assert parcel["paint"]["line-width"] == 0.75
    assert "line-join" not in parcel["layout"]
    casings = parts(drawn, "risk_register_plot", "casing")
    assert {part["layout"]["line-join"] for part in casings} == {"round"}


def test_the_redline_has_a_band_on_its_inner_side(known: Catalog) -> None:
    bands = parts(style(known, ["eco_redline"]), "eco_redline", "band")
    assert [part["paint"]["line-offset"] * 2 for part in bands] == [
        part["paint"]["line-width"] for part in bands
    ]
    assert {part["paint"]["line-width"] for part in bands} == {5, 7}


def test_points_and_tiny_polygons_show_their_mark_at_every_zoom_and_polygons_at_low_ones(
    known: Catalog,
) -> None:
    drawn = style(known, ["high_risk_site", "well"])
    (mark,) = parts(drawn, "high_risk_site", "mark")
    (small,) = parts(drawn, "high_risk_site", "mark-small")
    assert mark["source-layer"] == "high_risk_site"
    assert mark["filter"] == ["all", ["match", ["geometry-type"], ["Point", "MultiPoint"], True, False]]
    assert "maxzoom" not in mark
    assert small["source-layer"] == "high_risk_site_label"
    assert (mark["minzoom"], small["minzoom"], small["maxzoom"]) == (0, 0, 12)
    assert (
        small["layout"]["icon-image"]
        == mark["layout"]["icon-image"]
        == "mark:triangle+bang:#5E1668:#FFFFFF:13"
    )
    assert not parts(drawn, "well", "mark-small")


def test_every_class_of_a_layer_of_sites_has_its_mark_from_the_first_zoom(known: Catalog) -> None:
    """The catalog draws plots that left the register from zoom 8; their marks are there when their rows are."""
    drawn = style(known, known.layers)
    for layer in known.layers.values():
        if layer.register:
            marks = [part for suffix in ("mark", "mark-small") for part in parts(drawn, layer.id, suffix)]
            assert len(marks) == 2 * len(layer.style.classes), layer.id
            assert {part["minzoom"] for part in marks} == {0}, layer.id
            assert tilejson(known, [layer.id], version=1, bounds=known.region.extent)["minzoom"] == 0, (
                layer.id
            )
    (removed,) = [one for one in parts(drawn, "risk_register_plot", "line") if "/removed/" in one["id"]]
    assert removed["minzoom"] == 8


def test_areas_of_an_edge_alone_are_filled_unseen_and_tinted_where_they_are_sites(known: Catalog) -> None:
    drawn = style(known, ["risk_register_plot", "admin_county", "eco_redline"])
    opacity = {part["id"]: part["paint"]["fill-opacity"] for part in drawn["layers"] if part["type"] == "fill" and
               "fill-opacity" in part["paint"] and part["id"].endswith("/ground")}  # fmt: skip
    assert opacity == {
        "risk_register_plot/removed/ground": 0.05, "admin_county/all/ground": 0, "eco_redline/all/ground": 0,
    }  # fmt: skip


def test_an_area_without_a_mark_that_is_too_small_to_be_seen_is_a_dot_of_its_colour(known: Catalog) -> None:
    (dot,) = parts(style(known, ["park"]), "park", "dot")
    (line,) = parts(style(known, ["park"]), "park", "line")
    assert (dot["type"], dot["minzoom"]) == ("circle", 7)
    assert dot["filter"] == ["all", ["match", ["geometry-type"], ["Point", "MultiPoint"], True, False]]
    assert dot["paint"]["circle-color"] == line["paint"]["line-color"]
    (planned,) = parts(style(known, ["planned_land_use"]), "planned_land_use", "dot")
    assert "#F9E58A" in planned["paint"]["circle-color"], "the colour of its class: its edge is white"


def test_labels_come_from_the_label_points_in_the_font_that_the_page_ships(drawn: dict[str, Any]) -> None:
    labels = [part for part in drawn["layers"] if "text-field" in part["layout"]]
    assert labels
    for part in labels:
        assert part["source-layer"] == f"{part['source']}_label"
        assert part["layout"]["text-field"] == ["get", "label"]
        assert part["layout"]["text-font"] == ["Noto Sans SC"]
    (county,) = parts(drawn, "admin_county", "label")
    assert county["layout"]["text-letter-spacing"] == 0.3
    assert county["minzoom"] == 5


def test_land_use_takes_its_colour_from_the_first_two_digits_of_an_mnr_code(known: Catalog) -> None:
    (fill,) = parts(style(known, ["planned_land_use"]), "planned_land_use", "fill")
    expression = fill["paint"]["fill-color"]
    of_mnr = ["==", ["to-string", ["get", "code_system"]], "MNR-2023"]
    assert expression[:2] == [
        "match",
        ["case", ["all", of_mnr], ["slice", ["to-string", ["get", "code"]], 0, 2], ""],
    ]
    colours = dict(zip(expression[2:-1:2], expression[3:-1:2], strict=True))
    assert len(colours) == 18
    assert (colours["07"], colours["10"], colours["17"]) == ("#F9E58A", "#DABFA2", "#A8D0EA")
    assert expression[-1] not in colours.values()


def test_a_feature_of_no_named_value_is_drawn_as_the_rest(known: Catalog) -> None:
    lines = parts(style(known, ["eco_redline"]), "eco_redline", "line")
    conditions = {part["id"]: part["filter"][-1] for part in lines}
    value = ["to-string", ["get", "control_area"]]
    assert conditions == {
        "eco_redline/core/line": ["in", value, ["literal", ["core"]]],
        "eco_redline/all/line": ["!", ["in", value, ["literal", ["core"]]]],
    }


def test_layers_that_are_off_at_first_are_there_but_hidden(known: Catalog) -> None:
    drawn = style(known, known.layers)
    visible = {part["source"] for part in drawn["layers"] if part["layout"]["visibility"] == "visible"}
    assert {"suspected_plot", "contaminated_plot", "risk_register_plot", "admin_county"} <= visible
    assert not {"land_use_status", "any_plot_with_legal_investigation_duty"} & visible


def test_the_dark_table_holds_every_colour_but_those_that_serve_both(known: Catalog) -> None:
    light = style(known, known.layers)
    dark_map = light["metadata"]["jingtu"]["dark_map"]
    assert dark_map["#5E1668"] == "#DDA0EA"
    assert dark_map["#F9E58A"] == "#55491A"
    colours = set(re.findall(COLOUR, json.dumps(light["layers"])))
    assert colours - set(dark_map) == {"#5E8C4A", "#8A5A00", "#B9A36B"}


def test_the_legend_has_every_class_in_the_order_of_the_tree(known: Catalog) -> None:
    groups = legend(known, known.layers)["groups"]
    assert [group["title"] for group in groups] == [
        "污染地块",
        "监管单位",
        "水源与地下水",
        "三区三线",
        "耕地",
        "国土空间规划",
        "监测",
        "行政区与园区",
        "影像",
    ]
    entries = {layer["id"]: layer for group in groups for layer in group["layers"]}
    assert set(entries) == set(known.layers) - {"asked_parcel"}
    zones = entries["drinking_water_zone"]
    assert zones["title"] == "饮用水水源保护区"
    assert [(one["value"], one["label"]) for one in zones["classes"]] == [
        ("I", "饮用水水源一级保护区"),
        ("II", "饮用水水源二级保护区"),
        ("quasi", "准保护区"),
        (None, "饮用水水源保护区（级别未知）"),
    ]


def test_every_swatch_is_a_small_svg_that_shows_something(known: Catalog) -> None:
    for group in legend(known, known.layers)["groups"]:
        for layer in group["layers"]:
            for one in layer["classes"]:
                picture = ElementTree.fromstring(one["swatch"])
                assert (picture.get("width"), picture.get("height")) == ("34", "20"), layer["id"]
                assert len(picture), layer["id"]
                assert " id=" not in one["swatch"]
                assert "{" not in one["swatch"]


def test_a_swatch_shows_fill_pattern_line_and_mark_of_its_class(known: Catalog) -> None:
    (group,) = legend(known, ["risk_register_plot"])["groups"]
    swatch = next(one["swatch"] for one in group["layers"][0]["classes"] if one["value"] is None)
    assert 'fill="#5E1668" fill-opacity="0.34"' in swatch
    assert "M0 0 7 7M7 0 0 7" in swatch
    assert 'stroke="#3A0A43" stroke-width="2.75"' in swatch
    assert "M10 2 18 10 10 18 2 10z" in swatch


def test_tilejson_names_both_source_layers_of_each_layer_with_their_fields(known: Catalog) -> None:
    document = tilejson(
        known,
        ["drinking_water_zone", "well"],
        version="r12",
        bounds=(85.0, 42.5, 92.0, 46.0),
        base_url="http://127.0.0.1:8000",
    )
    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == ["http://127.0.0.1:8000/tiles/drinking_water_zone,well/{z}/{x}/{y}.mvt?v=r12"]
    assert document["bounds"] == [85.0, 42.5, 92.0, 46.0]
    assert (document["minzoom"], document["maxzoom"]) == (0, 16)
    layers = {layer["id"]: layer for layer in document["vector_layers"]}
    assert list(layers) == ["drinking_water_zone", "drinking_water_zone_label", "well", "well_label"]
    assert set(layers["drinking_water_zone"]["fields"]) == {"county", "code", "name", "zone", "source_type"}
    assert set(layers["drinking_water_zone_label"]["fields"]) == {"label", "zone"}


def test_tilejson_tells_no_field_that_not_everyone_may_read(known: Catalog) -> None:
    document = tilejson(known, ["contaminated_plot"], version=1, bounds=known.region.extent)
    assert "max_ratio" not in json.dumps(document)
