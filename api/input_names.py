"""Names of inputs as people say them."""

from __future__ import annotations

from spatial.catalog import Catalog
from spatial.rules import RuleBook

INPUTS = {
    "action": "事项",
    "proposed_use": "拟用途",
    "current_use": "现状用途",
    "investigation_report": "调查报告",
}


def input_name(name: str, catalog: Catalog, book: RuleBook) -> str:
    """A name of `missing` (proposed_use, project.livestock, eco_redline.control_area) in Chinese."""
    if name in INPUTS:
        return INPUTS[name]
    owner, _, part = name.partition(".")
    if owner == "project" and part in book.project_flags:
        return f"项目是否{book.project_flags[part].title}"
    layer = catalog.layers.get(owner)
    if layer is None:
        return name
    return f"{layer.title}的{layer.fields[part].title if part in layer.fields else part}"
