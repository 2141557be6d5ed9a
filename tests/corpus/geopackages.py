"""GeoPackages that hold programs, that are damaged, or whose shapes are none."""

from __future__ import annotations

from pathlib import Path

import shapely

from tests.corpus.entry import Entry, World, Write, control, held, refused, rubbish, square
from tests.corpus.geopackage_file import after, blob, geopackage, of, plot, two

NAMES = ("示例地块0", "示例地块1")
ENDLESS = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS fid, NULL AS geom FROM c"
)
BOMB = ", bomb TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000)))"
CHECK = ", big TEXT CHECK (big IS NULL OR length(hex(zeroblob(400000000))) > 0)"
NAN = shapely.Polygon([(87.304, 44.01), (float("nan"), 44.01), (87.306, 44.012), (87.304, 44.01)]).wkb
BOW_TIE = shapely.Polygon([(87.304, 44.01), (87.306, 44.012), (87.306, 44.01), (87.304, 44.012)]).wkb
SHELL = shapely.Polygon(square(1)).wkb


def cut(path: Path, world: World) -> None:
    geopackage(path, [plot(number) for number in range(400)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def row_out_of_order(path: Path, world: World) -> None:
    """The number of the second row is made 0: it and its columns come as nothing."""
    geopackage(path, [plot(0), plot(1)])
    content = path.read_bytes()
    at = content.index(blob(b"\x01\x03")) - 7
    path.write_bytes(content[:at] + b"\0" * 7 + content[at + 7 :])


def beside(shape: bytes | None, code: str = "H1") -> Write:
    """A good row, and one with this in the place of its shape."""
    return of(plot(0), (shape, code, "示例"))


def unreadable(name: str, write: Write) -> Entry:
    """Whether the row waits or the file is refused is GDAL's to decide; it must not go in."""
    errors = frozenset({"vector_unreadable", "geometry_unreadable"})
    return Entry(name, write, frozenset({"refused", "quarantined"}), errors)


ENTRIES = (
    control("plain.gpkg", two(), *NAMES),
    control("layer_named_as_a_statement.gpkg", two(layer='地块"; DROP TABLE spatial_feature; --'), *NAMES),
    control(
        "trigger.gpkg",
        after('CREATE TRIGGER t AFTER INSERT ON "地块" BEGIN DELETE FROM "地块"; END'),
        *NAMES,
    ),
    refused("endless_view.gpkg", after(f"CREATE VIEW v AS {ENDLESS}"), "geopackage_view"),
    refused(
        "endless_view_for_the_layer.gpkg",
        after('ALTER TABLE "地块" RENAME TO moved', f'CREATE VIEW "地块" AS {ENDLESS}'),
        "geopackage_view",
    ),
    refused("virtual_table.gpkg", after("CREATE VIRTUAL TABLE t USING fts5(a)"), "geopackage_view"),
    refused(
        "virtual_table_in_disguise.gpkg",
        after("CREATE VIRTUAL TABLE rtree_t /* USING rtree( */ USING fts5(a)"),
        "geopackage_view",
    ),
    control("check_that_grows.gpkg", two(more=CHECK), *NAMES),
    refused("row_out_of_order.gpkg", row_out_of_order, "vector_unreadable"),
    refused("column_that_grows.gpkg", two(more=BOMB), "geopackage_computed"),
    refused("cut.gpkg", cut, "vector_unreadable"),
    refused("rubbish.gpkg", rubbish("gpkg"), "wrong_content"),
    refused("rubbish_after_its_name.gpkg", rubbish("gpkg", head=b"SQLite format 3\0"), "vector_unreadable"),
    refused("no_list_of_layers.gpkg", after("DROP TABLE gpkg_contents"), "vector_unreadable"),
    refused("no_list_of_shapes.gpkg", after("DROP TABLE gpkg_geometry_columns"), "vector_unreadable"),
    refused("no_list_of_systems.gpkg", after("DROP TABLE gpkg_spatial_ref_sys"), "vector_unreadable"),
    refused(
        "two_layers.gpkg",
        after(
            "CREATE TABLE b (fid INTEGER PRIMARY KEY, geom BLOB)",
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
            " SELECT 'b', data_type, 'b', srs_id FROM gpkg_contents",
            "INSERT INTO gpkg_geometry_columns SELECT 'b', 'geom', 'POLYGON', 4490, 0, 0",
        ),
        "layers",
    ),
    refused("columns_300.gpkg", two(more="".join(f", f{n} TEXT" for n in range(300))), "too_many_columns"),
    refused("xian_1980.gpkg", two(srs=4610), "needs_official_conversion"),
    refused("no_system.gpkg", two(srs=-1), "crs_unreadable"),
    unreadable("shape_is_rubbish.gpkg", beside(b"\x07rubbish" * 20)),
    unreadable("shape_is_cut.gpkg", beside(blob(SHELL)[:-20])),
    unreadable(
        "shape_claims_a_billion_points.gpkg", beside(blob(SHELL[:9] + b"\x00\xca\x9a\x3b" + SHELL[13:]))
    ),
    held("nan.gpkg", beside(blob(NAN)), "not_finite"),
    held("bow_tie.gpkg", beside(blob(BOW_TIE)), "self_intersection"),
    held("code_of_70_kb.gpkg", beside(blob(SHELL), "编" * 24_000), "text_unusable"),
)
