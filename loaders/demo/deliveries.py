"""Which layer is delivered how: format, counties, day; what is confirmed empty, and the gaps that are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from loaders.demo.files import WRITERS, Written, boundary_txt
from loaders.demo.prefecture import Prefecture
from loaders.demo.row import Row
from spatial.catalog import Catalog, Layer

FIRST = "admin_county"
"""It goes live before the others are read: they are told their county by its outlines."""

FORMATS: Mapping[str, str] = {
    "admin_county": "geojson", "park": "gpkg", "xpcc_territory": "gpkg",
    "suspected_plot": "shp", "contaminated_plot": "gpkg", "high_risk_site": "geojson", "risk_register_plot": "geojson",
    "attention_plot": "gpkg", "priority_control_plot": "txt", "key_supervised_unit_land": "shp",
    "closed_permit_enterprise": "geojson", "investigation_report": "gpkg", "industrial_mining_toxic_land": "shp",
    "eco_redline": "shp", "eco_control_unit": "geojson", "urban_growth_boundary": "shp",
    "permanent_basic_farmland": "shp", "permanent_basic_farmland_cluster": "gpkg", "farmland_class": "shp",
    "reclamation_or_unused_land": "shp", "sewage_irrigated_area": "shp",
    "drinking_water_zone": "shp", "groundwater_recharge_zone": "gpkg", "riverbank_source_reach": "shp",
    "groundwater_key_prevention_area": "geojson", "karst_or_spring_area": "gpkg",
    "high_permeability_or_shallow_water_area": "shp", "aquaculture_prohibited_zone": "geojson",
    "black_odorous_water": "geojson", "livestock_prohibited_zone": "shp", "livestock_restricted_zone": "gpkg",
    "mining_concentration_area": "geojson", "detailed_plan_unit": "shp", "planned_land_use": "gpkg",
    "land_use_status": "gpkg", "parcel": "shp by county", "annual_supply_plan_parcel": "shp by county",
    "land_use_change_parcel": "shp", "sensitive_receptor": "gpkg", "existing_polluting_project": "geojson",
    "groundwater_source_facility": "geojson", "waste_site": "geojson", "environmental_facility": "gpkg",
    "livestock_farm": "geojson", "monitoring_point": "xlsx", "well": "csv", "drinking_water_source": "xlsx",
    "outfall": "csv", "observation_site": "xlsx", "complaint_point": "csv",
}  # fmt: skip
# Entries that are only a point or a name come on a sheet of their own beside the polygons.
ENTRIES: Mapping[str, str] = {"suspected_plot": "xlsx", "contaminated_plot": "csv", "attention_plot": "xlsx"}

NEVER_LOADED = (("groundwater_recharge_zone", "652328"),)
"""Left out on purpose, so that the page can show a layer that never came."""
OUTDATED = (("drinking_water_zone", "652327"),)
"""Delivered with a day past its refresh time, on purpose."""

# Layers that a county does not have, said by a named person: the others' deliveries speak for their own counties.
CONFIRMED_EMPTY: Mapping[str, tuple[str, ...]] = {
    "karst_or_spring_area": ("652301", "652323", "652324", "652325", "652327"),
    "xpcc_territory": ("652327", "652328"),
    "imagery": ("652301", "652302", "652323", "652324", "652325", "652327", "652328"),
}
PERSON = "示例确认人（净土示例）"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one load takes: `county` is the code for which the files are whole."""

    layer: str
    files: Written
    county: str
    data_date: date
    rows: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a county has nothing in a layer, and who says so."""

    layer: str
    county: str
    person: str


def write(prefecture: Prefecture, catalog: Catalog, folder: Path, today: date) -> Iterator[Delivery]:
    """Write the files of one delivery after the other under `folder`, the counties first."""
    layers = sorted(prefecture.rows, key=lambda layer: layer != FIRST)
    for name in layers:
        layer, rows = catalog.layer(name), prefecture.rows[name]
        late = [county for of, county in OUTDATED if of == name]
        never = [county for of, county in NEVER_LOADED if of == name]
        known = [row for row in rows if row.county not in never]
        by_county = bool(late or never or name in CONFIRMED_EMPTY)
        counties = sorted({str(row.county) for row in known}) if by_county else [catalog.region.code]
        parts = [(code, [row for row in known if not by_county or row.county == code]) for code in counties]
        for number, (county, part) in enumerate(parts):
            place = folder / f"{name}-{number}"
            place.mkdir(parents=True)
            day = _long_ago(today) if county in late else today
            yield Delivery(name, _written(layer, part, place, today), county, day, len(part))


def confirmations() -> tuple[Confirmation, ...]:
    return tuple(
        Confirmation(layer, county, PERSON)
        for layer, counties in CONFIRMED_EMPTY.items()
        for county in counties
    )


def _long_ago(today: date) -> date:
    """The first of the month two years before: past every refresh time of a year."""
    return date(today.year - 2, today.month, 1)


def _written(layer: Layer, rows: Sequence[Row], folder: Path, today: date) -> Written:
    if FORMATS[layer.id] == "txt":
        return boundary_txt(layer, rows, folder, today)
    write_shapes = WRITERS[FORMATS[layer.id]]
    if layer.id not in ENTRIES:
        return write_shapes(layer, rows, folder)
    entries = [row for row in rows if row.shape is None or row.shape.geom_type == "Point"]
    shapes = [row for row in rows if row not in entries]
    return (*write_shapes(layer, shapes, folder), *WRITERS[ENTRIES[layer.id]](layer, entries, folder))
