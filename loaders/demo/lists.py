"""The lists of plots and units: invented ones with boundaries, real ones of the published plan without any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from shapely.geometry.base import BaseGeometry

from loaders.demo.ground import CITY
from loaders.demo.row import Row, chance
from loaders.demo.towns import HALVED, Lot, half, lots, works

# How many of a kind each county has; the sums are those of the plan at the end of 2020.
ATTENTION = {"652301": 28, "652302": 24, "652323": 14, "652324": 16, "652325": 15, "652327": 14, "652328": 8}
KEY_UNITS = {"652301": 8, "652302": 7, "652323": 4, "652324": 5, "652325": 4, "652327": 5, "652328": 3}
CLOSED_PERMITS = {"652301": 4, "652302": 3, "652323": 2, "652324": 2, "652325": 2, "652327": 2, "652328": 1}
HIGH_CONCERN = 36
# Entries of the survey that have a place and no boundary: (county, how many besides the one of the examples).
POINT_ONLY = {"652302": 1, "652324": 1, "652325": 1}

INDUSTRY = {
    "nonferrous_smelting": "冶炼厂", "petroleum": "石化厂", "chemical": "化工厂", "pesticide": "农药厂",
    "coking": "焦化厂", "electroplating": "电镀厂", "tanning": "制革厂", "hazardous_waste": "危废处置站",
    "pharmaceutical": "制药厂", "battery": "蓄电池厂", "mining": "选矿厂", "other": "机械厂",
}  # fmt: skip
WORDS = (
    "红柳",
    "胡杨",
    "梭梭",
    "沙枣",
    "白杨",
    "榆荫",
    "苇湖",
    "戈壁",
    "绿洲",
    "雪岭",
    "金沙",
    "碧泉",
    "石榴",
    "骆驼刺",
    "沙棘",
    "雪莲",
)

# The enterprises that the plan of the prefecture names and whose county their name states. Their boundaries are not
# public, so nothing is drawn for them. The plan says no more than list and name, so no more is entered.
PLAN_DOCUMENT = "昌吉州土壤、地下水和农村生态环境保护“十四五”规划（2020年底状况）"
REAL = (
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
    yield Row("suspected_plot", "652301", old_tannery().shape, {
        "code": "6523011000001", "name": "示例皮革旧址", "county": "652301", "industry": "tanning", "status": "suspected",
        "entry_date": date(2021, 4, 20), "notice_date": date(2021, 5, 6), "document": "示例环函〔2021〕12号",
    })  # fmt: skip
    yield Row("suspected_plot", "652324", _free("652324", 3).shape, {
        "code": "6523241000001", "name": "示例焦化旧址", "county": "652324", "industry": "coking",
        "status": "preliminary_investigation", "entry_date": date(2022, 3, 11), "notice_date": date(2022, 3, 25),
        "document": "示例环函〔2022〕7号",
    })  # fmt: skip
    yield from _real("suspected_plot")


def contaminated_plot() -> Iterator[Row]:
    yield Row("contaminated_plot", "652301", old_pesticide_works().shape, {
        "code": "6523012000001", "name": "示例农药旧厂", "county": "652301", "industry": "pesticide",
        "status": "detailed_investigation", "entry_date": date(2022, 9, 1), "document": "示例州环〔2022〕31号",
        "risk_grade": "high", "contamination_degree": "heavy", "risk_assessment_reviewed": False,
        "development_plan": "none", "max_ratio_screening_class1": 6.4, "max_ratio_screening_class2": 2.1,
        "max_ratio_control_class1": 1.7, "max_ratio_control_class2": 0.6,
    })  # fmt: skip
    yield from _real("contaminated_plot")


def high_risk_site() -> Iterator[Row]:
    for county, name, industry, place in (
        ("652301", "示例红柳冶炼厂", "nonferrous_smelting", 5),
        ("652302", "示例胡杨炼铜厂", "nonferrous_smelting", 5),
        ("652327", "示例梭梭化工厂", "chemical", 5),
    ):
        yield Row("high_risk_site", county, _free(county, place).shape, {
            "code": f"{county}3000001", "name": name, "county": county, "industry": industry, "survey_year": 2020,
        })  # fmt: skip
    yield from _real("high_risk_site")


def risk_register_plot() -> Iterator[Row]:
    """One plot in each stage, one of them after removal under post-management."""

    def plot(county: str, number: int, name: str, shape: BaseGeometry, **values: Any) -> Row:
        common = {
            "code": f"{county}4{number:06d}", "name": name, "county": county, "document": f"示例新环名录〔2023〕{number}号",
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
    yield plot("652302", 2, "示例蓄电池旧厂", _free("652302", 6).shape, industry="battery", stage="risk_control", assumed_gb_class="2",
               restrictions="示例：围挡封闭，禁止开挖")  # fmt: skip
    yield plot("652323", 3, "示例石化旧厂", _free("652323", 6).shape, industry="petroleum", stage="listed")
    yield plot("652324", 4, "示例铅合金旧厂", _free("652324", 6).shape, industry="nonferrous_smelting", stage="effect_evaluation",
               targets_met=True, effect_evaluation_passed=True, assumed_gb_class="2")  # fmt: skip
    yield plot("652327", 5, "示例焦油旧厂", _free("652327", 6).shape, industry="coking", stage="removal_review", targets_met=True,
               effect_evaluation_passed=True, assumed_gb_class="2")  # fmt: skip
    yield plot("652301", 6, "示例机械旧厂", _free("652301", 6).shape, industry="other", **removed)
    yield plot("652325", 7, "示例制药旧厂", _free("652325", 6).shape, industry="pharmaceutical", **{**removed, "post_management": True},
               restrictions="示例：不得取用地下水，保护阻隔层")  # fmt: skip


def attention_plot() -> Iterator[Row]:
    """The 119 plots of high or medium concern: works with a boundary, and four that are only a point."""
    serial = 0
    for county, count in ATTENTION.items():
        dice = chance("attention", county)
        points = POINT_ONLY.get(county, 0)
        for number in range(count):
            serial += 1
            industry = dice.choice(list(INDUSTRY))
            values = {
                "code": f"{county}5{number + 1:06d}", "name": _name(serial, industry), "county": county, "industry": industry,
                "attention_level": "high" if serial % 119 * HIGH_CONCERN // 119 != (serial - 1) % 119 * HIGH_CONCERN // 119 else "medium",
                "survey_year": 2019 + serial % 2, "investigation_required": dice.random() < 0.4,
            }  # fmt: skip
            if county == "652301" and number == 0:
                lot = point_only_works()
                yield Row(
                    "attention_plot",
                    county,
                    lot.block.frame.point(*lot.middle),
                    {**values, "name": "示例苇湖电镀作坊"},
                )
                continue
            lot = _free(county, 10 + number)
            place = lot.block.frame.point(*lot.middle) if number < points else lot.shape
            yield Row("attention_plot", county, place, values)
    yield from ()


def key_supervised_unit_land() -> Iterator[Row]:
    """The 36 units; some of them are plots of concern too."""
    serial = 0
    for county, count in KEY_UNITS.items():
        dice = chance("key unit", county)
        for number in range(count):
            serial += 1
            industry = list(INDUSTRY)[serial % 11]
            place = (
                11 + number
                if number % 2 and number + 11 < 10 + ATTENTION[county]
                else 10 + ATTENTION[county] + number
            )
            yield Row("key_supervised_unit_land", county, _free(county, place).shape, {
                "unit": f"示例{WORDS[serial % 16]}{INDUSTRY[industry][:-1]}有限公司{serial:02d}",
                "unit_type": ("soil", "soil", "both", "groundwater")[serial % 4],
                "list_year": 2024, "permit_no": f"示例{county}{serial:06d}P",
                "last_hidden_danger_check": date(2024, 1, 1) + timedelta(days=dice.randint(0, 420)),
            })  # fmt: skip


def closed_permit_enterprise() -> Iterator[Row]:
    states = ("cancelled", "revoked", "expired", "cancelled")
    serial = 0
    for county, count in CLOSED_PERMITS.items():
        for number in range(count):
            serial += 1
            lot = _free(county, 30 + ATTENTION[county] + number)
            yield Row("closed_permit_enterprise", county, lot.shape, {
                "permit_no": f"示例{county}{serial:06d}Z", "name": _name(200 + serial, list(INDUSTRY)[serial % 12]),
                "permit_status": states[serial % 4], "status_date": date(2023, 1, 10) + timedelta(days=37 * serial),
            })  # fmt: skip


def priority_control_plot() -> Iterator[Row]:
    """A choice of the plots of concern, for control first."""
    for county in ATTENTION:
        for number in range(1, 4):
            lot = _free(county, 10 + 2 * number)
            yield Row(
                "priority_control_plot",
                county,
                lot.shape,
                {"code": f"{county}6{number:06d}", "entry_date": date(2023, 6, number)},
            )


def industrial_mining_toxic_land() -> Iterator[Row]:
    histories = ("production", "use", "storage", "recycling", "disposal", "none")
    for county in ATTENTION:
        for number in range(2):
            lot = _free(county, 40 + ATTENTION[county] + number)
            kind = histories[(int(county) + number) % 6]
            yield Row(
                "industrial_mining_toxic_land",
                county,
                lot.shape,
                {"toxic_history": kind, "end_year": 2008 + number * 5},
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
        "652301", 3, _free("652301", 6).shape, report_type="effect_evaluation", conclusion="targets_met"
    )
    yield report(
        "652325", 4, _free("652325", 6).shape, report_type="effect_evaluation", conclusion="targets_met"
    )
    number = 4
    for county in ATTENTION:
        for place in (12, 15, 18):
            number += 1
            exceeds = number % 4 == 0
            yield report(county, number, _free(county, place).shape, conclusion="exceeding" if exceeds else "not_exceeding",
                         report_type="detailed" if exceeds else "preliminary", ecology_filed=number % 3 > 0)  # fmt: skip


def _name(serial: int, industry: str) -> str:
    return f"示例{WORDS[serial % len(WORDS)]}{INDUSTRY[industry]}{serial:03d}"


def _real(layer: str) -> Iterator[Row]:
    """Entries without boundary and without point."""
    for of, county, name, values in REAL:
        if of == layer:
            yield Row(layer, county, None, {"name": name, "county": county, **values})


@cache
def _works_lots(county: str) -> tuple[Lot, ...]:
    blocks = {block.place for block in works()}
    found = [
        lot
        for lot in lots()
        if lot.county == county and lot.block.place in blocks and lot.block.place not in HALVED
    ]
    chance("works lots", county).shuffle(found)
    return tuple(found)


def _free(county: str, place: int) -> Lot:
    """A lot in the industrial clusters of a county; each place on the lists is another lot."""
    return _works_lots(county)[place]


def old_tannery() -> Lot:
    return half("652301", CITY, 12, 2, "left")


def plating_works() -> Lot:
    return half("652301", CITY, 13, 2, "left")


def beside_plating_works() -> Lot:
    return half("652301", CITY, 13, 2, "right")


def old_pesticide_works() -> Lot:
    return half("652301", CITY, 13, 1, "left")


def point_only_works() -> Lot:
    return half("652301", CITY, 3, 8, "left")


def school_with_report() -> Lot:
    return half("652301", CITY, 12, 5, "left")
