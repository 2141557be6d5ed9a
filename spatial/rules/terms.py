"""Read terms.toml: verdict order, actions, parameters, project flags, parcel facts and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from spatial import landuse
from spatial.catalog import Catalog, Layer
from spatial.rules.book import VERDICTS, Parameter, ParcelFact, ProjectFlag, Text
from spatial.rules.conditions import Name
from spatial.rules.place import Place

KEYS = frozenset(
    {
        "verdict_order",
        "verdict_terms",
        "action_terms",
        "parameters",
        "project_flags",
        "override_kinds",
        "parcel_facts",
        "texts",
    }
)
KINDS = ("statute", "standard", "policy", "default")
USE_CHANGES = "parcel.use_changes"


@dataclass(frozen=True, slots=True)
class Terms:
    """What all rules share. `request_names`: every dotted name that a condition may ask."""

    verdict_order: tuple[str, ...]
    verdict_terms: Mapping[str, str]
    action_terms: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    project_flags: Mapping[str, ProjectFlag]
    override_kinds: Mapping[str, str]
    parcel_facts: Mapping[str, ParcelFact]
    texts: Mapping[str, Text]
    request_names: Mapping[str, Name]

    @property
    def numbers(self) -> dict[str, float]:
        return {name: parameter.value for name, parameter in self.parameters.items()}


def read_terms(table: Mapping[str, Any], catalog: Catalog, place: Place) -> Terms:
    """Raises RuleError naming the file and the table."""
    place.keys(table, KEYS, KEYS)
    order = place.texts("verdict_order", table["verdict_order"])
    if sorted(order) != sorted(VERDICTS):
        place.fail(f"verdict_order 应把六个结论各列一次：{'、'.join(VERDICTS)}")
    if set(table["verdict_terms"]) != set(VERDICTS):
        place.fail("verdict_terms 应给六个结论各一个名称")
    own = catalog.distances
    parameters = {
        name: _parameter(name, spec, own.get(name), place) for name, spec in table["parameters"].items()
    }
    flags = {name: _project_flag(name, spec, place) for name, spec in table["project_flags"].items()}
    numbers = {name: parameter.value for name, parameter in parameters.items()}
    facts = {
        name: _parcel_fact(name, spec, catalog, numbers, place)
        for name, spec in table["parcel_facts"].items()
    }
    return Terms(
        verdict_order=order,
        verdict_terms=table["verdict_terms"],
        action_terms=table["action_terms"],
        parameters=parameters,
        project_flags=flags,
        override_kinds=table["override_kinds"],
        parcel_facts=facts,
        texts={name: _text(name, spec, place) for name, spec in table["texts"].items()},
        request_names={
            **use_names(),
            **{f"project.{flag.name}": _flag_name(flag) for flag in flags.values()},
            USE_CHANGES: Name("bool"),
            **{f"parcel.{fact}": Name("share") for fact in facts},
        },
    )


def use_names() -> dict[str, Name]:
    """proposed_use.<flag> and current_use.<flag>."""
    kinds = {
        flag: Name("bool") if choices is None else Name("choice", frozenset(choices))
        for flag, choices in landuse.flag_choices().items()
    }
    return {f"{use}.{flag}": kind for use in ("proposed_use", "current_use") for flag, kind in kinds.items()}


def field_names(layer: Layer) -> dict[str, Name]:
    """The attributes of a layer as a condition may ask them."""
    return {
        field.id: Name(field.type, frozenset(field.choices) if field.type == "choice" else None)
        for field in layer.fields.values()
    }


def _parameter(name: str, spec: Any, of_region: float | None, place: Place) -> Parameter:
    place = Place(place.file, f"parameters.{name}")
    keys = ("title", "value", "unit", "kind", "why")
    place.keys(spec, keys, keys)
    if isinstance(spec["value"], bool) or not isinstance(spec["value"], int | float):
        place.fail(f"value 应为数，现为 {spec['value']!r}")
    return Parameter(
        name=name,
        title=place.text("title", spec["title"]),
        value=float(spec["value"] if of_region is None else of_region),
        unit=spec["unit"],
        kind=place.one_of("kind", spec["kind"], KINDS),
        why=spec["why"],
        of_region=of_region is not None,
    )


def _project_flag(name: str, spec: Any, place: Place) -> ProjectFlag:
    place = Place(place.file, f"project_flags.{name}")
    place.keys(spec, ("title", "type"), ("title", "type", "values", "note"))
    kind = place.one_of("type", spec["type"], ("bool", "choice"))
    if (kind == "choice") != bool(spec.get("values")):
        place.fail("type 为 choice 时应有 values，否则不能有")
    return ProjectFlag(name, spec["title"], kind, spec.get("values", {}), spec.get("note"))


def _flag_name(flag: ProjectFlag) -> Name:
    return Name("choice", frozenset(flag.values)) if flag.type == "choice" else Name("bool")


def _parcel_fact(
    name: str, spec: Any, catalog: Catalog, numbers: Mapping[str, float], place: Place
) -> ParcelFact:
    place = Place(place.file, f"parcel_facts.{name}")
    place.keys(spec, ("layer", "where", "note"), ("layer", "where", "note"))
    if spec["layer"] not in catalog.layers or catalog.layer(spec["layer"]).kind != "stored":
        place.fail(f"没有入库图层 {spec['layer']!r}")
    names = {**field_names(catalog.layer(spec["layer"])), **use_names()}
    return ParcelFact(
        name, spec["layer"], place.condition("where", spec["where"], names, numbers), spec["note"]
    )


def _text(name: str, spec: Any, place: Place) -> Text:
    place = Place(place.file, f"texts.{name}")
    place.keys(spec, ("kind",), ("kind", "valid_from", "valid_to", "note"))
    kind = place.one_of("kind", spec["kind"], KINDS)
    days = day(spec, "valid_from", place), day(spec, "valid_to", place)
    if days[0] and days[1] and days[1] < days[0]:
        place.fail("valid_to 早于 valid_from")
    return Text(name, kind, *days, spec.get("note"))


def day(spec: Mapping[str, Any], key: str, place: Place) -> date | None:
    """A TOML date, or None where there is none."""
    value = spec.get(key)
    if value is not None and type(value) is not date:
        place.fail(f"{key} 应为日期（如 2026-08-15，不加引号），现为 {value!r}")
    return value
