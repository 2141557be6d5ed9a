"""Shapefiles that are damaged, that lie about themselves, or that leave out what one must know."""

from __future__ import annotations

import struct

from tests.corpus.entry import Write, control, held, loaded, refused, rubbish, square
from tests.corpus.shapefile_bytes import (
    BEIJING_1954,
    CGCS2000,
    FIELDS,
    XIAN_1980,
    changed,
    dbf,
    packed,
    parts,
    plots,
    record,
    rows,
    shp_and_shx,
)

WHOLE = parts()
NAMES = ("示例地块0", "示例地块1", "示例地块2")
SHELL = square(1)[::-1]
BOW_TIE = [SHELL[0], SHELL[2], SHELL[1], SHELL[3], SHELL[0]]
NAN, INFINITY = float("nan"), float("inf")


def second(content: bytes, stated: int | None = None) -> Write:
    """Three plots of which the second is this record."""
    made = plots(3)
    made[1] = content
    shp, shx = shp_and_shx(made, {} if stated is None else {1: stated})
    return changed(shp=shp, shx=shx)


def cut(ending: str) -> Write:
    return changed(**{ending[1:]: WHOLE[ending][: len(WHOLE[ending]) * 2 // 3]})


def fewer_rows() -> bytes:
    return dbf(rows(2))


def stated_rows(count: int) -> bytes:
    return WHOLE[".dbf"][:4] + struct.pack("<I", count) + WHOLE[".dbf"][8:]


def offsets_outside() -> bytes:
    """An index whose second record lies where the file has long ended."""
    shx = bytearray(WHOLE[".shx"])
    shx[108:112] = struct.pack(">i", 1_000_000)
    return bytes(shx)


WIDE = [(f"F{number}", 4) for number in range(600)]

ENTRIES = (
    control("shapefile.zip", packed(WHOLE), *NAMES),
    control("shapefile_gbk_no_cpg.zip", changed(dbf=dbf(rows(3), encoding="gbk"), cpg=None), *NAMES),
    control("shapefile_no_shape.zip", second(struct.pack("<i", 0)), *NAMES),
    # Which ring is a hole is decided by where it lies, whatever its direction says: this one is a part.
    control("ring_of_a_hole_outside.zip", second(record(SHELL, square(60))), *NAMES),
    loaded(
        "cpg_says_utf8_over_gbk.zip", changed(dbf=dbf(rows(3), encoding="gbk")), 3, told=["encoding_wrong"]
    ),
    refused("cpg_of_no_encoding.zip", changed(cpg=b"KLINGON-7"), "encoding_unknown"),
    refused("cpg_of_host_names.zip", changed(cpg=b"idna"), "encoding_unknown"),
    refused("cpg_of_no_text.zip", changed(cpg=b"hex"), "encoding_unknown"),
    refused("no_prj.zip", changed(prj=None), "crs_missing"),
    refused("prj_xian_1980.zip", changed(prj=XIAN_1980.encode()), "needs_official_conversion"),
    refused("prj_beijing_1954.zip", changed(prj=BEIJING_1954.encode()), "needs_official_conversion"),
    refused(
        "prj_unknown.zip",
        changed(
            prj=CGCS2000.replace("D_China_2000", "D_Local")
            .replace("GCS_China_Geodetic_Coordinate_System_2000", "Local")
            .replace("298.257222101", "300.8")
            .encode()
        ),
        "crs_unreadable",
    ),
    refused(
        "prj_xian_1980_in_gbk.zip",
        changed(prj=XIAN_1980.replace("GCS_Xian_1980", "1980西安坐标系").encode("gbk")),
        "needs_official_conversion",
    ),
    refused(
        "prj_in_gbk.zip",
        changed(prj=CGCS2000.replace("GCS_China_Geodetic_Coordinate_System_2000", "国家2000").encode("gbk")),
        "crs_unreadable",
    ),
    refused(
        "prj_of_an_endless_ellipsoid.zip",
        changed(prj=CGCS2000.replace("6378137.0", "1e400").encode()),
        "vector_unreadable",
    ),
    refused("prj_rubbish.zip", changed(prj=b"not a projection \0\0"), "crs_missing", "crs_unreadable"),
    refused("cut_shp.zip", cut(".shp"), "truncated"),
    refused("cut_shx.zip", cut(".shx"), "truncated"),
    refused("cut_dbf.zip", cut(".dbf"), "truncated"),
    refused("no_shx.zip", changed(shx=None), "shapefile_part"),
    refused("no_dbf.zip", changed(dbf=None), "shapefile_part"),
    refused("dbf_has_fewer_rows.zip", changed(dbf=fewer_rows()), "rows_differ"),
    refused("dbf_claims_4_billion_rows.zip", changed(dbf=stated_rows(0xFFFFFFFF)), "truncated"),
    refused("dbf_of_600_columns.zip", changed(dbf=dbf([["x"] * 600] * 3, WIDE)), "too_many_columns"),
    loaded(
        "dbf_row_deleted.zip",
        changed(dbf=dbf(rows(3), FIELDS, deleted=frozenset({1}))),
        2,
        told=["rows_deleted"],
    ),
    held(
        "nan_vertex.zip", second(record([SHELL[0], [NAN, 44.01], *SHELL[2:]])), "not_finite", read=3, good=2
    ),
    held(
        "infinite_vertex.zip",
        second(record([SHELL[0], [INFINITY, 44.01], *SHELL[2:]])),
        "not_finite",
        read=3,
        good=2,
    ),
    held("bow_tie.zip", second(record(BOW_TIE)), "self_intersection", read=3, good=2),
    held("hole_is_shell.zip", second(record(SHELL, SHELL[::-1])), "self_intersection", read=3, good=2),
    refused("record_of_another_kind.zip", second(record(SHELL, kind=1)), "shape_record"),
    refused("record_of_nothing_with_points.zip", second(record(SHELL, kind=0)), "shape_record"),
    refused("record_of_no_kind.zip", second(record(SHELL, kind=99)), "shape_record"),
    refused(
        "record_claims_a_billion_rings.zip", second(record(SHELL, part_count=1_000_000_000)), "shape_record"
    ),
    refused("ring_begins_in_its_middle.zip", second(record(SHELL, first_part=2)), "shape_record"),
    refused(
        "rings_go_back.zip",
        second(
            record(SHELL, SHELL, SHELL)[:48] + struct.pack("<2i", 10, 5) + record(SHELL, SHELL, SHELL)[56:]
        ),
        "shape_record",
    ),
    refused("record_claims_2_gb.zip", second(record(SHELL), stated=0x3FFFFFFF), "shape_record"),
    refused("record_of_four_bytes.zip", second(struct.pack("<i", 5)), "shape_record"),
    refused("index_points_outside.zip", changed(shx=offsets_outside()), "shape_record"),
    refused("shp_is_rubbish.shp", rubbish("shp"), "wrong_content"),
)
