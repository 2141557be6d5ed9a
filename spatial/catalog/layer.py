"""A layer as its file declares it: fields, geometry, rights, tile, style, overlay limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spatial.catalog.reading import Table, read_toml
from spatial.catalog.style import Style, Symbols, read_style

ROLES = ("public", "clerk", "planner", "inspector", "steward", "auditor", "administrator")
KINDS = ("stored", "derived", "request")
LAYER_ROLES = ("restriction", "evidence", "context", "request")
FIELD_TYPES = ("text", "choice", "bool", "date", "integer", "number", "code", "list", "table")
SHAPE_OF = {"MultiPolygon": "polygon", "MultiLineString": "line", "Point": "point", "raster": "raster"}
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute. `source`: usual column names; `choices`: value → Chinese label, a file may hold either.

    `read` None: whoever may read the layer. `code` is a land-use or division code kept as text, `list` several
    texts, `table` rows of named values.
    """

    id: str
    title: str
    title_en: str
    type: str
    source: tuple[str, ...]
    choices: Mapping[str, str]
    unit: str | None
    read: frozenset[str] | None
    note: str | None
    required: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """Features of the stored layer `layer` for which `where` (condition grammar of the rules) is not false."""

    layer: str
    where: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TileSpec:
    """What a vector tile carries; `label` names the field whose text stands on the map."""

    minzoom: int
    maxzoom: int
    fields: tuple[str, ...]
    label: str | None


@dataclass(frozen=True, slots=True)
class OverlaySpec:
    """Limits of this layer's own; None: the parameter of the rules. `position_error_m`: of its boundaries."""

    sliver_area_m2: float | None
    sliver_width_m: float | None
    sliver_max_area_m2: float | None
    sliver_max_share: float | None
    position_error_m: float | None


@dataclass(frozen=True, slots=True)
class PlannedUse:
    """The field that tells for what a feature's ground is planned: a land-use code.

    `system` names the field with its code system; without it codes are of MNR-2023. `of_ground`: the layer tells the
    planned use of ground that has none of its own, such as an area that was drawn.
    """

    code: str
    system: str | None
    of_ground: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer.

    `kind`: stored, derived (a selection of stored layers) or request (the asked parcel). `role`: an overlap with
    a restriction is judged, evidence lifts duties, context is only shown. `register`: rows may come with a point
    or no geometry, as entries without boundary. `exclusive`: no two features share ground. `key`: the field that
    identifies a feature across deliveries. `valid_from`, `valid_to`: the date fields between which a feature counts.
    """

    id: str
    title: str
    title_en: str
    kind: str
    role: str
    geometry: tuple[str, ...]
    owner: str
    refresh_months: int | None
    group: str
    key: str | None
    name_field: str | None
    register: bool
    exclusive: bool
    valid_from: str | None
    valid_to: str | None
    read: frozenset[str]
    edit: frozenset[str]
    fields: Mapping[str, Field]
    selection: tuple[Selection, ...]
    tile: TileSpec
    style: Style
    overlay: OverlaySpec
    planned_use: PlannedUse | None
    note: str | None

    @property
    def shapes(self) -> tuple[str, ...]:
        """What is drawn of it: polygon, line, point, raster; register entries without boundary are points."""
        shapes = tuple(SHAPE_OF[geometry] for geometry in self.geometry)
        return (*shapes, "point") if self.register and "point" not in shapes else shapes

    @property
    def has_label_points(self) -> bool:
        """Whether the map draws from one point a feature: texts, or marks of polygons at small scales."""
        return self.tile.label is not None or any(
            one.mark and one.mark.maxzoom > one.mark_minzoom and set(one.geometry) != {"point"}
            for one in self.style.classes
        )

    @property
    def first_zoom(self) -> int:
        """From where on the map asks for its tiles: that of the file, or earlier where its marks are drawn earlier."""
        return min(self.tile.minzoom, *(int(one.mark_minzoom) for one in self.style.classes))

    @property
    def is_raster(self) -> bool:
        """A layer of images: its rows are the outlines of their data; spatial.rasters says where the pixels lie."""
        return self.geometry == ("raster",)

    @property
    def row_geometry(self) -> tuple[str, ...]:
        """What shapes its rows may have."""
        return ("MultiPolygon",) if self.is_raster else self.geometry


def read_layer(file: Path, symbols: Symbols) -> Layer:
    """One layer file. Raises CatalogError; what needs other layers is checked in `checks`."""
    table = read_toml(file)
    if table.text("id") != file.stem:
        table.fail("id", f"应与文件名相同（{file.stem}）")
    if not NAME.fullmatch(file.stem):
        table.fail("id", "只能用小写字母、数字和下划线，以字母开头")
    fields = {name: _field(name, inner) for name, inner in table.tables("fields").items()}
    geometry = table.texts("geometry")
    if not set(geometry) <= set(SHAPE_OF):
        table.fail("geometry", f"应为 {'、'.join(SHAPE_OF)}")
    if "raster" in geometry and (len(geometry) > 1 or "file" not in fields):
        table.fail("geometry", "影像图层（raster）只有影像，并要有字段 file：像元存在哪个文件")
    register = table.flag("register", False)
    shapes = [SHAPE_OF[one] for one in geometry if one != "raster"]
    if register and "point" not in shapes:
        shapes.append("point")
    style = table.table("style")
    if style is None:
        table.fail("style", "缺少这一项：没有符号的图层画不出来")
    layer = Layer(
        id=file.stem,
        title=table.text("title"),
        title_en=table.text("title_en"),
        kind=table.one_of("kind", KINDS, "stored"),
        role=table.one_of("role", LAYER_ROLES),
        geometry=geometry,
        owner=table.text("owner"),
        refresh_months=table.whole("refresh_months", None),
        group=table.one_of("group", symbols.groups),
        key=_field_name(table, "key", fields),
        name_field=_field_name(table, "name_field", fields),
        register=register,
        exclusive=table.flag("exclusive", False),
        valid_from=_date_name(table, "valid_from", fields),
        valid_to=_date_name(table, "valid_to", fields),
        read=_roles(table, "read", ...),
        edit=_roles(table, "edit", ["steward", "administrator"]),
        fields=MappingProxyType(fields),
        selection=_selection(table),
        tile=_tile(table.table("tile"), fields),
        style=read_style(style, symbols, tuple(shapes)),
        overlay=_overlay(table.table("overlay")),
        planned_use=_planned_use(table.table("planned_use"), fields),
        note=table.text("note", None),
    )
    if (layer.kind == "derived") != bool(layer.selection):
        table.fail("selection", '派生图层（kind = "derived"）必须有 selection，其他图层不能有')
    if layer.refresh_months is not None and layer.refresh_months < 1:
        table.fail("refresh_months", "应不小于 1")
    return table.done(layer)


def _field(name: str, table: Table) -> Field:
    if not NAME.fullmatch(name):
        table.fail("", "字段名只能用小写字母、数字和下划线，以字母开头")
    field = Field(
        id=name,
        title=table.text("title"),
        title_en=table.text("title_en", name.replace("_", " ")),
        type=table.one_of("type", FIELD_TYPES),
        source=table.texts("source", []),
        choices=table.labels("choices", {}),
        unit=table.text("unit", None),
        read=_roles(table, "read", []) or None,
        note=table.text("note", None),
        required=table.flag("required", False),
    )
    if (field.type == "choice") != bool(field.choices):
        table.fail("choices", 'type = "choice" 的字段必须有 choices，其他字段不能有')
    if len(set(field.choices.values())) != len(field.choices):
        table.fail("choices", "两个值的中文名相同，读文件时分不清")
    return table.done(field)


def _field_name(table: Table, key: str, fields: Mapping[str, Field]) -> str | None:
    name: str | None = table.text(key, None)
    if name is not None and name not in fields:
        table.fail(key, f"没有字段 {name!r}")
    return name


def _date_name(table: Table, key: str, fields: Mapping[str, Field]) -> str | None:
    name = _field_name(table, key, fields)
    if name is not None and fields[name].type != "date":
        table.fail(key, f"字段 {name!r} 不是日期")
    return name


def _roles(table: Table, key: str, default: Any) -> frozenset[str]:
    roles = frozenset(table.texts(key, default))
    if not roles <= set(ROLES):
        table.fail(key, f"不认识的角色 {sorted(roles - set(ROLES))[0]!r}；角色有 {'、'.join(ROLES)}")
    return roles


def _selection(table: Table) -> tuple[Selection, ...]:
    return tuple(
        row.done(Selection(row.text("layer"), MappingProxyType(row.anything("where"))))
        for row in table.table_list("selection")
    )


def _tile(table: Table | None, fields: Mapping[str, Field]) -> TileSpec:
    if table is None:
        return TileSpec(0, 16, (), None)
    spec = TileSpec(
        table.zoom("minzoom"),
        table.zoom("maxzoom", 16),
        table.texts("fields", []),
        _field_name(table, "label", fields),
    )
    if not spec.minzoom <= spec.maxzoom:
        table.fail("maxzoom", "应不小于 minzoom")
    for name in (*spec.fields, *filter(None, [spec.label])):
        if name not in fields:
            table.fail("fields", f"没有字段 {name!r}")
        if fields[name].read is not None:
            table.fail("fields", f"字段 {name!r} 不是人人可读，不能放进瓦片")
    return table.done(spec)


def _overlay(table: Table | None) -> OverlaySpec:
    if table is None:
        return OverlaySpec(None, None, None, None, None)
    return table.done(
        OverlaySpec(
            table.number("sliver_area_m2", None),
            table.number("sliver_width_m", None),
            table.number("sliver_max_area_m2", None),
            table.number("sliver_max_share", None),
            table.number("position_error_m", None),
        )
    )


def _planned_use(table: Table | None, fields: Mapping[str, Field]) -> PlannedUse | None:
    if table is None:
        return None
    code = _field_name(table, "code", fields)
    if code is None:
        table.fail("code", "缺少这一项")
    return table.done(PlannedUse(code, _field_name(table, "system", fields), table.flag("of_ground", False)))
