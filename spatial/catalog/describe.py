"""docs/layers.md as the catalog says it: `python -m spatial.catalog.describe > docs/layers.md`."""

import sys
from collections.abc import Iterator, Set

from spatial.catalog import ROLES, Catalog, Field, Layer, load

HEAD = """# Layers

One heading for each layer, in the order of the layer tree, written from the files in `spatial/catalog/layers/` by
`python -m spatial.catalog.describe > docs/layers.md`; a test compares. To change a line here, change the file there.

- **role**: `restriction`: an overlap is judged; `evidence`: it lifts duties; `context`: shown, never judged.
- **kind**: `stored` has data of its own; `derived` is a selection of stored layers; `request` is the asked parcel.
- **read**: who may see it. A field may be narrower than its layer; its row says so.
- **register**: rows may come with a point or without any shape, as entries without boundary.
"""
ACCOUNTS = frozenset(ROLES[1:])


def describe(catalog: Catalog) -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for layer in catalog.layers.values() for line in _layer(layer))])


def _layer(layer: Layer) -> Iterator[str]:
    yield f"## {layer.id}\n"
    yield f"**{layer.title}** · {layer.title_en} · {layer.group}\n"
    yield from (f"- {name}: {text}" for name, text in _facts(layer) if text)
    if layer.fields:
        yield "\n| field | 名称 | type | column names that are known | values, notes |\n|---|---|---|---|---|"
        yield from (_row(field) for field in layer.fields.values())
    yield ""


def _facts(layer: Layer) -> Iterator[tuple[str, str]]:
    yield "kind, role", f"{layer.kind}, {layer.role}" + (", register" if layer.register else "")
    yield "geometry", ", ".join(layer.geometry)
    yield "owner", layer.owner
    yield "refresh", f"every {layer.refresh_months} months" if layer.refresh_months else "no time set"
    yield "read", readers(layer.read)
    yield "from", ", ".join(dict.fromkeys(selection.layer for selection in layer.selection))
    yield "known again by", layer.key or ""
    yield "counts from and until", ", ".join(filter(None, [layer.valid_from, layer.valid_to]))
    yield "planned use", layer.planned_use.code if layer.planned_use else ""
    yield "note", layer.note or ""


def readers(roles: Set[str]) -> str:
    """Roles in words."""
    if "public" in roles:
        return "everyone"
    return "every account" if roles == ACCOUNTS else ", ".join(role for role in ROLES if role in roles)


def _row(field: Field) -> str:
    told = [
        "required" if field.required else "",
        f"unit {field.unit}" if field.unit else "",
        "; ".join(f"`{value}` {label}" for value, label in field.choices.items()),
        f"read: {readers(field.read)}" if field.read else "",
        field.note or "",
    ]
    cells = [f"`{field.id}`", field.title, field.type, ", ".join(field.source), ". ".join(filter(None, told))]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(describe(load()))
