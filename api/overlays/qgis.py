"""Styles that QGIS opens with a GeoPackage: QML in its table `layer_styles`, built as XML, never as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as xml

MADE_FOR = "3.28"
TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
  f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT, ui TEXT, update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
"""
STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
  styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')
"""


@dataclass(frozen=True)
class Look:
    """How rows with one value are drawn: fill with its opacity, and edge; `opacity` 0 draws the edge alone."""

    value: str
    label: str
    colour: str
    opacity: float = 0.5
    edge: str = "#333A3D"
    width_mm: float = 0.26


@dataclass(frozen=True)
class Styled:
    """A table of polygons, and the column by whose values it is drawn."""

    table: str
    column: str
    title: str
    looks: Sequence[Look]


def write_styles(path: Path, geometry: str, styled: Sequence[Styled]) -> None:
    """Put the styles of tables into a GeoPackage, as the ones that QGIS takes by itself."""
    with sqlite3.connect(path) as database:
        database.execute(TABLE)
        database.execute(CONTENTS)
        for one in styled:
            database.execute(STYLE, [one.table, geometry, one.title, qml(one), one.title])
    database.close()


def qml(styled: Styled) -> str:
    """A categorised style for polygons."""
    root = xml.Element("qgis", version=MADE_FOR, styleCategories="Symbology")
    renderer = xml.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=styled.column, symbollevels="0", enableorderby="0",
        forceraster="0",
    )  # fmt: skip
    categories = xml.SubElement(renderer, "categories")
    symbols = xml.SubElement(renderer, "symbols")
    for place, look in enumerate(styled.looks):
        xml.SubElement(
            categories,
            "category",
            value=look.value,
            label=look.label,
            symbol=str(place),
            render="true",
            type="string",
        )
        symbol = xml.SubElement(
            symbols, "symbol", type="fill", name=str(place), alpha="1", clip_to_extent="1", force_rhr="0"
        )
        layer = xml.SubElement(
            symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
        )
        options = xml.SubElement(layer, "Option", type="Map")
        for name, value in _fill(look).items():
            xml.SubElement(options, "Option", name=name, value=value, type="QString")
    return '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n' + xml.tostring(
        root, encoding="unicode"
    )


def _fill(look: Look) -> Mapping[str, str]:
    return {
        "color": _rgba(look.colour, look.opacity),
        "style": "solid" if look.opacity else "no",
        "outline_color": _rgba(look.edge, 1.0),
        "outline_style": "solid",
        "outline_width": f"{look.width_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
        "offset": "0,0",
        "offset_unit": "MM",
    }


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
