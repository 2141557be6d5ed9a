"""Boundary-point TXT and CASS files: faults that surveyors make, and some that nobody makes by accident."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.corpus.entry import Write, control, data, held, loaded, refused, rubbish
from tests.loaders.files import boundary_txt, square

WEST, NORTH = 524_570.0, 4_876_500.0


def plot(number: int) -> str:
    """A square plot of one hectare; those of two numbers do not meet."""
    return square(f"P{number}", west=WEST + 200 * number)


def txt(plots: str, encoding: str = "utf-8", header: Mapping[str, str] | None = None) -> Write:
    return lambda path, world: boundary_txt(path, plots, encoding, **(header or {}))


def beside_a_good_one(hostile: str) -> Write:
    return txt(f"{plot(0)}\n{hostile}")


def changed(number: int, *replaced: tuple[str, str]) -> str:
    text = plot(number)
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return text


def without_prefix(path: Path, world: object) -> None:
    text = f"{plot(0)}\n{plot(1)}".replace(",29524", ",524").replace(",29525", ",525")
    boundary_txt(path, text.replace("\n", "\r\n"), "utf-8-sig")


def lines(*numbers: int) -> str:
    """Points of a plot in this order: 1 to 4 are its corners clockwise from the north-west."""
    corner = {1: (0, 0), 2: (100, 0), 3: (100, -100), 4: (0, -100)}
    points = "\n".join(
        f"J{order},1,{NORTH + corner[n][1]:.3f},29{WEST + 1000 + corner[n][0]:.3f}"
        for order, n in enumerate(numbers, 1)
    )
    return f"{len(numbers)},1.0000,H1,示例地块(虚构),面,,工业用地,100102,@\n{points}"


PARCEL = {"layer": "parcel"}
SWAPPED = "\n".join(
    ",".join([*line.split(",")[:2], line.split(",")[3], line.split(",")[2]]) if line.startswith("J") else line
    for line in plot(0).splitlines()
)
CASS = "\n".join(
    f"{n},J,29{WEST + e:.3f},{NORTH + s:.3f},512.0"
    for n, (e, s) in enumerate(((0, 0), (100, 0), (100, -100), (0, -100)), 1)
)

ENTRIES = (
    control("plots.txt", txt(f"{plot(0)}\n{plot(1)}"), "P0", "P1", **PARCEL),
    control("plots_in_gbk.txt", txt(f"{plot(0)}\n{plot(1)}", "gbk"), "P0", "P1", **PARCEL),
    control("plots_without_prefix.txt", without_prefix, "P0", "P1", **PARCEL),
    loaded("full_width.txt", txt(changed(0, (",1,", "，1，"))), 1, told=["full_width"], **PARCEL),
    loaded(
        "points_miscounted.txt",
        txt(changed(0, ("5,1.0000,", "9,1.0000,"))),
        1,
        told=["point_count"],
        **PARCEL,
    ),
    loaded(
        "shift_parameters.txt",
        txt(plot(0), header={"转换参数": "12.5,0,0,0,0,0,1"}),
        1,
        told=["parameters_ignored"],
        **PARCEL,
    ),
    loaded("open_ring.txt", txt(plot(0).rpartition("\n")[0]), 1, repaired=1, told=["ring_closed"], **PARCEL),
    refused(
        "xian_1980.txt",
        txt(plot(0), header={"坐标系": "1980西安坐标系"}),
        "needs_official_conversion",
        read=1,
        **PARCEL,
    ),
    refused(
        "beijing_1954.txt",
        txt(plot(0), header={"坐标系": "1954年北京坐标系"}),
        "needs_official_conversion",
        read=1,
        **PARCEL,
    ),
    refused(
        "local_system.txt", txt(plot(0), header={"坐标系": "独立坐标系"}), "crs_unreadable", read=1, **PARCEL
    ),
    refused("no_system.txt", txt(plot(0), header={"坐标系": ""}), "crs_missing", read=1, **PARCEL),
    refused(
        "zone_of_another_place.txt", txt(plot(0), header={"带号": "30"}), "zone_conflict", read=1, **PARCEL
    ),
    refused(
        "zone_of_5000_digits.txt",
        txt(plot(0), header={"带号": "9" * 5000}),
        "zone_unknown",
        "zone_conflict",
        read=1,
        **PARCEL,
    ),
    refused(
        "zones_mixed.txt",
        txt(f"{plot(0)}\n{plot(1).replace(',29', ',30')}", header={"带号": ""}),
        "zone_mixed",
        read=2,
        **PARCEL,
    ),
    refused("in_feet.txt", txt(plot(0), header={"计量单位": "英尺"}), "unit_unsupported", read=1, **PARCEL),
    refused("all_swapped.txt", txt(SWAPPED), "axes_swapped", read=1, **PARCEL),
    refused(
        "in_degrees.txt",
        txt("5,1.0,P0,示例,面,,,,@\n" + "\n".join(f"J{n},1,44.0{n},87.3{n}" for n in range(1, 5))),
        "degrees",
        read=1,
        **PARCEL,
    ),
    held(
        "point_swapped.txt",
        beside_a_good_one(
            changed(1, (f"J2,1,{NORTH:.3f},29{WEST + 300:.3f}", f"J2,1,29{WEST + 300:.3f},{NORTH:.3f}"))
        ),
        "axes_swapped",
        **PARCEL,
    ),
    held(
        "letters_for_a_number.txt",
        beside_a_good_one(changed(1, (f"J2,1,{NORTH:.3f}", "J2,1,四百八十七万"))),
        "coordinate_unreadable",
        **PARCEL,
    ),
    held(
        "nan.txt",
        beside_a_good_one(changed(1, (f"J2,1,{NORTH:.3f}", "J2,1,nan"))),
        "coordinate_unreadable",
        **PARCEL,
    ),
    held(
        "number_of_400_digits.txt",
        beside_a_good_one(changed(1, (f"J2,1,{NORTH:.3f}", "J2,1," + "9" * 400))),
        "coordinate_digits",
        **PARCEL,
    ),
    held("ring_of_letters.txt", beside_a_good_one(changed(1, ("J2,1,", "J2,一,"))), "ring_number", **PARCEL),
    held(
        "gap_of_a_metre.txt",
        beside_a_good_one(plot(1).rpartition(",")[0] + f",29{WEST + 201:.3f}"),
        "not_closed",
        **PARCEL,
    ),
    held(
        "ring_of_a_square_sign.txt",
        beside_a_good_one(changed(1, ("J2,1,", "J2,²,"))),
        "ring_number",
        **PARCEL,
    ),
    loaded(
        "count_of_a_square_sign.txt",
        txt(changed(0, ("5,1.0000,", "²,1.0000,"))),
        1,
        told=["columns_unused"],
        **PARCEL,
    ),
    loaded(
        "count_of_5000_digits.txt",
        txt(changed(0, ("5,1.0000,", "9" * 5000 + ",1.0000,"))),
        1,
        told=["columns_unused"],
        **PARCEL,
    ),
    held(
        "number_twice.txt", beside_a_good_one(plot(1).replace(",P1,", ",P0,")), "plot_number_twice", **PARCEL
    ),
    held("no_at.txt", beside_a_good_one(plot(1).replace(",@", "")), "plot_line_no_at", **PARCEL),
    held("bow_tie.txt", beside_a_good_one(lines(1, 3, 2, 4, 1)), "self_intersection", **PARCEL),
    held("two_points.txt", beside_a_good_one(lines(1, 2)), "too_few_points", **PARCEL),
    held("no_points.txt", beside_a_good_one("0,0,H1,示例,面,,,,@"), "no_points", **PARCEL),
    held(
        "a_line_for_a_plot.txt", beside_a_good_one(plot(1).replace(",面,", ",线,")), "not_a_polygon", **PARCEL
    ),
    held(
        "area_ten_times.txt",
        beside_a_good_one(plot(1).replace(",1.0000,", ",10.0000,")),
        "area_differs",
        **PARCEL,
    ),
    held(
        "area_of_words.txt",
        beside_a_good_one(plot(1).replace(",1.0000,", ",一公顷,")),
        "area_unreadable",
        **PARCEL,
    ),
    held("line_of_rubbish.txt", beside_a_good_one(plot(1) + "\n???"), "line_unreadable", **PARCEL),
    held(
        "rings_2001.txt",
        beside_a_good_one(
            "4,1.0,H1,示例,面,,,,@\n"
            + "\n".join(
                f"K{r}-{n},{r},{NORTH + 300 + s},{29_000_000 + WEST + 3 * r + e}"
                for r in range(1, 2002)
                for n, (e, s) in enumerate(((0, 0), (1, 0), (1, 1)))
            )
        ),
        "too_many_rings",
        **PARCEL,
    ),
    refused(
        "no_plots.txt", data("[属性描述]\n坐标系=2000国家大地坐标系\n[地块坐标]\n"), "no_plots", **PARCEL
    ),
    refused("nul.txt", data(b"[\0" * 50), "not_text", **PARCEL),
    refused("rubbish.txt", rubbish("txt"), "encoding_unreadable", **PARCEL),
    loaded(
        "cass.dat",
        data(CASS),
        1,
        repaired=1,
        told=["points_joined", "ring_closed"],
        layer="eco_redline",
        crs="EPSG:4517",
    ),
    refused("cass_without_system.dat", data(CASS), "crs_missing", read=1, layer="eco_redline"),
    refused(
        "cass_swapped.dat",
        data(
            "\n".join(
                ",".join([f[0], f[1], f[3], f[2], f[4]])
                for f in (line.split(",") for line in CASS.splitlines())
            )
        ),
        "axes_swapped",
        layer="eco_redline",
        crs="EPSG:4517",
    ),
    refused("rubbish.dat", rubbish("dat"), "encoding_unreadable"),
    refused("words.dat", data("这不是坐标文件\n"), "no_points"),
)
