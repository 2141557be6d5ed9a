"""The use that a plot line states: words, digits, and the code system that the file leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from spatial import landuse

STANDARDS = {landuse.MNR: "用地用海分类指南（MNR-2023）", landuse.GBT: "GB/T 21010-2017"}


@dataclass(frozen=True, slots=True)
class StatedUse:
    """Use of a plot in words and digits as the file has them. `system` None: the file does not settle it."""

    words: str
    code: str
    system: str | None


def read_use(words: str, code: str) -> tuple[StatedUse, str]:
    """The stated use, and what is unclear about it in Chinese ("" when nothing is).

    Digits alone are never believed: 0702 is a community service in MNR-2023 and a homestead in GB/T 21010-2017. A
    code that one system has needs the words of its class or of a class above; one that both have with different
    meanings needs words that are exactly its name in one of them.
    """
    if not code:
        return StatedUse(words, "", None), ""
    names = {use.system: found.name for use, found in landuse.codes().items() if use.code == code}
    if not names:
        return StatedUse(words, code, None), f"地类编码 {code} 在两个分类标准里都没有"
    exact = [system for system, name in names.items() if name == words]
    if exact:
        return StatedUse(words, code, exact[0]), ""
    readings = "，".join(f"{STANDARDS[system]} 中是{name}" for system, name in names.items())
    if len(names) > 1:
        return StatedUse(
            words, code, None
        ), f"没有写明地类编码 {code} 的分类标准（{readings}），与用途“{words}”对不上"
    (system,) = names
    if words and words not in _names_above(system, code):
        return StatedUse(words, code, None), f"地类编码 {code}（{readings}）与用途“{words}”对不上"
    return StatedUse(words, code, system), ""


def _names_above(system: str, code: str) -> set[str]:
    above = (landuse.codes().get(landuse.Use(system, code[:length])) for length in (2, 4))
    return {found.name for found in above if found}
