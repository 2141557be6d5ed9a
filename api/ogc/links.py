"""Links between the resources (RFC 8288): absolute, each with its relation and media type."""

from __future__ import annotations

from typing import Any

from fastapi import Request

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT = "application/vnd.mapbox-vector-tile"
REL = "http://www.opengis.net/def/rel/ogc/1.0"

Link = dict[str, Any]


def base(request: Request) -> str:
    """The address of the landing page, without a slash at its end."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def link(rel: str, href: str, media_type: str, title: str = "", **more: Any) -> Link:
    told = {"rel": rel, "type": media_type, "href": href, **more}
    return {**told, "title": title} if title else told
