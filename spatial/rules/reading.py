"""Read the rule files of a folder, one per group. Whatever the grammar does not know is refused."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spatial import landuse
from spatial.catalog import Catalog, Layer
from spatial.rules.book import ANY_LAYER, Basis, Rule, RuleBook, RuleError
from spatial.rules.conditions import Name, names_in
from spatial.rules.derived import COMPUTED, FACTS_READ
from spatial.rules.parcel_facts import missing_name
from spatial.rules.place import Place
from spatial.rules.predicates import OVER_ANY_LAYER, PREDICATES, WITH_DISTANCE
from spatial.rules.terms import KINDS, USE_CHANGES, Terms, day, field_names, read_terms

TERMS_FILE = "terms.toml"
FLAGS_FILE = "use_flags.toml"
CONFIDENCES = ("high", "medium", "low")
NEEDED = frozenset(
    {"id", "title", "layer", "predicate", "verdict", "reason", "reason_en", "basis", "confidence"}
)
OPTIONAL = frozenset({"where", "when", "parameters", "override", "seed", "note", "fallback", "neutral"})
ACTIONS = frozenset({"actions", "actions_except"})
BASIS_KEYS = frozenset({"text", "article", "support", "kind", "valid_from", "valid_to"})
OVERRIDE_KEYS = frozenset({"kind", "article", "document"})


def load(folder: Path, catalog: Catalog) -> RuleBook:
    """Every rule of the folder. Raises RuleError naming file and rule."""
    files = {file: _toml(file) for file in sorted(folder.glob("*.toml")) if file.name != FLAGS_FILE}
    terms_file = folder / TERMS_FILE
    if terms_file not in files:
        raise RuleError(f"{terms_file}：没有这个文件")
    terms = read_terms(files[terms_file], catalog, Place(terms_file))
    groups: dict[str, str] = {}
    rules: dict[str, Rule] = {}
    for file, table in files.items():
        if file == terms_file:
            continue
        place = Place(file)
        place.keys(table, ("title", "rule"), ("title", "rule"))
        groups[file.stem] = place.text("title", table["title"])
        for spec in table["rule"]:
            rule = _rule(spec, file, catalog, terms)
            if rule.id in rules:
                Place(file, rule.id).fail(f"编号重复，{rules[rule.id].group}.toml 里已有")
            rules[rule.id] = rule
    _require_distances(catalog.distances, rules.values(), terms)
    return RuleBook(
        rules=tuple(rules.values()),
        groups=MappingProxyType(groups),
        texts=MappingProxyType(dict(terms.texts)),
        parameters=MappingProxyType(dict(terms.parameters)),
        parcel_facts=MappingProxyType(dict(terms.parcel_facts)),
        verdict_order=terms.verdict_order,
        verdict_terms=MappingProxyType(dict(terms.verdict_terms)),
        action_terms=MappingProxyType(dict(terms.action_terms)),
        project_flags=MappingProxyType(dict(terms.project_flags)),
        override_kinds=MappingProxyType(dict(terms.override_kinds)),
        sources=MappingProxyType({rule.layer: _sources(rule.layer, catalog) for rule in rules.values()}),
        evidence=MappingProxyType({rule.id: _evidence(rule, terms) for rule in rules.values()}),
        gap_layers=frozenset(one.id for one in catalog.stored() if one.role in ("restriction", "evidence")),
        digest=_digest([*files.values(), dict(catalog.distances)]),
    )


def _require_distances(own: Mapping[str, float], rules: Iterable[Rule], terms: Terms) -> None:
    """A region sets default distances of its own and nothing else: what a law or standard says is not its to change."""
    may = {
        rule.parameters[0]
        for rule in rules
        if rule.distance_kind == "default" and rule.distance_m is not None
    }
    for name in own:
        if name not in may:
            raise RuleError(
                f"distances.toml：{name} 不是可以由本地区设定的距离；可以设定：{'、'.join(sorted(may))}"
            )


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{file}：不是合法的 TOML（UTF-8）：{error}") from error


def _rule(spec: Any, file: Path, catalog: Catalog, terms: Terms) -> Rule:
    place = Place(file, str(spec.get("id", "（没有编号的规则）")))
    place.keys(spec, NEEDED, NEEDED | OPTIONAL | ACTIONS)
    predicate = place.one_of("predicate", spec["predicate"], PREDICATES)
    layer = _layer(spec["layer"], predicate, bool(spec.get("fallback")), catalog, place)
    attributes = field_names(layer) if layer else {}
    actions, actions_except = _actions(spec, terms, place)
    parameters = place.texts("parameters", spec.get("parameters", []))
    for name in parameters:
        place.one_of("parameters", name, terms.parameters)
    if predicate in WITH_DISTANCE and not parameters:
        place.fail(f"{predicate} 需要距离：parameters 的第一个就是它")
    distance = terms.parameters[parameters[0]] if predicate in WITH_DISTANCE else None
    where = place.condition("where", spec.get("where", {}), attributes, terms.numbers)
    when = place.condition("when", spec.get("when", {}), terms.request_names, terms.numbers)
    return Rule(
        id=place.text("id", spec["id"]),
        group=file.stem,
        title=place.text("title", spec["title"]),
        layer=spec["layer"],
        predicate=predicate,
        where=where,
        when=when,
        actions=actions,
        actions_except=actions_except,
        verdict=place.one_of("verdict", spec["verdict"], terms.verdict_order[:-1]),
        reason=place.text("reason", spec["reason"]),
        reason_en=place.text("reason_en", spec["reason_en"]),
        basis=_basis(spec["basis"], terms, place),
        override=_override(spec.get("override"), terms, place),
        parameters=parameters,
        distance_m=distance.value if distance else None,
        distance_kind=distance.kind if distance else None,
        seed=place.texts("seed", spec.get("seed", [])),
        confidence=place.one_of("confidence", spec["confidence"], CONFIDENCES),
        note=spec.get("note"),
        needs=_needs(spec["layer"], where, when, actions or actions_except, terms),
        fallback=bool(spec.get("fallback")),
        neutral=_neutral(spec, catalog, terms, place),
    )


def _layer(layer_id: Any, predicate: str, fallback: bool, catalog: Catalog, place: Place) -> Layer | None:
    """The rule's layer, None for any; relation and layer have to fit."""
    if layer_id == ANY_LAYER:
        if not (predicate in OVER_ANY_LAYER or (fallback and predicate == "intersects")):
            place.fail('layer = "any" 只能与 coverage、sliver 或兜底规则（fallback，intersects）同用')
        return None
    if layer_id not in catalog.layers:
        place.fail(f"没有图层 {layer_id!r}")
    layer = catalog.layer(layer_id)
    if predicate in OVER_ANY_LAYER or fallback:
        place.fail('coverage、sliver 和兜底规则只能写 layer = "any"')
    if (predicate == "self") != (layer.kind == "request"):
        place.fail("self 只能用于所问地块（asked_parcel），所问地块也只能用 self")
    for selection in layer.selection:
        source = catalog.layer(selection.layer)
        place.condition(f"图层 {layer.id} 的 selection", selection.where, field_names(source), {})
        unknown = set(layer.fields) - set(COMPUTED.get(layer.id, {})) - set(source.fields)
        if unknown and layer.kind == "derived":
            place.fail(
                f"图层 {layer.id} 的字段 {'、'.join(sorted(unknown))} 在 {source.id} 里没有，也没有算法"
            )
    return layer


def _actions(
    spec: Mapping[str, Any], terms: Terms, place: Place
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    if len(ACTIONS & set(spec)) != 1:
        place.fail("actions 和 actions_except 要写一个，且只写一个")
    if spec.get("actions") == "all":
        return None, None
    key = "actions" if "actions" in spec else "actions_except"
    listed = place.texts(key, spec[key])
    for action in listed:
        place.one_of(key, action, terms.action_terms)
    if not listed:
        place.fail(f'{key} 不能为空；全部事项写 actions = "all"')
    return (listed, None) if key == "actions" else (None, listed)


def _basis(specs: Any, terms: Terms, place: Place) -> tuple[Basis, ...]:
    found = []
    for spec in specs:
        place.keys(spec, ("text",), BASIS_KEYS)
        text = terms.texts[place.one_of("basis", spec["text"], terms.texts)]
        found.append(
            Basis(
                text=text.name,
                article=spec.get("article"),
                kind=place.one_of("kind", spec.get("kind", text.kind), KINDS),
                valid_from=day(spec, "valid_from", place) or text.valid_from,
                valid_to=day(spec, "valid_to", place) or text.valid_to,
                indirect=place.one_of("support", spec.get("support", "direct"), ("direct", "indirect"))
                == "indirect",
            )
        )
    if all(basis.indirect for basis in found):
        place.fail("basis 里至少要有一个不是 indirect 的依据，否则规则永远不生效")
    return tuple(found)


def _override(spec: Any, terms: Terms, place: Place) -> Mapping[str, str] | None:
    if spec is None:
        return None
    place.keys(spec, ("kind", "document"), OVERRIDE_KEYS)
    place.one_of("override.kind", spec["kind"], terms.override_kinds)
    return MappingProxyType(dict(spec))


def _neutral(spec: Mapping[str, Any], catalog: Catalog, terms: Terms, place: Place) -> Mapping[str, Any]:
    found = spec.get("neutral", {})
    if found and not spec.get("fallback"):
        place.fail("neutral 只用于兜底规则（fallback）")
    for layer_id, condition in found.items():
        if layer_id not in catalog.layers:
            place.fail(f"neutral：没有图层 {layer_id!r}")
        names: dict[str, Name] = {**field_names(catalog.layer(layer_id)), **terms.request_names}
        place.condition(f"neutral.{layer_id}", condition, names, terms.numbers)
    return MappingProxyType(dict(found))


def _needs(
    layer: str, where: Any, when: Any, actions: tuple[str, ...] | None, terms: Terms
) -> tuple[str, ...]:
    """The inputs that the conditions read, under the names that `missing` uses."""
    called = missing_name(layer)
    found = ["action"] if actions else []
    found += [called(name) for name in names_in(where)]
    for name in names_in(when):
        fact = terms.parcel_facts.get(name.removeprefix("parcel."))
        if name == USE_CHANGES:
            found += ["proposed_use", "current_use"]
        elif fact is not None:
            found += [*(called(inner) for inner in names_in(fact.where) if "." in inner), fact.layer]
        else:
            found.append(called(name))
    return tuple(dict.fromkeys(found))


def _sources(layer_id: str, catalog: Catalog) -> tuple[str, ...]:
    if layer_id == ANY_LAYER:
        return tuple(one.id for one in catalog.stored() if one.role == "restriction")
    layer = catalog.layer(layer_id)
    if layer.kind == "request":
        return ()
    return tuple(dict.fromkeys(s.layer for s in layer.selection)) if layer.selection else (layer.id,)


def _evidence(rule: Rule, terms: Terms) -> tuple[str, ...]:
    asked = [*names_in(rule.when), *FACTS_READ.get(rule.layer, ())]
    for condition in rule.neutral.values():
        asked += names_in(condition)
    facts = (terms.parcel_facts.get(name.removeprefix("parcel.")) for name in asked)
    return tuple(dict.fromkeys(fact.layer for fact in facts if fact is not None))


def _digest(tables: list[Any]) -> str:
    """Of the content, the same however the files are written."""
    codes = [file.read_text(encoding="utf-8").splitlines() for file in landuse.TABLES]
    text = json.dumps([tables, codes], ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
