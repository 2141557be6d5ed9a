"""Coordinate systems that answers may come in: CRS 84, CGCS2000 and its 3-degree zones here, WGS 84, Web Mercator.

OGC API Features part 2 (OGC 18-058r1): coordinates in the axis order of the registry, so EPSG:4490 and EPSG:4326 have
latitude first and the zones northing first; CRS 84 has longitude first.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.errors import Problem
from spatial import crs
from spatial.catalog import Catalog

OGC = "http://www.opengis.net/def/crs/OGC/1.3/"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate system by its address; `by_registry`: its axes stand as the EPSG registry says."""

    uri: str
    epsg: int
    by_registry: bool = True

    @property
    def north_first(self) -> bool:
        return self.by_registry and crs.north_first(self.epsg)


CRS84 = System(f"{OGC}CRS84", crs.WGS84, by_registry=False)
STORAGE = System(f"{EPSG}{crs.STORAGE}", crs.STORAGE)


def systems(known: Catalog) -> dict[str, System]:
    """By address, the default first."""
    zones = [
        crs.zone_epsg(zone, prefixed=prefixed) for zone in known.region.zones for prefixed in (False, True)
    ]
    found = [
        CRS84,
        STORAGE,
        *(System(f"{EPSG}{epsg}", epsg) for epsg in (crs.WGS84, crs.MERCATOR, *zones)),
    ]
    return {one.uri: one for one in found}


def system(known: Catalog, uri: str | None, name: str, default: System) -> System:
    """The system that a parameter names by its address, or as EPSG:N. Raises Problem."""
    if uri is None:
        return default
    offered = systems(known)
    found = offered.get(uri) or offered.get(uri.replace("EPSG:", EPSG))
    if found is None:
        raise Problem(
            f"参数 {name} 的坐标系不在可用之列。",
            f"可用：{'、'.join(offered)}。",
            code="parameter_invalid",
            errors=[{"at": f"query.{name}", "code": "parameter_invalid", "message": "没有这个坐标系。"}],
        )
    return found
