"""The catalog: every layer, county and symbol, each said once in a TOML file of this folder.

A deployment may name a folder of its own (JINGTU_CATALOG_DIR): a file there under `layers/` replaces or adds the
layer of its name; a file under `counties/` replaces or adds a county; a `region.toml` there makes it another
prefecture, whose counties are those of that folder alone.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spatial.catalog import checks
from spatial.catalog.layer import ROLES, Field, Layer, OverlaySpec, Selection, TileSpec, read_layer
from spatial.catalog.reading import CatalogError
from spatial.catalog.region import County, Region, read_county, read_distances, read_region
from spatial.catalog.style import Style, StyleClass, Symbols, read_symbols

__all__ = [
    "ROLES",
    "Catalog",
    "CatalogError",
    "County",
    "Field",
    "Layer",
    "LayerNotFound",
    "OverlaySpec",
    "Region",
    "Selection",
    "Style",
    "StyleClass",
    "Symbols",
    "TileSpec",
    "current",
    "load",
]

BUILT_IN = Path(__file__).parent


class LayerNotFound(LookupError):
    """No layer of the catalog has this id."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the files say. `digest`: "sha256:…" of the content, the same however the files are written.

    `distances`: metres that the region sets in place of the rules' defaults, by parameter.
    """

    region: Region
    counties: Mapping[str, County]
    layers: Mapping[str, Layer]
    symbols: Symbols
    distances: Mapping[str, float]
    digest: str

    def layer(self, layer_id: str) -> Layer:
        if layer_id not in self.layers:
            raise LayerNotFound(layer_id)
        return self.layers[layer_id]

    def stored(self) -> tuple[Layer, ...]:
        """Layers with data of their own."""
        return tuple(layer for layer in self.layers.values() if layer.kind == "stored")

    def restrictions(self) -> tuple[Layer, ...]:
        """Layers whose overlap is judged, derived ones included."""
        return tuple(layer for layer in self.layers.values() if layer.role == "restriction")


def current() -> Catalog:
    """The catalog of this deployment, read once for each folder that JINGTU_CATALOG_DIR names."""
    return _current(os.environ.get("JINGTU_CATALOG_DIR") or None)


@cache
def _current(folder: str | None) -> Catalog:
    return load(Path(folder) if folder else None)


current.cache_clear = _current.cache_clear  # type: ignore[attr-defined]


def load(folder: Path | None = None) -> Catalog:
    """The built-in files under those of `folder`. Raises CatalogError naming file and key."""
    if folder is not None and not folder.is_dir():
        raise CatalogError(folder, "", "JINGTU_CATALOG_DIR 指的文件夹不存在")
    symbols = read_symbols(BUILT_IN / "symbols.toml")
    files = {file.stem: file for place in (BUILT_IN, folder) if place for file in _tomls(place / "layers")}
    layers = {layer_id: read_layer(file, symbols) for layer_id, file in sorted(files.items())}
    for layer_id, layer in layers.items():
        checks.check_style(layer, files[layer_id])
    checks.check_selections(layers, files)

    replaced = folder is not None and (folder / "region.toml").exists()
    home = folder if folder is not None and replaced else BUILT_IN
    places = [home] if replaced or folder is None else [BUILT_IN, folder]
    county_files = {file.stem: file for place in places for file in _tomls(place / "counties")}
    counties = {code: read_county(file) for code, file in sorted(county_files.items())}
    region = read_region(home / "region.toml", counties)
    for code, county in counties.items():
        checks.check_county(county, layers, county_files[code])

    distances = read_distances((folder or BUILT_IN) / "distances.toml")
    in_order = {one.id: one for group in reversed(symbols.groups) for one in _by_order(layers, group)}
    return Catalog(
        region,
        MappingProxyType({code: counties[code] for code in region.counties}),
        MappingProxyType(in_order),
        symbols,
        distances,
        _digest(region, counties, layers, symbols, distances),
    )


def _tomls(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _by_order(layers: Mapping[str, Layer], group: str) -> list[Layer]:
    """The layers of one group, uppermost on the map first: the order of the layer tree."""
    inside = [layer for layer in layers.values() if layer.group == group]
    return sorted(inside, key=lambda layer: (-max(one.order for one in layer.style.classes), layer.id))


def _digest(*content: object) -> str:
    text = json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """`value` as JSON knows it; sets are sorted so that their order never shows."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
