"""CSV files: what spreadsheets do to codes, what people do to coordinates, and text that is none."""

from __future__ import annotations

from tests.corpus.entry import Write, control, data, held, loaded, refused, rubbish

HEAD = "地块编码,地块名称,经度,纬度"


def csv(*lines: str, head: str = HEAD) -> Write:
    return data("\n".join([head, *lines]) + "\n")


def beside_a_good_one(hostile: str, head: str = HEAD) -> Write:
    return csv("G0,示例地块0,87.3000,44.0100", hostile, head=head)


def mixed() -> bytes:
    good, other = f"{HEAD}\nG0,示例地块0,87.3,44.01\n", "G1,示例地块1,87.31,44.01\n"
    return good.encode() + other.encode("gbk")


CORNERS = {
    "A": (87.300, 44.010), "B": (87.302, 44.010), "C": (87.302, 44.012), "D": (87.300, 44.012),
    "E": (87.304, 44.010), "F": (87.304, 44.012), "G": (87.306, 44.012),
}  # fmt: skip


def vertices(*plots: str) -> Write:
    """A row a vertex; a plot is the letters that it goes round."""
    lines = [
        f"P{plot},{number},{CORNERS[letter][0]},{CORNERS[letter][1]}"
        for plot, letters in enumerate(plots)
        for number, letter in enumerate(letters, 1)
    ]
    return csv(*lines, head="地块编号,拐点号,经度,纬度")


WKT = "POLYGON ((87.304 44.01, 87.306 44.01, 87.306 44.012, 87.304 44.012, 87.304 44.01))"

ENTRIES = (
    control(
        "points.csv", csv("G0,示例地块0,87.3,44.01", "G1,示例地块1,87.31,44.01"), "示例地块0", "示例地块1"
    ),
    control(
        "angles.csv",
        csv(
            "G0,示例甲,87°18′00.5″,44°00′36″",
            "G1,示例乙,东经87度18分30秒,北纬44度0分36秒",
            "G2,示例丙,８７°１９′００″E,44°00′36″N",
            "G3,示例丁,87 19 30.5,44 00 36",
        ),
        "示例甲",
        "示例乙",
        "示例丙",
        "示例丁",
    ),
    control("shapes.csv", csv(f'G0,示例,"{WKT}"', head="地块编码,地块名称,WKT"), "示例"),
    control(
        "shapes_after_a_stroke.csv",
        csv("G0,示例甲,/", f'G1,示例乙,"{WKT}"', head="地块编码,地块名称,WKT"),
        "示例甲",
        "示例乙",
    ),
    control(
        "list_without_places.csv", csv("G0,示例甲", "G1,示例乙", head="地块编码,地块名称"), "示例甲", "示例乙"
    ),
    control(
        "formula.csv",
        csv("G0,\"=cmd|'/c calc'!A0\",87.3,44.01", "G1,@SUM(1),87.31,44.01"),
        "=cmd|'/c calc'!A0",
        "@SUM(1)",
    ),
    held("code_in_powers_of_ten.csv", beside_a_good_one("6.52301E+17,示例,87.31,44.01"), "code_rounded"),
    held("columns_swapped.csv", beside_a_good_one("G1,示例,44.01,87.31"), "axes_swapped"),
    held("side_swapped.csv", beside_a_good_one("G1,示例,北纬44°0′36″,东经87°18′"), "axes_swapped"),
    held("half_a_place.csv", beside_a_good_one("G1,示例,87.31,"), "coordinate_missing"),
    held("words_for_a_place.csv", beside_a_good_one("G1,示例,东经八十七度,44.01"), "coordinate_unreadable"),
    held("minutes_over_60.csv", beside_a_good_one("G1,示例,87°78′00″,44.01"), "angle_parts"),
    held("infinite_place.csv", beside_a_good_one("G1,示例,inf,1e999"), "coordinate_unreadable"),
    held("west_of_greenwich.csv", beside_a_good_one("G1,示例,87.31W,44.01"), "outside_region"),
    held("too_many_cells.csv", beside_a_good_one("G1,示例,87.31,44.01,,,又一格"), "too_many_cells"),
    held("row_of_strokes.csv", beside_a_good_one("/,/,无,-"), "row_says_nothing"),
    held(
        "quote_over_lines.csv",
        beside_a_good_one('G1,"示例,87.31,44.01\nG2,示例"",87.32,44.01"'),
        "quote_over_lines",
    ),
    held("colons_100000.csv", beside_a_good_one(f"G1,示例,87{':' * 100_000},44.01"), "coordinate_unreadable"),
    held(
        "plane_of_400_digits.csv",
        csv("G0,示例,4876500,29524570", f"G1,示例,{'9' * 400},29524570", head="地块编码,地块名称,X,Y"),
        "coordinate_digits",
        crs="EPSG:4517",
    ),
    held(
        "vertex_of_a_square_sign.csv",
        csv(
            *(f"P0,{n},1,{x},{y}" for n, (x, y) in enumerate(map(CORNERS.get, "ABCDA"), 1)),
            *(f"P1,{n},²,{x},{y}" for n, (x, y) in enumerate(map(CORNERS.get, "AEFDA"), 1)),
            head="地块编号,点号,圈号,经度,纬度",
        ),
        "ring_number",
        layer="parcel",
    ),
    held(
        "shape_of_a_system_of_5000_digits.csv",
        csv(f'G0,示例,"{WKT}"', f'G1,示例,"SRID={"9" * 5000};{WKT}"', head="地块编码,地块名称,WKT"),
        "wkt_unreadable",
    ),
    held(
        "shape_of_no_number.csv",
        csv('G0,示例,"POLYGON ((1-2 3, 4 5))"', f'G1,示例,"{WKT}"', head="地块编码,地块名称,WKT"),
        "wkt_unreadable",
    ),
    held(
        "shape_of_blanks.csv",
        csv(f'G0,示例,"{WKT}"', f'G1,示例,"POLYGON{" " * 200_000}x"', head="地块编码,地块名称,WKT"),
        "wkt_unreadable",
    ),
    loaded(
        "ratio_of_a_million_digits.csv",
        csv(f"G0,示例,{'9' * 1_000_000}x", head="地块编码,地块名称,最大超标倍数_筛选1"),
        1,
        repaired=1,
        told=["not_a_number"],
    ),
    held(
        "shape_cut_off.csv",
        csv(f'G0,示例,"{WKT}"', 'G1,示例,"POLYGON ((87.304 44.01, 87.3"', head="地块编码,地块名称,WKT"),
        "wkt_unreadable",
    ),
    held(
        "shape_deep.csv",
        csv(
            f'G0,示例,"{WKT}"',
            'G1,示例,"' + "GEOMETRYCOLLECTION (" * 5000 + '"',
            head="地块编码,地块名称,WKT",
        ),
        "wkt_unreadable",
    ),
    held(
        "shape_of_another_system.csv",
        csv(f'G0,示例,"{WKT}"', f'G1,示例,"SRID=4610;{WKT}"', head="地块编码,地块名称,WKT"),
        "crs_conflict",
    ),
    held("vertices_in_a_bow.csv", vertices("ABCDA", "AGEFA"), "self_intersection", layer="parcel"),
    held(
        "county_unknown.csv",
        csv(
            "G0,示例,652301,87.3,44.01",
            "G1,示例,110101,87.31,44.01",
            head="地块编码,地块名称,行政区代码,经度,纬度",
        ),
        "county_unknown",
    ),
    loaded(
        "date_to_come.csv",
        csv("G0,示例,2999-01-01", head="地块编码,地块名称,列入日期"),
        1,
        repaired=1,
        told=["date_in_future"],
    ),
    held("place_of_a_terminal.csv", beside_a_good_one("G1,示例,\x1b[2J87.31,44.01"), "coordinate_unreadable"),
    refused("column_of_a_terminal.csv", csv("G0,1,2", head="地块编码,\x1b[2J,\x1b[2J"), "column_twice"),
    loaded(
        "column_without_name.csv",
        csv("G0,示例,那一列", head="地块编码,地块名称,,备注"),
        1,
        told=["column_unnamed"],
    ),
    loaded(
        "lng_of_a_web_map.csv",
        csv("G0,示例,87.3,44.01", head="地块编码,地块名称,lng,lat"),
        1,
        told=["origin_unknown"],
    ),
    refused(
        "gcj02_columns.csv",
        csv("G0,示例,87.3,44.01", head="地块编码,地块名称,gcj_lng,gcj_lat"),
        "coordinates_shifted",
    ),
    refused(
        "plane_without_system.csv",
        csv("G0,示例,4876500,29524570", head="地块编码,地块名称,X,Y"),
        "crs_missing",
    ),
    refused(
        "one_coordinate_column.csv", csv("G0,示例,87.3", head="地块编码,地块名称,经度"), "coordinate_column"
    ),
    refused("column_twice.csv", csv("G0,G9,示例", head="地块编码,地块编码,地块名称"), "column_twice"),
    refused(
        "columns_300.csv",
        csv(",".join("x" * 300), head=",".join(f"f{n}" for n in range(300))),
        "too_many_columns",
    ),
    refused(
        "column_name_of_brackets.csv",
        csv("G0,示例", head=f"地块编码,{'(' * 200_000}"),
        "column_name_too_long",
    ),
    refused("head_alone.csv", csv(), "no_rows"),
    refused("quote_never_ends.csv", beside_a_good_one('G1,"示例,87.31,44.01'), "csv_unreadable"),
    refused("two_encodings.csv", data(mixed()), "encoding_mixed"),
    refused("nul.csv", data(f"{HEAD}\nG0,示\0例,87.3,44.01\n"), "not_text"),
    refused("rubbish.csv", rubbish("csv"), "encoding_unreadable"),
    refused("cell_of_9_mb.csv", beside_a_good_one(f"G1,{'x' * 9_000_000},87.31,44.01"), "csv_unreadable"),
)
