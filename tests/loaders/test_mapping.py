"""Columns to fields: whose name wins."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from loaders.mapping import map_columns
from spatial import catalog


def columns(
    *names: str, county: dict[str, tuple[str, ...]] | None = None, encoding: str = "utf-8"
) -> dict[str, str]:
    known = catalog.current()
    own = replace(known.counties["652302"], columns=MappingProxyType({"suspected_plot": county or {}}))
    return dict(map_columns(known.layer("suspected_plot"), names, own, encoding).columns)


@pytest.mark.parametrize(
    "name", ["name", "NAME", "地块名称", "DKMC", "dkmc", "企业名称", "ＤＫＭＣ", " 地块 名称 "]
)
def test_a_field_is_found_by_id_source_name_or_title_in_any_case_and_width(name: str) -> None:
    assert columns("别的", name) == {"name": name}


def test_the_fields_id_wins_over_the_countys_own_name_and_that_over_the_layers() -> None:
    own = {"name": ("DKMC_2019",)}
    assert columns("DKMC", "DKMC_2019", "name", county=own)["name"] == "name"
    assert columns("DKMC", "DKMC_2019", county=own)["name"] == "DKMC_2019"
    assert columns("DKMC", county=own)["name"] == "DKMC"


@pytest.mark.parametrize(
    ("name", "encoding"), [("notice_dat", "utf-8"), ("书面通知日", "gb18030"), ("书面通", "utf-8")]
)
def test_a_name_that_a_shapefile_cut_to_ten_bytes_is_known_where_one_field_has_it(
    name: str, encoding: str
) -> None:
    assert columns(name, encoding=encoding) == {"notice_date": name}


def test_a_cut_name_that_several_fields_share_is_nobodys() -> None:
    assert columns("max_ratio_") == {}
    assert columns("最大超标倍", encoding="gb18030") == {}
