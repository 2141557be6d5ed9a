"""All rows of the demo, layer by layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from loaders.demo import farmland, lists, planning, points, survey, towns, water, zones
from loaders.demo.row import Row

# Layer → what invents its rows. Layers of the catalog that are not here are confirmed empty or never come.
MAKERS: Mapping[str, Callable[..., Iterator[Row]]] = {
    maker.__name__: maker
    for maker in (
        zones.admin_county, zones.xpcc_territory, zones.eco_redline, zones.eco_control_unit,
        zones.livestock_prohibited_zone, zones.livestock_restricted_zone, zones.mining_concentration_area,
        lists.suspected_plot, lists.contaminated_plot, lists.high_risk_site, lists.risk_register_plot,
        survey.attention_plot, survey.key_supervised_unit_land, survey.closed_permit_enterprise,
        survey.priority_control_plot, survey.industrial_mining_toxic_land, lists.investigation_report,
        water.drinking_water_zone, water.drinking_water_source, water.groundwater_recharge_zone,
        water.riverbank_source_reach, water.groundwater_key_prevention_area, water.karst_or_spring_area,
        water.high_permeability_or_shallow_water_area, water.aquaculture_prohibited_zone, water.black_odorous_water,
        farmland.permanent_basic_farmland, farmland.permanent_basic_farmland_cluster, farmland.farmland_class,
        farmland.reclamation_or_unused_land, farmland.sewage_irrigated_area,
        planning.urban_growth_boundary, planning.detailed_plan_unit, planning.planned_land_use,
        planning.land_use_status, planning.sensitive_receptor, planning.annual_supply_plan_parcel,
        planning.land_use_change_parcel, planning.park,
        points.monitoring_point, points.well, points.outfall, points.groundwater_source_facility, points.waste_site,
        points.environmental_facility, points.existing_polluting_project, points.livestock_farm,
        points.observation_site, points.complaint_point, towns.parcel,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prefecture:
    """The rows of every layer of the demo, in the order in which they are delivered."""

    rows: Mapping[str, tuple[Row, ...]]


def make(today: date) -> Prefecture:
    """Invent the prefecture. Shapes never depend on `today`; a few dates lie some days or months before it."""
    return Prefecture({layer: tuple(_call(maker, today)) for layer, maker in MAKERS.items()})


def _call(maker: Callable[..., Iterator[Row]], today: date) -> Iterator[Row]:
    return maker(today) if inspect.signature(maker).parameters else maker()
