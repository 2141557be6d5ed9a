"""The lists of plots: invented ones with boundaries, real ones of the published plan without any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from loaders.demo.row import Row
from loaders.demo.sites import (
    ATTENTION,
    HIGH_RISK,
    REGISTER,
    SURVEYED,
    SUSPECTED,
    beside_plating_works,
    old_pesticide_works,
    old_tannery,
    plating_works,
    school_with_report,
    works_lot,
)

# The enterprises that the plan of the prefecture names and whose county their name states. Their boundaries are not
# public, so nothing is drawn for them. The plan says no more than list and name, so no more is entered.
PLAN_DOCUMENT = "昌吉州土壤、地下水和农村生态环境保护“十四五”规划（2020年底状况）"
REAL: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "suspected_plot",
        "652328",
        "木垒县正阳化工有限责任公司",
        {"document": PLAN_DOCUMENT, "status": "suspected"},
    ),
    (
        "contaminated_plot",
        "652325",
        "原奇台县新亚皮革加工有限公司",
        {"document": PLAN_DOCUMENT, "status": "confirmed"},
    ),
    ("high_risk_site", "652302", "新疆新鑫矿业股份有限公司阜康冶炼厂", {}),
)


def suspected_plot() -> Iterator[Row]:
    yield Row(
        "suspected_plot",
        "652301",
        old_tannery().shape,
        {
            "code": "6523011000001",
            "name": "示例皮革旧址",
            "county": "652301",
            "industry": "tanning",
            "status": "suspected",
            "entry_date": date(2021, 4, 20),
            "notice_date": date(2021, 5, 6),
            "document": "示例环函〔2021〕12号",
        },
    )
    yield Row(
        "suspected_plot",
        "652324",
        works_lot("652324", SUSPECTED).shape,
        {
            "code": "6523241000001",
            "name": "示例焦化旧址",
            "county": "652324",
            "industry": "coking",
            "status": "preliminary_investigation",
            "entry_date": date(2022, 3, 11),
            "notice_date": date(2022, 3, 25),
            "document": "示例环函〔2022〕7号",
        },
    )
    yield from _real("suspected_plot")


def contaminated_plot() -> Iterator[Row]:
    yield Row(
        "contaminated_plot",
        "652301",
        old_pesticide_works().shape,
        {
            "code": "6523012000001",
            "name": "示例农药旧厂",
            "county": "652301",
            "industry": "pesticide",
            "status": "detailed_investigation",
            "entry_date": date(2022, 9, 1),
            "document": "示例州环〔2022〕31号",
            "risk_grade": "high",
            "contamination_degree": "heavy",
            "risk_assessment_reviewed": False,
            "development_plan": "none",
            "max_ratio_screening_class1": 6.4,
            "max_ratio_screening_class2": 2.1,
            "max_ratio_control_class1": 1.7,
            "max_ratio_control_class2": 0.6,
        },
    )
    yield from _real("contaminated_plot")


def high_risk_site() -> Iterator[Row]:
    for county, name, industry in (
        ("652301", "示例红柳冶炼厂", "nonferrous_smelting"),
        ("652302", "示例胡杨炼铜厂", "nonferrous_smelting"),
        ("652327", "示例梭梭化工厂", "chemical"),
    ):
        yield Row(
            "high_risk_site",
            county,
            works_lot(county, HIGH_RISK).shape,
            {
                "code": f"{county}3000001",
                "name": name,
                "county": county,
                "industry": industry,
                "survey_year": 2020,
            },
        )
    yield from _real("high_risk_site")


def risk_register_plot() -> Iterator[Row]:
    """One plot in each stage, one of them after removal under post-management."""

    def plot(county: str, number: int, name: str, shape: BaseGeometry, **values: Any) -> Row:
        common = {
            "code": f"{county}4{number:06d}", "name": name, "county": county,
            "document": f"示例新环名录〔2023〕{number}号",
            "register_status": "listed", "entry_date": date(2023, 2, number), "targets_met": False,
            "effect_evaluation_passed": False, "post_management": False,
        }  # fmt: skip
        return Row("risk_register_plot", county, shape, {**common, **values})

    removed = {"register_status": "removed", "stage": "closed", "targets_met": True, "effect_evaluation_passed": True,
               "entry_date": date(2019, 5, 8), "exit_date": date(2022, 11, 30), "assumed_gb_class": "2"}  # fmt: skip
    yield plot(
        "652301",
        1,
        "示例电镀旧址",
        plating_works().shape,
        industry="electroplating",
        stage="remediation",
        assumed_gb_class="1",
    )
    yield plot(
        "652302",
        2,
        "示例蓄电池旧厂",
        works_lot("652302", REGISTER).shape,
        industry="battery",
        stage="risk_control",
        assumed_gb_class="2",
        restrictions="示例：围挡封闭，禁止开挖",
    )
    yield plot(
        "652323", 3, "示例石化旧厂", works_lot("652323", REGISTER).shape, industry="petroleum", stage="listed"
    )
    yield plot(
        "652324",
        4,
        "示例铅合金旧厂",
        works_lot("652324", REGISTER).shape,
        industry="nonferrous_smelting",
        stage="effect_evaluation",
        targets_met=True,
        effect_evaluation_passed=True,
        assumed_gb_class="2",
    )
    yield plot(
        "652327",
        5,
        "示例焦油旧厂",
        works_lot("652327", REGISTER).shape,
        industry="coking",
        stage="removal_review",
        targets_met=True,
        effect_evaluation_passed=True,
        assumed_gb_class="2",
    )
    yield plot("652301", 6, "示例机械旧厂", works_lot("652301", REGISTER).shape, industry="other", **removed)
    yield plot(
        "652325",
        7,
        "示例制药旧厂",
        works_lot("652325", REGISTER).shape,
        industry="pharmaceutical",
        **{**removed, "post_management": True},
        restrictions="示例：不得取用地下水，保护阻隔层",
    )


def investigation_report(today: date) -> Iterator[Row]:
    """Reports on plots of concern and removed plots, and the clean one of the examples."""

    def report(county: str, number: int, shape: BaseGeometry, **values: Any) -> Row:
        common = {
            "report_no": f"示例调查〔2024〕{county[-2:]}{number:02d}", "report_type": "preliminary", "reviewed": True,
            "review_date": date(2024, 3, number), "conclusion": "not_exceeding", "assumed_use": "100102",
            "assumed_gb_class": "2", "registry_filed": True, "ecology_filed": True,
        }  # fmt: skip
        return Row("investigation_report", county, shape, {**common, **values})

    clean = {"assumed_use": "080403", "assumed_gb_class": "1"}
    yield report("652301", 1, beside_plating_works().shape, **clean)
    yield report("652301", 2, school_with_report().shape, **clean)
    yield report(
        "652301",
        3,
        works_lot("652301", REGISTER).shape,
        report_type="effect_evaluation",
        conclusion="targets_met",
    )
    yield report(
        "652325",
        4,
        works_lot("652325", REGISTER).shape,
        report_type="effect_evaluation",
        conclusion="targets_met",
    )
    number = 4
    for county in ATTENTION:
        for place in (2, 5, 8):
            number += 1
            exceeds = number % 4 == 0
            yield report(
                county,
                number,
                works_lot(county, SURVEYED + place).shape,
                conclusion="exceeding" if exceeds else "not_exceeding",
                report_type="detailed" if exceeds else "preliminary",
                ecology_filed=number % 3 > 0,
            )


def _real(layer: str) -> Iterator[Row]:
    """Entries without boundary and without point."""
    for of, county, name, values in REAL:
        if of == layer:
            yield Row(layer, county, None, {"name": name, "county": county, **values})
