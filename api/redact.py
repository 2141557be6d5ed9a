"""What of an answer its asker may see: rule, verdict and area always; name and shape only with the right to the row."""

from __future__ import annotations

import re
from typing import Any

from api.access import Scope, may_see_row
from spatial.catalog import Catalog
from spatial.remarks import NONE_YET

HIDDEN = {"id": None, "code": None, "name": None, "hidden": True}
COUNT = re.compile(r"有 ?\d+ (?:条|行)")
"""How the messages of `spatial.coverage` count rows."""


def redacted(answer: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    """The answer with the features hidden that the asker may not see; a hit that is hidden is still a hit."""
    beside = {
        name: [redacted_remark(remark, answer, scope, catalog) for remark in answer[name]]
        for name in NONE_YET
    }
    return {
        **answer,
        "findings": [_finding(finding, scope, catalog) for finding in answer["findings"]],
        "gaps": [_uncounted(gap, scope, catalog) for gap in answer["gaps"]],
        **beside,
    }


def redacted_overlay(told: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    """The result of an overlay in the same way, both of its sides and what changed between them."""
    other, change = told["other"], told["change"]
    conflicts = [_finding(one, scope, catalog) for one in change["conflicts"]] if change else []
    return {
        **_redacted_side(told, scope, catalog),
        "other": _redacted_side(other, scope, catalog) if other else None,
        "change": {**change, "conflicts": conflicts} if change else None,
    }


def _redacted_side(side: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    return {
        **side,
        "conflicts": [_finding(one, scope, catalog) for one in side["conflicts"]],
        "gaps": [_uncounted(gap, scope, catalog) for gap in side["gaps"]],
    }


def redacted_remark(
    remark: dict[str, Any], answer: dict[str, Any], scope: Scope, catalog: Catalog
) -> dict[str, Any]:
    """An override or dispute, without the number of a feature that the asker may not see."""
    named = remark["finding"]
    for finding in answer["findings"]:
        feature = finding["feature"]
        if feature and feature["id"] == named["feature"]:
            seen = catalog.layers.get(feature["layer"])
            if seen is None or not may_see_row(scope, seen, finding["county"]):
                return {**remark, "finding": {**named, "feature": None}}
    return remark


def redacted_change(change: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    """A change of a verdict, without what the asker may not see of the features that did it."""
    told: list[dict[str, Any]] = []
    for cause in change["causes"]:
        seen = _cause(cause, scope, catalog)
        if seen not in told:  # how many there are that may not be seen is not told
            told.append(seen)
    return {**change, "causes": told}


def _cause(cause: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    layer = catalog.layers.get(cause.get("layer", ""))
    if cause.get("feature") is None or (layer is not None and may_see_row(scope, layer, cause["county"])):
        return cause
    return {**cause, "feature": None, "code": None, "name": None, "hidden": True}


def _uncounted(told: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    """A gap, or the finding of one: that there is one is told to all, how many rows only with the right to them."""
    layer = catalog.layers.get(told["layer"])
    if layer is not None and may_see_row(scope, layer, told["county"]):
        return told
    return {**told, "message": COUNT.sub("有", told["message"])}


def _finding(finding: dict[str, Any], scope: Scope, catalog: Catalog) -> dict[str, Any]:
    feature = finding["feature"]
    if feature is None:
        return _uncounted(finding, scope, catalog) if finding.get("gap") else finding
    layer = catalog.layers.get(feature["layer"])
    if layer is not None and may_see_row(scope, layer, finding["county"]):
        return finding
    owner = layer.owner if layer else "主管部门"
    message = f"你无权查看此图层的内容，但它参与了核查：有命中，详情请联系{owner}。"
    return {**finding, "feature": {**HIDDEN, "layer": feature["layer"]}, "message": message}
