"""What the survey of enterprise land and the permit registers bring: plots of concern, units, closed enterprises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from loaders.demo.row import Row, chance
from loaders.demo.sites import ATTENTION, SURVEYED, behind, point_only_works, works_lot

# How many each county has: 36 key units as in the plan, and some permits.
KEY_UNITS = {"652301": 8, "652302": 7, "652323": 4, "652324": 5, "652325": 4, "652327": 5, "652328": 3}
CLOSED_PERMITS = {"652301": 4, "652302": 3, "652323": 2, "652324": 2, "652325": 2, "652327": 2, "652328": 1}
HIGH_CONCERN = 36
# Entries of the survey that have a place and no boundary; the one of 652301 is an example's.
POINT_ONLY = {"652301": 1, "652302": 1, "652324": 1, "652325": 1}

INDUSTRY = {
    "nonferrous_smelting": "冶炼厂",
    "petroleum": "石化厂",
    "chemical": "化工厂",
    "pesticide": "农药厂",
    "coking": "焦化厂",
    "electroplating": "电镀厂",
    "tanning": "制革厂",
    "hazardous_waste": "危废处置站",
    "pharmaceutical": "制药厂",
    "battery": "蓄电池厂",
    "mining": "选矿厂",
    "other": "机械厂",
}
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


def attention_plot() -> Iterator[Row]:
    """The 119 plots of high or medium concern: works with a boundary, and four that are only a point."""
    dice = chance("attention")
    high = set(dice.sample(range(sum(ATTENTION.values())), HIGH_CONCERN))
    serial = 0
    for county, count in ATTENTION.items():
        for number in range(count):
            industry = dice.choice(list(INDUSTRY))
            lot = (
                point_only_works()
                if (county, number) == ("652301", 0)
                else works_lot(county, SURVEYED + number)
            )
            is_point = number < POINT_ONLY.get(county, 0)
            yield Row(
                "attention_plot",
                county,
                lot.block.frame.point(*lot.middle) if is_point else lot.shape,
                {
                    "code": f"{county}5{number + 1:06d}",
                    "name": _name(serial + 1, industry),
                    "county": county,
                    "industry": industry,
                    "attention_level": "high" if serial in high else "medium",
                    "survey_year": dice.choice([2019, 2020]),
                    "investigation_required": dice.random() < 0.4,
                },
            )
            serial += 1


def key_supervised_unit_land() -> Iterator[Row]:
    """The 36 units; some of them are plots of concern too."""
    serial = 0
    for county, count in KEY_UNITS.items():
        dice = chance("key unit", county)
        for number in range(count):
            serial += 1
            industry = list(INDUSTRY)[serial % 11]
            shared = number % 2 == 1 and number + 1 < ATTENTION[county]
            lot = works_lot(county, SURVEYED + 1 + number) if shared else behind(county, number)
            yield Row(
                "key_supervised_unit_land",
                county,
                lot.shape,
                {
                    "unit": f"示例{WORDS[serial % 16]}{INDUSTRY[industry][:-1]}有限公司{serial:02d}",
                    "unit_type": ("soil", "soil", "both", "groundwater")[serial % 4],
                    "list_year": 2024,
                    "permit_no": f"示例{county}{serial:06d}P",
                    "last_hidden_danger_check": date(2024, 1, 1) + timedelta(days=dice.randint(0, 420)),
                },
            )


def closed_permit_enterprise() -> Iterator[Row]:
    states = ("cancelled", "revoked", "expired", "cancelled")
    serial = 0
    for county, count in CLOSED_PERMITS.items():
        for number in range(count):
            serial += 1
            lot = behind(county, 20 + number)
            yield Row(
                "closed_permit_enterprise",
                county,
                lot.shape,
                {
                    "permit_no": f"示例{county}{serial:06d}Z",
                    "name": _name(200 + serial, list(INDUSTRY)[serial % 12]),
                    "permit_status": states[serial % 4],
                    "status_date": date(2023, 1, 10) + timedelta(days=37 * serial),
                },
            )


def priority_control_plot() -> Iterator[Row]:
    """A choice of the plots of concern, for control first."""
    for county in ATTENTION:
        for number in range(1, 4):
            lot = works_lot(county, SURVEYED + 2 * number)
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
            lot = behind(county, 30 + number)
            kind = histories[(int(county) + number) % 6]
            yield Row(
                "industrial_mining_toxic_land",
                county,
                lot.shape,
                {"toxic_history": kind, "end_year": 2008 + number * 5},
            )


def _name(serial: int, industry: str) -> str:
    return f"示例{WORDS[serial % len(WORDS)]}{INDUSTRY[industry]}{serial:03d}"
