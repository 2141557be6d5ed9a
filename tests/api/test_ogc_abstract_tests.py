"""Every abstract test of every conformance class that is declared has a test of its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from api.routes.ogc import CONFORMANCE
from tests.tiles.cql2 import test_conformance as cql2

SPEC = "http://www.opengis.net/spec/"
FEATURES, CRS, FILTERS = (f"{SPEC}ogcapi-features-{part}/1.0" for part in (1, 2, 3))
TILES, CQL2 = f"{SPEC}ogcapi-tiles-1/1.0", f"{SPEC}cql2/1.0"
ABSTRACT = {
    f"{FEATURES}/conf/core": (
        "http crs84 root-op root-success conformance-op conformance-success api-definition-op api-definition-success"
        " fc-md-op fc-md-success fc-md-links fc-md-items fc-md-items-links fc-md-extent sfc-md-op sfc-md-success fc-op"
        " fc-response fc-limit-definition fc-limit-response fc-bbox-definition fc-bbox-response fc-time-definition"
        " fc-time-response fc-links fc-timeStamp fc-numberMatched fc-numberReturned f-op f-success f-links"
        " query-param-unknown query-param-invalid"
    ),
    f"{FEATURES}/conf/geojson": "definition content",
    f"{FEATURES}/conf/oas30": "definition-1 definition-2 oas-impl completeness exception-codes security",
    f"{CRS}/conf/crs": (
        "crs-uri default-crs storageCrs crs-parameter crs-parameter-invalid crs-parameter-default"
        " crs-parameter-transform bbox-crs-parameter bbox-crs-parameter-invalid bbox-crs-parameter-default"
    ),
    f"{FILTERS}/conf/queryables": "get-conformance get-queryables get-collection",
    f"{FILTERS}/conf/filter": (
        "get-conformance filter-param filter-lang-default expression-construction filter-crs-wgs84 filter-crs-param"
        " mixing-expression"
    ),
    f"{FILTERS}/conf/features-filter": "get-conformance filter-on-items",
    f"{TILES}/conf/core": (
        "conformance-success tc-op tc-tilematrix-definition tc-tilerow-definition tc-tilecol-definition"
        " tc-success tc-error"
    ),
    f"{TILES}/conf/tileset": "conformance-success description",
    f"{TILES}/conf/tilesets-list": "conformance-success tileset-links",
    f"{TILES}/conf/geodata-tilesets": "conformance-success desc-links operation",
    f"{TILES}/conf/mvt": "content",
    f"{CQL2}/conf/cql2-text": "validate escaping",
    f"{CQL2}/conf/cql2-json": "validate",
    f"{CQL2}/conf/basic-cql2": "basic-test comparison is-null boolean test-data logical",
    f"{CQL2}/conf/advanced-comparison-operators": "like between in test-data logical",
    f"{CQL2}/conf/case-insensitive-comparison": "casei casei-like test-data logical",
    f"{CQL2}/conf/accent-insensitive-comparison": (
        "accenti accenti-like accenti-casei accenti-casei-like test-data logical"
    ),
    f"{CQL2}/conf/basic-spatial-functions": "s_intersects test-data logical",
    f"{CQL2}/conf/basic-spatial-functions-plus": "s_intersects test-data",
    f"{CQL2}/conf/spatial-functions": (
        "s_intersects s_disjoint s_equals s_touches s_crosses s_within s_contains s_overlaps test-data logical"
    ),
    f"{CQL2}/conf/temporal-functions": "temporal-functions-1 temporal-functions-2 test-data logical",
    f"{CQL2}/conf/property-property": (
        "comparison-value-property comparison-property-property comparison-value-value test-data logical"
    ),
}
"""Class → its abstract tests: annex A of OGC 17-069r4, 18-058r1, 19-079r2, 20-057, 21-065r2."""
FILES = {
    f"{FEATURES}/conf/core": "features",
    f"{FEATURES}/conf/geojson": "features",
    f"{FEATURES}/conf/oas30": "openapi",
    f"{CRS}/conf/crs": "crs",
    **{f"{FILTERS}/conf/{name}": "filter" for name in ("queryables", "filter", "features-filter")},
}


def test_every_abstract_test_of_a_declared_class_has_a_test_of_its_name() -> None:
    assert set(ABSTRACT) == set(CONFORMANCE)
    for name, tests in ABSTRACT.items():
        own = name.partition("/conf/")[2]
        wanted = {f"{own}/{one}" for one in tests.split()}
        there = defined(file_of(name))
        if name.startswith(CQL2):  # two that are alike for every class take its name as their parameter
            assert {"test_conf_test_data", "test_conf_logical"} <= there
            wanted -= {f"{own}/{one}" for one in cql2.SAME_FOR_ALL.get(own, ())}
        named = {re.sub(r"[-/]", "_", f"test_conf_{one}") for one in wanted}
        assert named <= there, named - there


def file_of(name: str) -> Path:
    if name.startswith(CQL2):
        return Path(cql2.__file__)
    return Path(__file__).with_name(f"test_ogc_{FILES.get(name, 'tiles')}.py")


def defined(file: Path) -> set[str]:
    return {
        node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    }
