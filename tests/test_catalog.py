"""The built-in catalog against the table of the domain digest (§6): layers, fields, counties, symbols."""

import re

import pytest

from spatial.catalog import Catalog, LayerNotFound, load

# layer, role (R restriction, E evidence, C context, Q request, D derived), geometry, refresh in months, who reads
LAYERS = """
suspected_plot                          R   MultiPolygon                   6  staff
contaminated_plot                       R   MultiPolygon                   6  public
risk_register_plot                      R   MultiPolygon                   6  public
released_plot                           RD  MultiPolygon                   6  public
post_management_area                    RD  MultiPolygon                   6  public
plot_under_control_or_remediation       RD  MultiPolygon                   6  public
attention_plot                          R   MultiPolygon+Point            60  staff
high_risk_site                          R   MultiPolygon+Point            60  staff
closed_permit_enterprise                R   MultiPolygon+Point             6  staff
any_plot_with_legal_investigation_duty  RD  MultiPolygon+Point             6  staff
source_without_polygon                  RD  Point                          6  staff
key_supervised_unit_land                R   MultiPolygon                  12  public
investigation_report                    E   MultiPolygon                   6  staff
detailed_plan_unit                      R   MultiPolygon                  12  staff
annual_supply_plan_parcel               R   MultiPolygon                  12  staff
sensitive_receptor                      R   MultiPolygon+Point            12  public
existing_polluting_project              R   MultiPolygon+Point            12  staff
permanent_basic_farmland                R   MultiPolygon                  12  staff-clerk
permanent_basic_farmland_cluster        R   MultiPolygon                  12  staff-clerk
farmland_class                          R   MultiPolygon                  12  staff-clerk
industrial_mining_toxic_land            R   MultiPolygon                  60  staff
reclamation_or_unused_land              R   MultiPolygon                  12  staff
drinking_water_zone                     R   MultiPolygon                  12  public
groundwater_recharge_zone               R   MultiPolygon                  24  staff
riverbank_source_reach                  R   MultiLineString               24  staff
groundwater_key_prevention_area         R   MultiPolygon                  24  staff
karst_or_spring_area                    R   MultiPolygon                  60  public
groundwater_source_facility             R   MultiPolygon+Point            12  staff
high_permeability_or_shallow_water_area R   MultiPolygon                  60  staff
eco_control_unit                        R   MultiPolygon                  60  public
eco_redline                             R   MultiPolygon                  60  staff-clerk
livestock_prohibited_zone               R   MultiPolygon                  24  public
livestock_restricted_zone               R   MultiPolygon                  24  public
aquaculture_prohibited_zone             R   MultiPolygon+MultiLineString  24  public
mining_concentration_area               R   MultiPolygon                  60  public
xpcc_territory                          R   MultiPolygon                  12  staff
asked_parcel                            Q   MultiPolygon                   -  staff
parcel                                  C   MultiPolygon                  12  staff
urban_growth_boundary                   C   MultiPolygon                  60  staff-clerk
land_use_status                         C   MultiPolygon                  12  staff-clerk
planned_land_use                        C   MultiPolygon                  12  staff
land_use_change_parcel                  C   MultiPolygon                   3  staff
monitoring_point                        C   Point                         12  inspectors
well                                    C   Point                         12  inspectors
drinking_water_source                   C   Point                         12  inspectors
priority_control_plot                   C   MultiPolygon                  12  staff
waste_site                              C   MultiPolygon+Point            12  staff
outfall                                 C   Point                         12  staff
livestock_farm                          C   MultiPolygon+Point            12  staff
sewage_irrigated_area                   C   MultiPolygon                  60  staff
black_odorous_water                     C   MultiPolygon+MultiLineString  12  public
environmental_facility                  C   MultiPolygon+Point            12  public
observation_site                        C   Point                         60  staff
complaint_point                         C   Point                          1  inspectors
imagery                                 C   raster                        12  staff
park                                    C   MultiPolygon                  12  public
admin_county                            C   MultiPolygon                  12  public
"""

CHOICES = """
suspected_plot.status = suspected/preliminary_investigation/excluded
contaminated_plot.status = confirmed/detailed_investigation/risk_assessment/closed
contaminated_plot.risk_grade = high/medium/low
contaminated_plot.contamination_degree = light/moderate/heavy
contaminated_plot.development_plan = none/planned/under_development
risk_register_plot.register_status = listed/removed
risk_register_plot.stage = listed/risk_control/remediation/effect_evaluation/removal_review/closed
risk_register_plot.assumed_gb_class = 1/2
attention_plot.attention_level = high/medium/low
closed_permit_enterprise.permit_status = cancelled/revoked/expired/valid
key_supervised_unit_land.unit_type = soil/groundwater/both
investigation_report.report_type = preliminary/detailed/risk_assessment/effect_evaluation
investigation_report.conclusion = not_exceeding/exceeding/risk_acceptable/risk_unacceptable/targets_met/targets_missed
investigation_report.assumed_gb_class = 1/2
sensitive_receptor.receptor = residential/school/hospital/sanatorium/elderly_home
farmland_class.class = priority_protection/safe_use/strict_control
industrial_mining_toxic_land.toxic_history = production/use/storage/recycling/disposal/none
reclamation_or_unused_land.origin = unused/reclamation
drinking_water_zone.zone = I/II/quasi
drinking_water_zone.source_type = groundwater/riverbank/surface
karst_or_spring_area.type = spring/karst
groundwater_source_facility.type = chemical_producer/tailings_pond/hazardous_waste_site/landfill/industrial_cluster/mining_area
high_permeability_or_shallow_water_area.reason = permeable/shallow/outcrop
eco_control_unit.unit_class = priority/key/general
eco_control_unit.element = construction_land_risk/farmland_risk/water/air/resource/other
eco_redline.control_area = core/general/outside_reserve
monitoring_point.kind = farmland/construction/village/enterprise
well.ring = region/park/enterprise
well.class = I/II/III/IV/V
waste_site.type = landfill/industrial/hazardous/medical/informal
"""  # noqa: E501

STAFF = {"clerk", "planner", "inspector", "steward", "auditor", "administrator"}
READERS = {
    "public": {"public"},
    "staff": STAFF,
    "staff-clerk": STAFF - {"clerk"},
    "inspectors": {"inspector", "steward", "auditor", "administrator"},
}
ROLES = {"R": "restriction", "E": "evidence", "C": "context", "Q": "request"}
KINDS = {"Q": "request", "RD": "derived"}

REGISTERS = {
    "suspected_plot",
    "contaminated_plot",
    "risk_register_plot",
    "attention_plot",
    "high_risk_site",
    "closed_permit_enterprise",
    "key_supervised_unit_land",
    "priority_control_plot",
}


@pytest.fixture(scope="module")
def known() -> Catalog:
    return load(None)


def table() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in LAYERS.strip().splitlines()}


def test_the_catalog_holds_the_57_layers_of_the_domain_and_no_other(known: Catalog) -> None:
    assert set(known.layers) == set(table())
    assert len(known.layers) == 57


@pytest.mark.parametrize("layer_id", table())
def test_a_layer_is_what_the_domain_says(known: Catalog, layer_id: str) -> None:
    role, geometry, months, readers = table()[layer_id]
    layer = known.layer(layer_id)
    assert layer.role == ROLES[role[0]]
    assert layer.kind == KINDS.get(role, "stored")
    assert layer.geometry == tuple(geometry.split("+"))
    assert layer.refresh_months == (None if months == "-" else int(months))
    assert layer.read == READERS[readers]
    assert layer.edit == {"steward", "administrator"}


@pytest.mark.parametrize("line", CHOICES.strip().splitlines())
def test_choices_are_those_of_the_domain_and_each_has_a_chinese_name(known: Catalog, line: str) -> None:
    where, values = line.split(" = ")
    layer_id, field_id = where.split(".")
    choices = known.layer(layer_id).fields[field_id].choices
    assert list(choices) == values.split("/")
    assert all(re.search(r"[一-鿿]", label) for label in choices.values())


def test_columns_are_found_by_their_usual_names(known: Catalog) -> None:
    fields = known.layer("suspected_plot").fields
    assert fields["code"].source == ("地块编码", "DKBM", "地块代码")
    assert fields["industry"].source == ("行业类别", "HYLB", "行业")
    assert known.layer("parcel").fields["parcel_no"].source == ("宗地代码", "ZDDM", "宗地号")


def test_the_number_of_fields_is_that_of_the_domain(known: Catalog) -> None:
    count = {
        layer_id: len(known.layer(layer_id).fields)
        for layer_id in (
            "suspected_plot",
            "contaminated_plot",
            "risk_register_plot",
            "attention_plot",
            "investigation_report",
            "eco_control_unit",
            "asked_parcel",
        )
    }
    assert count == {
        "suspected_plot": 14,
        "contaminated_plot": 17,
        "risk_register_plot": 15,
        "attention_plot": 12,
        "investigation_report": 9,
        "eco_control_unit": 5,
        "asked_parcel": 0,
    }


def test_measured_ratios_are_for_staff_alone_even_where_the_layer_is_public(known: Catalog) -> None:
    contaminated = known.layer("contaminated_plot")
    restricted = {name for name, field in contaminated.fields.items() if field.read is not None}
    assert restricted == {f"max_ratio_{kind}_class{n}" for kind in ("screening", "control") for n in (1, 2)}
    assert all(contaminated.fields[name].read == STAFF for name in restricted)
    assert not restricted & set(contaminated.tile.fields)


def test_no_field_that_not_everyone_may_read_is_in_a_tile(known: Catalog) -> None:
    for layer in known.layers.values():
        for name in (*layer.tile.fields, *filter(None, [layer.tile.label])):
            assert layer.fields[name].read is None, (layer.id, name)


def test_the_things_with_a_life_take_entries_without_boundary(known: Catalog) -> None:
    assert {layer.id for layer in known.layers.values() if layer.register} == REGISTERS
    sources = {selection.layer for selection in known.layer("source_without_polygon").selection}
    assert sources == REGISTERS - {"priority_control_plot"}


def test_a_plot_removed_from_the_register_stays_a_feature_because_released_plot_selects_it(
    known: Catalog,
) -> None:
    register = known.layer("risk_register_plot")
    assert (register.valid_from, register.valid_to) == ("entry_date", None)
    (selection,) = known.layer("released_plot").selection
    assert (selection.layer, dict(selection.where)) == (
        "risk_register_plot",
        {"register_status": {"eq": "removed"}},
    )


def test_derived_layers_select_from_the_lists_of_the_domain(known: Catalog) -> None:
    duty = known.layer("any_plot_with_legal_investigation_duty")
    assert [selection.layer for selection in duty.selection] == [
        "suspected_plot",
        "contaminated_plot",
        "high_risk_site",
        "attention_plot",
        "closed_permit_enterprise",
        "risk_register_plot",
    ]
    assert len(known.stored()) == 51
    assert len(known.restrictions()) == 35


def test_what_identifies_a_feature_across_deliveries_is_named(known: Catalog) -> None:
    keys = {layer.id: layer.key for layer in known.layers.values() if layer.key}
    assert keys["closed_permit_enterprise"] == "permit_no"
    assert keys["permanent_basic_farmland"] == "block_no"
    assert keys["investigation_report"] == "report_no"
    # A land-use code says what the ground is, not which ground it is.
    assert "land_use_status" not in keys
    assert "planned_land_use" not in keys


def test_the_region_is_changji_with_its_seven_counties_and_three_zones(known: Catalog) -> None:
    assert known.region.code == "652300"
    assert known.region.extent == (85.0, 42.5, 92.0, 46.0)
    assert known.region.zones == (29, 30, 31)
    zones = {code: county.zones for code, county in known.counties.items()}
    assert zones == {
        "652301": (29,),
        "652302": (29, 30),
        "652323": (29,),
        "652324": (29,),
        "652325": (30,),
        "652327": (30,),
        "652328": (30, 31),
    }


def test_abolished_and_neighbouring_codes_are_known(known: Catalog) -> None:
    assert known.counties["652301"].former_codes == ("652321",)
    assert known.counties["652302"].former_codes == ("652326",)
    assert "650109" in known.region.elsewhere["652303"]
    assert "兵团" in known.region.elsewhere["659004"]


def test_an_unknown_layer_is_named_in_the_error(known: Catalog) -> None:
    with pytest.raises(LayerNotFound, match="no_such_layer"):
        known.layer("no_such_layer")


# ---- symbols


def test_every_class_is_a_choice_of_its_field_and_what_is_unknown_is_drawn_too(known: Catalog) -> None:
    classified = [layer for layer in known.layers.values() if layer.style.by]
    assert len(classified) == 13
    for layer in classified:
        values = {one.value for one in layer.style.classes}
        choices = set(layer.fields[layer.style.by or ""].choices)
        assert None in values, layer.id
        assert not choices or values - {None} <= choices, layer.id


def test_every_layer_has_a_symbol_that_shows(known: Catalog) -> None:
    for layer in known.layers.values():
        assert layer.style.classes, layer.id
        for one in layer.style.classes:
            assert one.fill or one.line or one.mark or layer.geometry == ("raster",), (layer.id, one.value)
            if "Point" in layer.geometry or layer.register:
                assert one.mark, (layer.id, one.value)


def test_no_layer_draws_the_stripes_that_mean_missing_data(known: Catalog) -> None:
    assert "stripe-45" in known.symbols.patterns
    used = {one.pattern.id for layer in known.layers.values() for one in layer.style.classes if one.pattern}
    assert used == set(known.symbols.patterns) - {"stripe-45"}


def test_contamination_rises_in_one_ladder(known: Catalog) -> None:
    """symbology.md: fill and line grow with certainty, from suspected over contaminated to the register."""
    suspected, contaminated, register = (
        next(one for one in known.layer(layer_id).style.classes if one.value is None)
        for layer_id in ("suspected_plot", "contaminated_plot", "risk_register_plot")
    )
    assert [one.order for one in (suspected, contaminated, register)] == [640, 650, 660]
    assert [one.line and one.line.width for one in (suspected, contaminated, register)] == [1.75, 2, 2.75]
    assert [one.pattern and one.pattern.id for one in (suspected, contaminated, register)] == [
        "dot-sparse",
        "cross-45",
        "cross-heavy",
    ]


def test_what_left_a_list_is_not_drawn_as_if_it_stood_there(known: Catalog) -> None:
    for layer_id, value in (
        ("suspected_plot", "excluded"),
        ("contaminated_plot", "closed"),
        ("risk_register_plot", "removed"),
    ):
        (left,) = (one for one in known.layer(layer_id).style.classes if one.value == value)
        assert left.fill is None
        assert left.pattern is None


def test_planning_classes_are_the_18_first_level_codes_and_what_has_no_known_code_system(
    known: Catalog,
) -> None:
    for layer_id in ("planned_land_use", "land_use_status"):
        style = known.layer(layer_id).style
        values = [one.value for one in style.classes]
        assert values == [f"{n:02}" for n in range(1, 18)] + ["23", None]
        assert style.prefix == 2
        assert dict(style.where) == {"code_system": "MNR-2023"}
