"""Land-use codes and the flags that rules ask of them, against the published tables."""

import csv
from pathlib import Path

import pytest

from spatial import landuse
from spatial.landuse import GBT, MNR, Use

STANDARDS = Path(landuse.__file__).parent / "standards"


def rows(name: str) -> list[dict[str, str]]:
    with (STANDARDS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


MNR_ROWS = rows("landuse_codes.csv")
AS_FLAG = {"yes": True, "no": False, "part": None}


@pytest.mark.parametrize("row", MNR_ROWS, ids=lambda r: r["code"])
def test_flags_agree_with_the_columns_of_the_table(row: dict[str, str]) -> None:
    flags = landuse.flags(Use(MNR, row["code"]))
    assert flags["yizhuliangong"] == row["yizhuliangong"]
    assert flags["sensitive"] is AS_FLAG[row["sensitive_use"]]
    assert flags["gb36600_class"] == row["gb36600_class"]


@pytest.mark.parametrize(
    ("code", "flag", "value"),
    [
        ("0701", "residential", True),
        ("0801", "residential", False),
        ("080403", "public_service", True),
        ("0103", "cropland", True),
        ("0201", "cropland", False),
        ("2302", "cropland", None),
        ("23", "cropland", None),
        ("0201", "edible_crop", True),
        ("0203", "edible_crop", False),
        ("0205", "edible_crop", None),
        ("02", "edible_crop", None),
        ("1704", "agricultural", True),
        ("1701", "agricultural", False),
        ("17", "agricultural", None),
        ("0601", "construction", False),
        ("1311", "construction", True),
        ("0703", "urban", False),
        ("0701", "urban", True),
        ("070101", "urban", True),
        ("07", "urban", None),
        ("1311", "urban", False),
        ("1201", "urban", None),
        ("1402", "ecological", True),
        ("1401", "ecological", False),
        ("14", "ecological", None),
        ("060202", "livestock_facility", True),
        ("0602", "livestock_facility", None),
        ("060203", "livestock_facility", False),
        ("060203", "aquaculture_facility", True),
        ("1301", "yizhuliangong", "check"),
        ("1311", "yizhuliangong", "no"),
    ],
)
def test_the_longest_prefix_decides_and_a_coarse_code_is_unknown(
    code: str, flag: str, value: bool | str | None
) -> None:
    assert landuse.flags(Use(MNR, code))[flag] == value


@pytest.mark.parametrize("row", rows("landuse_gbt21010_2017.csv"), ids=lambda r: r["code"])
def test_a_code_of_the_other_system_has_the_flags_of_what_it_maps_to(row: dict[str, str]) -> None:
    table = {r["code"]: r for r in MNR_ROWS}
    mapped = [table[code]["yizhuliangong"] for code in row["mnr2023_codes"].split(";")]
    expected = mapped[0] if len(set(mapped)) == 1 else None
    assert landuse.flags(Use(GBT, row["code"]))["yizhuliangong"] == expected


def test_the_same_digits_mean_different_uses_in_the_two_systems() -> None:
    assert landuse.flags(Use(MNR, "0501"))["ecological"] is True
    assert landuse.flags(Use(GBT, "0501"))["ecological"] is False
    assert landuse.codes()[Use(MNR, "0501")].name == "森林沼泽"
    assert landuse.codes()[Use(GBT, "0501")].name == "零售商业用地"


def test_a_mapping_to_codes_that_differ_is_unknown() -> None:
    assert landuse.flags(Use(GBT, "0204"))["edible_crop"] is None
    assert landuse.flags(Use(GBT, "0204"))["cropland"] is False


def test_a_code_of_no_table_is_unknown_in_every_flag() -> None:
    for use in (Use(MNR, "9999"), Use("TDDC-3", "0701")):
        assert set(landuse.flags(use).values()) == {None}
        assert landuse.same_use(use, Use(MNR, "0701")) is None
        assert landuse.same_use(use, use) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((MNR, "0701"), (MNR, "070102"), True),
        ((MNR, "0701"), (MNR, "0703"), False),
        ((MNR, "080401"), (MNR, "080403"), False),
        ((MNR, "080501"), (MNR, "080502"), True),
        ((MNR, "1401"), (MNR, "1401"), True),
        ((MNR, "0804"), (MNR, "0804"), True),
        ((MNR, "07"), (MNR, "0701"), None),
        ((MNR, "08"), (MNR, "08"), None),
        ((MNR, "07"), (MNR, "0801"), False),
        ((GBT, "0702"), (MNR, "0703"), True),
        ((GBT, "0701"), (MNR, "0701"), None),
        ((GBT, "0701"), (GBT, "0701"), True),
        ((GBT, "0601"), (MNR, "0701"), False),
    ],
)
def test_uses_are_the_same_at_level_2_with_the_same_duties(
    one: tuple[str, str], other: tuple[str, str], same: bool | None
) -> None:
    assert landuse.same_use(Use(*one), Use(*other)) is same
    assert landuse.same_use(Use(*other), Use(*one)) is same


def test_search_finds_codes_by_digits_and_by_name() -> None:
    assert landuse.search("0701")[0].code == "0701"
    assert {code.system for code in landuse.search("0701")} == {MNR, GBT}
    assert "幼儿园用地" in {code.name for code in landuse.search("幼儿园")}
    assert landuse.search("没有这种地") == []


def test_every_code_of_the_other_system_maps_to_codes_that_exist() -> None:
    for use, code in landuse.codes().items():
        assert code.mnr_codes, use
        assert all(Use(MNR, mapped) in landuse.codes() for mapped in code.mnr_codes)


def test_a_use_is_found_by_pinyin_and_by_its_initials() -> None:
    # 居住用地 is juzhu yongdi; 零售商业用地 is lingshou shangye yongdi
    assert "07" in {c.code for c in landuse.search("juzhu", 50) if c.system == landuse.MNR}
    assert "090101" in {c.code for c in landuse.search("lssy", 50) if c.system == landuse.MNR}
