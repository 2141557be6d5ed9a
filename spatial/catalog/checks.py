"""What one catalog file cannot know alone: whether the layers, and fields it names are there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spatial.catalog.layer import Layer
from spatial.catalog.reading import CatalogError
from spatial.catalog.region import County


def check_style(layer: Layer, file: Path) -> None:
    """Classes name values of the field they classify by and leave nothing undrawn; tiles carry that field."""
    style = layer.style
    if layer.tile.label is None and any(one.text for one in style.classes):
        raise CatalogError(file, "tile.label", "样式要写字（style.text），就要说明写哪个字段")
    for name in (*filter(None, [style.by]), *style.where):
        if name not in layer.fields:
            raise CatalogError(
                file, "style.by" if name == style.by else f"style.where.{name}", f"没有字段 {name!r}"
            )
        if name not in layer.tile.fields:
            raise CatalogError(file, "tile.fields", f"样式按字段 {name!r} 分类，瓦片里要带上它")
    if style.by is None:
        return
    choices = layer.fields[style.by].choices
    named = [one.value for one in style.classes if one.value is not None]
    for value in named:
        if choices and value not in choices:
            raise CatalogError(file, "style.classes", f"字段 {style.by!r} 没有值 {value!r}")
        if style.prefix is not None and len(value) != style.prefix:
            raise CatalogError(file, "style.prefix", f"分类值 {value!r} 应为 {style.prefix} 个字符")
    if len(named) == len(style.classes):
        raise CatalogError(
            file, "style.classes", "要有一个不写 value 的分类，收值未知的要素，否则它们画不出来"
        )


def check_selections(layers: Mapping[str, Layer], files: Mapping[str, Path]) -> None:
    """Derived layers select from stored layers, by fields that are there."""
    for layer in layers.values():
        for i, selection in enumerate(layer.selection):
            key, source = f"selection[{i}]", layers.get(selection.layer)
            if source is None or source.kind != "stored":
                raise CatalogError(files[layer.id], f"{key}.layer", f"没有入库图层 {selection.layer!r}")
            try:
                names = tuple(_names(selection.where))
            except (AttributeError, TypeError) as error:
                raise CatalogError(
                    files[layer.id], f"{key}.where", f"不是条件：{dict(selection.where)!r}"
                ) from error
            for name in names:
                if name not in source.fields:
                    raise CatalogError(
                        files[layer.id], f"{key}.where.{name}", f"图层 {source.id} 没有字段 {name!r}"
                    )


def check_county(county: County, layers: Mapping[str, Layer], file: Path) -> None:
    for key, named in (
        ("columns", county.columns),
        ("refresh_months", county.refresh_months),
        ("publish", county.publish),
    ):
        for layer in named:
            if layer not in layers:
                raise CatalogError(file, f"{key}.{layer}", f"没有图层 {layer!r}")
    for layer, columns in county.columns.items():
        for field in columns:
            if field not in layers[layer].fields:
                raise CatalogError(file, f"columns.{layer}.{field}", f"图层 {layer} 没有字段 {field!r}")


def _names(condition: Any) -> Iterator[str]:
    """Attribute names of a condition: {name: {op: value}}, all, any, not. Raises TypeError for what is none."""
    if "all" in condition or "any" in condition:
        for inner in condition.get("all", condition.get("any")):
            yield from _names(inner)
    elif "not" in condition:
        yield from _names(condition["not"])
    else:
        for name, test in condition.items():
            if len(test.keys()) != 1:
                raise TypeError(name)
            yield name
