"""What GDAL reads, in batches: GeoPackage here, other formats in modules of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import loaders.gdal_settings  # noqa: F401  isort: skip  (before any GDAL starts)
import numpy as np
import pyogrio
import shapely

from loaders import limits
from loaders.formats import origin
from loaders.formats.geopackage import require_tables
from loaders.record import ERROR, NOTICE, Delivery, File, FileRefused, Issue, Record, refused
from spatial import crs as coordinate_systems

BATCH = 10_000
LINEAR = frozenset({"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"})
CURVED = ("Curve", "Surface", "Circular")
SQLITE = b"SQLite format 3\0"


def read_geopackage(file: File, *, crs: str | None = None, encoding: str | None = None) -> Delivery:
    """The one layer of a GeoPackage. A text in it is UTF-8 by its standard; `encoding` is not asked."""
    require_magic(file, SQLITE, "GeoPackage")
    require_tables(file.path)
    layer, issues = one_layer(file, "GeoPackage")
    return read_layer(file.path, crs, "utf-8", None, issues, layer)


def require_magic(file: File, magic: bytes, name: str) -> None:
    """Refuse a file that does not begin as the files of a format do."""
    with file.path.open("rb") as opened:
        if opened.read(len(magic)) != magic:
            raise refused("wrong_content", f"文件内容不是 {name}。", "请核对后缀名，或用 GIS 软件重新导出。")


def _undecodable() -> FileRefused:
    hint = "请用 --encoding 指明编码，例如 gb18030。"
    return refused("encoding_unreadable", "字段名或属性里的汉字读不出来，编码不对。", hint)


def unknown_encoding(name: str) -> FileRefused:
    hint = "常用编码：utf-8、gbk、gb18030，请用 --encoding 指明。"
    return refused("encoding_unknown", f"没有名为 {name[:40]} 的编码。", hint)


def one_layer(file: File, name: str) -> tuple[str, list[Issue]]:
    """The layer that is asked for, else the only one, else the only one with shapes; the others are told."""
    try:
        layers = {str(layer): kind for layer, kind in pyogrio.list_layers(file.path)}
    except UnicodeDecodeError as error:
        raise _undecodable() from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise refused("vector_unreadable", "文件打不开，可能已损坏。", "请用 GIS 软件重新导出。") from error
    if file.part:
        if file.part in layers:
            return file.part, []
        raise refused(
            "layers", f"{name} 里没有图层“{file.part[:40]}”。", f"里面有：{'、'.join([*layers][:10])}。"
        )
    chosen = list(layers) if len(layers) == 1 else [layer for layer, kind in layers.items() if kind]
    if len(chosen) != 1:
        what = f"有 {len(layers)} 个图层：{'、'.join([*layers][:10])}" if layers else "没有图层"
        raise refused(
            "layers",
            f"{name} 里{what}。",
            "一次装入一个图层：请用 --source-layer 指明，或把它单独导出。",
        )
    left = [layer for layer in layers if layer != chosen[0]]
    said = f"只读图层“{chosen[0]}”；没有图形的表没有装入：{'、'.join(left[:10])}。"
    return chosen[0], [Issue("layers_left_out", NOTICE, said)] if left else []


def read_layer(
    path: Path,
    asked: str | None,
    encoding: str,
    option: str | None,
    issues: list[Issue],
    layer: str | None,
    *,
    deleted: int = 0,
) -> Delivery:
    """A layer as a delivery. `encoding` is told; `option`: what GDAL is asked to take the texts for, by a reader that
    has looked at all of them. `deleted`: rows that GDAL counts and leaves out."""
    try:
        info = pyogrio.read_info(path, layer=layer, encoding=option, force_feature_count=True)
    except UnicodeDecodeError as error:
        raise _undecodable() from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError, IndexError) as error:
        raise refused("vector_unreadable", "文件打不开，可能已损坏。", "请用 GIS 软件重新导出。") from error
    except LookupError as error:
        raise unknown_encoding(encoding) from error
    info = {**info, "features": info["features"] - deleted}
    columns = tuple(str(name) for name in info["fields"])
    if len(columns) > limits.COLUMNS:
        raise refused(
            "too_many_columns",
            f"有 {len(columns)} 个字段，超过 {limits.COLUMNS} 个。",
            "请只导出需要的字段。",
        )
    if info["features"] > limits.ROWS:
        raise refused("too_many_rows", f"要素超过 {limits.ROWS} 个。", "请拆分后再提交。")
    epsg = _crs(info["crs"], asked) if info["geometry_type"] is not None else None
    kind = info["geometry_type"] or ""
    if " Z" in kind or " M" in kind or "2.5D" in kind:
        issues = [*issues, Issue("height_dropped", NOTICE, "图形带高程（Z）或量测值（M），只保留平面坐标。")]
    if any(word in kind for word in CURVED) or (kind.startswith("Unknown") and _has_arcs(path, layer)):
        issues = [*issues, Issue("curves_straightened", NOTICE, "图形有圆弧，已按每 0.5 度一段改为折线。")]
    issues = [*issues, *origin.tell(epsg)]
    records = _records(path, layer, option, info)
    return Delivery(records, columns, epsg, encoding, tuple(issues), count=info["features"])


def _has_arcs(path: Path, layer: str | None) -> bool:
    """Whether a layer of shapes of any kind holds one with arcs."""
    name = (layer or path.stem).replace('"', '""')
    statement = f'SELECT DISTINCT OGR_GEOMETRY FROM "{name}"'  # noqa: S608  a layer of the file itself, quoted
    fields = pyogrio.raw.read(path, sql=statement, sql_dialect="OGRSQL", read_geometry=False)[3]
    return any(word.upper() in str(kind).upper() for kind in fields[0] for word in CURVED)


def _crs(stated: str | None, asked: str | None) -> int:
    known = coordinate_systems.parse(stated) if stated else None
    wanted = coordinate_systems.parse(asked) if asked else None
    if known and wanted and known != wanted:
        raise refused(
            "crs_conflict",
            f"指明的坐标系 EPSG:{wanted} 与文件写的 EPSG:{known} 不一致。",
            "请核对后改正其中一个。",
        )
    if not (known or wanted):
        raise refused(
            "crs_missing",
            "文件没有坐标系（Shapefile 缺少 .prj）。",
            "请用 --crs 指明，例如 --crs EPSG:4490；不会替您猜。",
        )
    return known or wanted or 0


def _records(path: Path, layer: str | None, option: str | None, info: Mapping[str, Any]) -> Iterator[Record]:
    batches = _streamed if _is_linear(info["geometry_type"]) else _straightened
    read = 0
    try:
        for names, columns, shapes in batches(path, layer, option, info):
            geometries = shapely.from_wkb(shapes, on_invalid="ignore")
            is_unread = shapely.is_missing(geometries) & [shape is not None for shape in shapes]
            values = zip(*columns, strict=True) if columns else itertools.repeat((), len(shapes))
            for row, shape, unread in zip(values, geometries, is_unread.tolist(), strict=True):
                read += 1
                issues = (replace(_UNREADABLE, row=read),) if unread else ()
                yield Record(read, dict(zip(names, row, strict=True)), shape, issues)
    except UnicodeDecodeError as error:
        raise _undecodable() from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        OSError,
        RuntimeError,
    ) as error:
        raise refused(
            "vector_unreadable",
            f"读到第 {read + 1} 行以后读不下去，文件可能已损坏。",
            "请用 GIS 软件重新导出。",
        ) from error
    if read < info["features"]:  # a file cut off in its middle; GDAL says nothing
        raise refused(
            "truncated",
            f"文件写明有 {info['features']} 个要素，只读出 {read} 个。",
            "请重新复制或导出后再提交。",
        )


Batch = tuple[Sequence[str], Sequence[Sequence[Any]], np.ndarray]
"""Names and values of the columns, and the shapes as WKB or None."""
_UNREADABLE = Issue("geometry_unreadable", ERROR, "图形读不出来。", "请用 GIS 软件修复后重新导出。")


def _is_linear(kind: str | None) -> bool:
    """Whether no shape of a layer can have arcs, by the type that the layer says."""
    plain = (kind or "Point").removeprefix("2.5D ").removeprefix("3D ").removeprefix("Measured ")
    return plain.split()[0] in LINEAR


def _streamed(path: Path, layer: str | None, option: str | None, info: Mapping[str, Any]) -> Iterator[Batch]:
    """Batches in GDAL's columnar form: it reads on from where it was, and whole numbers stay so beside empty cells."""
    import pyarrow as pa  # slow to import, and only here

    has_shapes = info["geometry_type"] is not None
    with pyogrio.raw.open_arrow(
        path,
        layer=layer,
        encoding=option,
        read_geometry=has_shapes,
        batch_size=BATCH,
        use_pyarrow=True,
        datetime_as_string=True,
    ) as (meta, batches):
        names = [str(name) for name in meta["fields"]]
        for batch in batches:
            at = batch.schema.names.index(meta["geometry_name"] or "wkb_geometry") if has_shapes else -1
            columns = [
                _plain_column(pa, column, option is not None)
                for index, column in enumerate(batch.columns)
                if index != at
            ]
            empty = np.full(batch.num_rows, None)
            yield names, columns, batch.column(at).to_numpy(zero_copy_only=False) if has_shapes else empty


def _plain_column(pa: Any, column: Any, texts_are_known: bool) -> list[Any]:
    """A column as Python values: of a coded domain its codes, NaN as None, which is how GDAL's numbers say nothing.

    `texts_are_known`: what does not decode is told elsewhere.
    """
    if pa.types.is_dictionary(column.type):
        column = column.indices
    if texts_are_known and pa.types.is_string(column.type):
        raw = column.cast(pa.binary()).to_pylist()
        return [text if text is None else text.decode("utf-8", "backslashreplace") for text in raw]
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [None if value != value else value for value in values]
    return values


def _straightened(
    path: Path, layer: str | None, option: str | None, info: Mapping[str, Any]
) -> Iterator[Batch]:
    """Batches of a layer that may have arcs: only this way does pyogrio make lines of them."""
    for start in range(0, max(info["features"], 1), BATCH):
        meta, _, shapes, fields = pyogrio.raw.read(
            path,
            layer=layer,
            encoding=option,
            skip_features=start,
            max_features=BATCH,
            datetime_as_string=True,
        )
        size = len(fields[0]) if fields else len(shapes) if shapes is not None else 0
        names = [str(name) for name in meta["fields"]]
        columns = [[_plain(value) for value in field] for field in fields]
        yield names, columns, shapes if shapes is not None else np.full(size, None)


def _plain(value: Any) -> Any:
    """A NumPy value as Python has it; NaN is how GDAL's numbers say nothing."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and value != value:
        return None
    return value.tolist() if isinstance(value, np.ndarray) else value
