"""The book of rules: which rules and texts count on which day, what they ask of the facts, and what is refused."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from spatial import catalog, rules
from spatial.rules.book import VERDICTS, Rule

BUILT_IN = Path(rules.__file__).parent
OLD_SOIL, OLD_WATER, CODE = "土壤污染防治法", "水污染防治法(2017修正)", "生态环境法典"
LAST_DAY, FIRST_DAY = date(2026, 8, 14), date(2026, 8, 15)


def rule(rule_id: str) -> Rule:
    return next(r for r in rules.current().rules if r.id == rule_id)


def cited(rule_id: str, on: date) -> list[tuple[str, str | None]]:
    return [(c.text, c.article) for c in rule(rule_id).citations(on)]


def test_the_book_holds_84_rules_in_14_groups() -> None:
    book = rules.current()
    assert len(book.rules) == len({r.id for r in book.rules}) == 84
    assert len(book.groups) == 14 == len({r.group for r in book.rules})
    assert all(book.groups.values())


def test_the_soil_law_gives_way_to_the_code_overnight() -> None:
    assert cited("CHG-01", LAST_DAY) == [(OLD_SOIL, "第59条第2、3款")]
    assert cited("CHG-01", FIRST_DAY) == [(CODE, "第454条第2、3款")]


def test_the_water_law_gives_way_to_the_code_overnight() -> None:
    assert cited("WSP-01", LAST_DAY) == [(OLD_WATER, "第65条")]
    assert cited("WSP-01", FIRST_DAY) == [(CODE, "第319条")]


def test_the_nature_reserve_regulation_changes_in_march_2026() -> None:
    policy = ("自然资发〔2022〕142号", None)
    assert cited("RED-01", date(2026, 3, 14)) == [("自然保护区条例(2017修订)", "第27条"), policy]
    assert cited("RED-01", date(2026, 3, 15)) == [("自然保护区条例(2026修订)", "第16、26条"), policy]


def test_no_text_of_the_repealed_laws_is_cited_from_the_day_of_the_code_and_none_of_the_code_before() -> None:
    for one in rules.current().rules:
        after = {c.text for c in one.citations(FIRST_DAY)}
        before = {c.text for c in one.citations(LAST_DAY)}
        assert not after & {OLD_SOIL, OLD_WATER}
        assert CODE not in before


def test_the_switch_to_the_code_brings_no_rule_in_or_out_of_force() -> None:
    book = rules.current()
    assert book.in_force(LAST_DAY) == book.in_force(FIRST_DAY) == book.rules


def test_an_indirect_text_is_cited_but_brings_no_rule_in_force() -> None:
    plan_from = date(2021, 1, 1)
    assert not rule("REG-02").in_force(date(2020, 12, 31))
    assert rule("REG-02").in_force(plan_from)
    assert (OLD_SOIL, "第61条") in cited("REG-02", plan_from)


def test_a_citation_carries_the_kind_of_its_text() -> None:
    kinds = {c.text: c.kind for c in rule("FRM-03").citations(FIRST_DAY)}
    assert kinds == {CODE: "statute", "GB 15618-2018": "standard", "新疆“十三五”环境保护规划": "policy"}
    assert {c.kind for c in rule("DAT-01").citations(FIRST_DAY)} == {"default"}


def test_the_verdicts_are_ordered_worst_first_and_complete() -> None:
    book = rules.current()
    assert book.verdict_order == (
        "prohibit", "needs_investigation", "conditional", "undetermined", "notice", "clear",
    )  # fmt: skip
    assert set(book.verdict_order) == set(VERDICTS) == set(book.verdict_terms)
    assert {r.verdict for r in book.rules} <= set(book.verdict_order) - {"clear"}


@pytest.mark.parametrize(
    ("layer", "reach_m"),
    [
        ("sensitive_receptor", 1000.0),
        ("riverbank_source_reach", 1000.0),
        ("livestock_prohibited_zone", 500.0),
        ("risk_register_plot", 300.0),
        ("suspected_plot", 300.0),
        ("drinking_water_zone", 0.0),
        ("park", 0.0),
    ],
)
def test_reach_is_the_farthest_that_a_rule_looks_selections_included(layer: str, reach_m: float) -> None:
    assert rules.current().reach_m(layer) == reach_m


def test_a_distance_is_the_first_parameter_of_its_rule() -> None:
    assert (rule("LIV-03").distance_m, rule("LIV-03").distance_kind) == (500.0, "standard")
    assert (rule("ADJ-01").distance_m, rule("ADJ-01").distance_kind) == (1.0, "default")
    assert rule("REG-01").distance_m is None


def test_gaps_are_asked_of_every_stored_layer_that_is_judged_or_gives_evidence_and_of_no_other() -> None:
    judged = {layer.id for layer in catalog.current().stored() if layer.role in ("restriction", "evidence")}
    assert rules.current().layers_asked(FIRST_DAY) == judged
    assert {"investigation_report", "risk_register_plot"} <= judged
    assert not {"park", "parcel", "released_plot"} & judged


def test_the_digest_names_the_content_and_not_how_it_is_written(folder: Path) -> None:
    before = rules.load(folder).digest
    file = folder / "other.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# a word more\n", encoding="utf-8")
    assert rules.load(folder).digest == before == rules.current().digest
    edit(folder, "terms.toml", "livestock_buffer_m = { value = 500", "livestock_buffer_m = { value = 600")
    assert rules.load(folder).digest != before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rule files, free to spoil."""
    for file in BUILT_IN.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def settled(folder: Path, text: str) -> rules.RuleBook:
    """The rules of a region that sets these distances."""
    (folder / "distances.toml").write_text(text, encoding="utf-8")
    return rules.load(BUILT_IN, catalog.load(folder))


def test_a_region_sets_its_own_distance_where_no_law_gives_one_and_it_stays_marked(tmp_path: Path) -> None:
    book = settled(tmp_path, "adjacent_notice_m = 350")
    (changed,) = [one for one in book.rules if one.id == "ADJ-02"]
    assert (changed.distance_m, changed.distance_kind) == (350.0, "default")
    assert book.parameters["adjacent_notice_m"].of_region
    assert not book.parameters["key_unit_notice_m"].of_region
    assert book.reach_m("risk_register_plot") >= 350.0 > rules.current().reach_m("risk_register_plot")
    assert book.digest != rules.current().digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("livestock_buffer_m = 100", "livestock_buffer_m 不是可以由本地区设定的距离"),
        ("report_coverage_min = 0.5", "report_coverage_min 不是"),
        ("sliver_area_m2 = 500", "sliver_area_m2 不是"),
        ("adjacent_notice = 100", "可以设定：adjacency_tolerance_m、adjacent_notice_m"),
    ],
)
def test_a_region_sets_no_number_of_a_law_and_no_limit_of_the_judgement(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(rules.RuleError, match=said):
        settled(tmp_path, text)


@pytest.mark.parametrize("value", ["0", "-5", "20000", '"100"', "true"])
def test_a_distance_that_is_none_is_refused_with_file_and_name(tmp_path: Path, value: str) -> None:
    with pytest.raises(catalog.CatalogError, match=r"distances\.toml：adjacent_notice_m"):
        settled(tmp_path, f"adjacent_notice_m = {value}")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("other.toml", 'predicate = "intersects"', 'predicate = "overlaps"', "MIN-01：predicate 不能是 'overlaps'"),
        ("other.toml", '"mining_concentration_area"', '"mining_area"', "MIN-01：没有图层 'mining_area'"),
        ("other.toml", "project.heavy_metal", "project.heavy", "MIN-01：when：没有“project.heavy”这个名称"),
        ("other.toml", 'verdict = "notice"', 'verdict = "clear"', "MIN-01：verdict 不能是 'clear'"),
        ("other.toml", 'verdict = "notice"', 'verdict = "notice"\nurgent = true', "MIN-01：不认识 urgent"),
        ("other.toml", 'confidence = "high"\n', "", "MIN-01：缺少 confidence"),
        ("other.toml", 'actions = "all"', 'actions = ["sale"]', "MIN-01：actions 不能是 'sale'"),
        ("other.toml", 'actions = "all"\n', "", "MIN-01：actions 和 actions_except 要写一个"),
        ("other.toml", 'id = "MIN-01"', 'id = "REG-01"', "REG-01：编号重复"),
        ("groundwater.toml", "type = { in =", "kind = { in =", "GWA-03：where：没有“kind”这个名称"),
        ("groundwater.toml", '"landfill"', '"dump"', "GWA-03：where：type：没有“dump”这个值"),
        ("livestock.toml", 'parameters = ["livestock_buffer_m"]\n', "", "LIV-03：dwithin 需要距离"),
        ("livestock.toml", '["livestock_buffer_m"]', '["buffer_m"]', "LIV-03：parameters 不能是 'buffer_m'"),
        ("data_quality.toml", "fallback = true\n", "", "DAT-05：layer = \"any\" 只能与"),
        ("use_change.toml", 'layer = "asked_parcel"', 'layer = "eco_redline"', "CHG-01：self 只能用于所问地块"),
        ("use_change.toml", '{ lt = "report', '{ le = "report', "CHG-01：when：.*不能用 le"),
        ("redline.toml", '"statutory_approval"', '"goodwill"', "RED-01：override.kind 不能是 'goodwill'"),
        ("redline.toml", 'text = "自然资发〔2022〕142号"', 'text = "自然资发142号"', "RED-01：basis 不能是"),
        ("terms.toml", '"notice", "clear"]', '"clear"]', "verdict_order 应把六个结论各列一次"),
        ("terms.toml", "from = 2026-08-15", 'from = "2026-08-15"', "texts.生态环境法典：valid_from 应为日期"),
        ("terms.toml", "{ reviewed = ", "{ passed = ", "parcel_facts.report_coverage：where"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_name_and_the_rule(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    edit(folder, file, old, new)
    with pytest.raises(rules.RuleError, match=said) as error:
        rules.load(folder)
    assert file in str(error.value)


def test_a_rule_that_rests_on_indirect_texts_alone_is_refused(folder: Path) -> None:
    edit(folder, "groundwater.toml", 'article = "第39条" }', 'article = "第39条", support = "indirect" }')
    edit(folder, "groundwater.toml", 'article = "第285条" }', 'article = "第285条", support = "indirect" }')
    with pytest.raises(rules.RuleError, match="GWA-01：basis 里至少要有一个不是 indirect"):
        rules.load(folder)


def test_the_judgement_runs_without_django() -> None:
    program = (
        "import sys; from datetime import date; from spatial import catalog, rules;"
        "facts = rules.Facts(1.0, (), {}, (), lambda ids: 0.0, lambda layer: []);"
        "request = rules.Request('supply');"
        "print(rules.evaluate(rules.current(), catalog.current(), facts, request, date(2026, 11, 23)).verdict);"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg', 'shapely')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=BUILT_IN.parents[1]
    )
    assert (done.returncode, done.stdout.strip()) == (0, "undetermined"), done.stderr
