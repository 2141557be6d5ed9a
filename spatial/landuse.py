"""Land-use codes of two systems, their names, and the flags that rules ask of a use.

MNR-2023: 国土空间调查、规划、用途管制用地用海分类指南 (2023). GBT21010-2017: GB/T 21010-2017 土地利用现状分类.
The same digits mean different uses in the two (05 is wetland in one, commerce in the other): bare codes are never
compared.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

MNR = "MNR-2023"
GBT = "GBT21010-2017"
SYSTEMS = (MNR, GBT)

CODES_FILE = Path(__file__).parent / "standards" / "landuse_codes.csv"
GBT_FILE = Path(__file__).parent / "standards" / "landuse_gbt21010_2017.csv"
FLAGS_FILE = Path(__file__).parent / "rules" / "use_flags.toml"
TABLES = (CODES_FILE, GBT_FILE, FLAGS_FILE)  # whatever shapes the answers below

FlagValue = bool | str | None  # None is unknown

# A flag whose own value already leaves it open keeps that value where a finer code would decide.
OPEN_VALUES = frozenset({"check", "part", "depends"})


@dataclass(frozen=True, slots=True)
class Use:
    """A land-use code with its system. The same digits mean different uses in different systems."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a code table. `mnr_codes`: what it is in MNR-2023 (itself there; several where it is partial)."""

    system: str
    code: str
    level: int
    name: str
    name_en: str
    mnr_codes: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flag:
    """Values of a flag by code prefix; `default` for a code that no prefix fits."""

    prefixes: Mapping[str, FlagValue]
    default: FlagValue

    def of(self, code: str) -> FlagValue:
        fitting = max((p for p in self.prefixes if code.startswith(p)), key=len, default=None)
        value = self.default if fitting is None else self.prefixes[fitting]
        finer = {v for p, v in self.prefixes.items() if p != code and p.startswith(code)}
        if finer - {value} and value not in OPEN_VALUES:
            return None
        return value


@lru_cache(maxsize=1)
def codes() -> Mapping[Use, Code]:
    """Every code of both systems, in the order of the tables."""
    found: dict[Use, Code] = {}
    for row in _rows(CODES_FILE):
        found[Use(MNR, row["code"])] = _code(row, (row["code"],))
    for row in _rows(GBT_FILE):
        found[Use(GBT, row["code"])] = _code(row, tuple(row["mnr2023_codes"].split(";")))
    return MappingProxyType(found)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _code(row: dict[str, str], mnr_codes: tuple[str, ...]) -> Code:
    return Code(
        system=row["code_system"],
        code=row["code"],
        level=int(row["level"]),
        name=row["name_zh"],
        name_en=row["name_en"],
        mnr_codes=mnr_codes,
        columns=MappingProxyType(row),
    )


@lru_cache(maxsize=1)
def flag_table() -> Mapping[str, Flag]:
    """The flags of use_flags.toml."""
    found: dict[str, Flag] = {}
    for name, spec in _flags_file()["flags"].items():
        if "values" in spec:
            prefixes = {p: value for value, listed in spec["values"].items() for p in listed}
            found[name] = Flag(prefixes, spec["else"])
        else:
            meaning = {"true": True, "false": False, "unknown": None}
            found[name] = Flag({p: meaning[word] for word, listed in spec.items() for p in listed}, False)
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def column_values() -> Mapping[str, tuple[str, ...]]:
    """Columns of the MNR-2023 table that are read as flags, with their values."""
    return MappingProxyType({name: tuple(values) for name, values in _flags_file()["columns"].items()})


def _flags_file() -> dict:
    return tomllib.loads(FLAGS_FILE.read_text(encoding="utf-8"))


def flag_choices() -> Mapping[str, tuple[str, ...] | None]:
    """Every flag with its values; None for yes or no."""
    found: dict[str, tuple[str, ...] | None] = {}
    for name, flag in flag_table().items():
        texts = {v for v in (*flag.prefixes.values(), flag.default) if isinstance(v, str)}
        found[name] = tuple(sorted(texts)) or None
    return MappingProxyType({**found, **column_values()})


@lru_cache(maxsize=1024)
def flags(use: Use) -> Mapping[str, FlagValue]:
    """Every flag of a use. Unknown (None) where the code is not in the table, is too coarse, or maps to several
    MNR-2023 codes that differ."""
    code = codes().get(use)
    if code is None:
        return MappingProxyType(dict.fromkeys(flag_choices()))
    each = [_flags_of_mnr(mnr) for mnr in code.mnr_codes]
    return MappingProxyType({n: v if all(one[n] == v for one in each) else None for n, v in each[0].items()})


def _flags_of_mnr(code: str) -> dict[str, FlagValue]:
    columns = codes()[Use(MNR, code)].columns
    found: dict[str, FlagValue] = {name: flag.of(code) for name, flag in flag_table().items()}
    found.update((name, columns[name]) for name in column_values())
    return found


def same_use(one: Use, other: Use) -> bool | None:
    """Whether two uses are the same at level 2 with the same duties; None where that cannot be told."""
    if one == other and one in codes() and len(one.code) > 2:
        return True
    answers = {_same_mnr(a, b) for a in _mnr(one) for b in _mnr(other)}
    return answers.pop() if len(answers) == 1 else None


def is_precise(use: Use) -> bool:
    """One MNR-2023 code of level 2 or finer."""
    mapped = _mnr(use)
    return len(mapped) == 1 and len(mapped[0]) > 2


def _mnr(use: Use) -> tuple[str, ...]:
    return codes()[use].mnr_codes if use in codes() else ()


def _same_mnr(one: str, other: str) -> bool | None:
    if min(len(one), len(other)) <= 2 and (one.startswith(other) or other.startswith(one)):
        return None
    if one[:4] != other[:4]:
        return False
    a, b = _flags_of_mnr(one), _flags_of_mnr(other)
    return all(a[name] == b[name] for name in ("yizhuliangong", "sensitive", "gb36600_class"))


def search(text: str, limit: int = 20) -> list[Code]:
    """Codes whose digits begin with the text, or whose name holds it: in Chinese, English, pinyin or its initials."""
    asked = text.strip().lower()
    hits = [
        c
        for c in codes().values()
        if c.code.startswith(asked) or any(asked in spelled for spelled in _spellings(c.name, c.name_en))
    ]
    return sorted(hits, key=lambda c: (c.code != asked, SYSTEMS.index(c.system)))[:limit]


@lru_cache(maxsize=2048)
def _spellings(name: str, name_en: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin  # reads its dictionary, which takes longer than most commands

    return name, name_en.lower(), "".join(lazy_pinyin(name)), "".join(lazy_pinyin(name, Style.FIRST_LETTER))
