"""Words that have their English elsewhere: layers, fields, classes, counties, stages, rules, uses of land."""

from __future__ import annotations

from functools import cache

from spatial import catalog, landuse, rules
from spatial.registers import lifecycle


def words() -> dict[str, str]:
    """Chinese titles to English ones, of the catalog in use."""
    return _words(catalog.current().digest)


@cache
def _words(digest: str) -> dict[str, str]:
    known = catalog.current()
    found = {code.name: code.name_en for code in landuse.codes().values()}
    for layer in known.layers.values():
        found |= {field.title: field.title_en for field in layer.fields.values()}
        found |= {one.label: one.label_en for one in layer.style.classes}
    found |= {stage.title: stage.title_en for stage in lifecycle.current().stages.values()}
    found |= {rule.reason: rule.reason_en for rule in rules.current().rules}
    found |= {county.name: county.name_en for county in known.counties.values()}
    found[known.region.name] = known.region.name_en
    found |= {layer.title: layer.title_en for layer in known.layers.values()}
    return {title: english for title, english in found.items() if title and english}
