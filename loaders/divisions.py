"""What a row calls its county: a code of six digits or more, an abolished code, a name with or without its ending."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loaders.formats.text import narrow
from spatial.catalog import Catalog

MOST_TOLD = 10_000


@dataclass(frozen=True)
class Divisions:
    """The counties of the region, by everything they are called."""

    catalog: Catalog
    told: dict[str, tuple[str | None, str]] = field(default_factory=dict, compare=False, repr=False)
    """What was told before: half a million rows say the same few words."""

    @property
    def codes(self) -> tuple[str, ...]:
        return self.catalog.region.counties

    def name(self, code: str | None) -> str:
        county = self.catalog.counties.get(code or "")
        return county.name if county else (code or "未知县（市）")

    def county_of(self, said: Any) -> tuple[str | None, str]:
        """The county's code, or None where nothing or the whole region is said; and why a word is none of ours."""
        if not isinstance(said, str):
            return self._county_of(said)
        if said not in self.told and len(self.told) < MOST_TOLD:
            self.told[said] = self._county_of(said)
        return self.told.get(said) or self._county_of(said)

    def _county_of(self, said: Any) -> tuple[str | None, str]:
        text = (
            narrow(str(int(said) if isinstance(said, float) and said.is_integer() else said)).strip()
            if said is not None
            else ""
        )
        region = self.catalog.region
        if not text or text in ("/", "-", "—", "nan", region.name) or text[:6] == region.code:
            return None, ""
        digits = text[:6] if text[:6].isdigit() and text.isdigit() else ""
        for code in self.codes:
            county = self.catalog.counties[code]
            names = {county.name, *county.former_names, region.name + county.name}
            if digits and digits in (code, *county.former_codes):
                return code, ""
            if text in names or text in {name.rstrip("市县") for name in names if len(name) > 2}:
                return code, ""
        if digits in region.elsewhere:
            return None, f"行政区代码 {digits}：{region.elsewhere[digits]}。"
        return None, f"“{text[:40]}”不是{region.name}的县（市）。"
