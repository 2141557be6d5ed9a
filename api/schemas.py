"""What goes in: the bodies of requests, closed: an unknown key is refused, so a typing mistake is no silent blank."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class UseBody(BaseModel):
    """A land-use code with its code system; the same digits mean different uses in different systems."""

    model_config = ConfigDict(extra="forbid")
    system: str = "MNR-2023"
    code: str = Field(min_length=1, max_length=10)


class CheckBody(BaseModel):
    """A parcel and what is asked of it; only `parcel` is required."""

    model_config = ConfigDict(extra="forbid")
    parcel: dict[str, Any] = Field(description='a GeoJSON geometry, a Feature, or {"parcel_no": "…"}')
    crs: str = "EPSG:4490"
    action: str | None = None
    proposed_use: UseBody | None = None
    current_use: UseBody | None = None
    project: dict[str, Any] = Field(default_factory=dict)
    purpose: str = Field("", max_length=300)
    as_of: date | None = None
    known_at: datetime | None = None


class TextBody(BaseModel):
    """Boundary points as pasted."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=1_000_000)
