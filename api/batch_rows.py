"""What a batch's outputs tell: of each parcel its attributes, of each finding and gap a row, of the whole a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from spatial import catalog, rules
from spatial.models import Batch, BatchParcel

ATTRIBUTES = (
    "place", "row", "parcel_no", "number", "verdict", "verdict_title", "complete", "area_m2", "counties", "findings",
    "gaps", "rules", "as_of", "revision", "fingerprint", "issues",
)  # fmt: skip
PARCEL_HEADINGS = (
    "次序", "行", "地块编号", "核查编号", "结论代码", "结论", "核查完整", "椭球面积 m²", "县市", "结论条数",
    "缺口数", "规则", "所问日期", "数据版本", "指纹", "问题",
)  # fmt: skip
FINDING_HEADINGS = (
    "次序", "地块编号", "核查编号", "结论", "规则", "规则名称", "图层", "要素", "要素名称", "关系", "重叠面积 m²",
    "重叠占地块", "重叠长度 m", "距离 m", "理由", "依据", "未填写",
)  # fmt: skip
GAP_HEADINGS = ("次序", "地块编号", "核查编号", "图层", "县市", "缺口", "说明", "负责")


def parcels_of(batch: Batch) -> Iterator[BatchParcel]:
    """Every row of the file in its order, some in memory at one time."""
    return batch.parcels.select_related("check_run").order_by("place").iterator(chunk_size=500)


def attributes_of(one: BatchParcel) -> tuple[Any, ...]:
    """The values of ATTRIBUTES; where a parcel was not checked, verdict and all that follows from it are empty."""
    issues = "；".join(f"{issue['message']}{issue.get('hint') or ''}" for issue in one.issues)
    head = (one.place, one.row, one.parcel_no)
    if one.check_run is None:
        return (*head, *[None] * 12, issues)
    told = one.check_run.answer
    return (
        *head,
        told["number"],
        told["verdict"],
        rules.current().verdict_terms[told["verdict"]],
        told["complete"],
        told["parcel"]["area_m2"],
        "、".join(told["parcel"]["counties"]),
        len(told["findings"]),
        len(told["gaps"]),
        "、".join(dict.fromkeys(finding["rule"] for finding in told["findings"])),
        told["as_of"],
        told["versions"]["revision"],
        told["fingerprint"],
        issues,
    )


def findings_of(one: BatchParcel) -> Iterator[tuple[Any, ...]]:
    told = one.check_run.answer if one.check_run else {"findings": []}
    terms, known = rules.current().verdict_terms, catalog.current()
    for finding in told["findings"]:
        feature = finding["feature"] or {}
        yield (
            one.place,
            one.parcel_no,
            told["number"],
            terms[finding["verdict"]],
            finding["rule"],
            finding["title"],
            known.layer(finding["layer"]).title if finding["layer"] in known.layers else finding["layer"],
            feature.get("code") or feature.get("id"),
            feature.get("name"),
            finding["relation"],
            finding["overlap_area_m2"],
            finding["overlap_share"],
            finding["overlap_length_m"],
            finding["distance_m"],
            finding.get("message") or finding["reason"],
            "；".join(f"{basis['text']} {basis['article'] or ''}".strip() for basis in finding["basis"]),
            "、".join(finding["missing"]),
        )


def gaps_of(one: BatchParcel) -> Iterator[tuple[Any, ...]]:
    told = one.check_run.answer if one.check_run else {"gaps": []}
    for gap in told["gaps"]:
        yield (
            one.place,
            one.parcel_no,
            told["number"],
            gap["title"],
            gap["county"],
            gap["kind"],
            gap["message"],
            gap["owner"],
        )


def counts_of(batch: Batch) -> dict[str, Any]:
    """How many rows were read, checked and refused, and how many have which verdict; read = checked + refused."""
    checked = batch.parcels.exclude(check_run=None)
    by_verdict = dict(checked.values_list("check_run__verdict").annotate(Count("id")))
    read, answered = batch.parcels.count(), sum(by_verdict.values())
    return {
        "read": read,
        "checked": answered,
        "refused": read - answered,
        "incomplete": checked.filter(check_run__complete=False).count(),
        "verdicts": {verdict: by_verdict.get(verdict, 0) for verdict in rules.current().verdict_order},
    }


def summary_of(batch: Batch, counts: dict[str, Any]) -> list[tuple[str, Any]]:
    terms = rules.current().verdict_terms
    return [
        ("文件", batch.file_name),
        ("所问日期", batch.as_of.isoformat()),
        ("数据版本", batch.revision),
        ("图层目录", catalog.current().digest),
        ("规则", rules.current().digest),
        ("读入地块", counts["read"]),
        ("已核查", counts["checked"]),
        ("未核查（有错误）", counts["refused"]),
        ("核查不完整（缺资料）", counts["incomplete"]),
        *((f"结论：{terms[verdict]}", many) for verdict, many in counts["verdicts"].items()),
    ]
