"""What goes in: the bodies of requests, closed: an unknown key is refused, so a typing mistake is no silent blank."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


def _only_text(sent: Any) -> Any:
    """Refuse half a sign of UTF-16 anywhere, in keys too: it is valid in JSON, and no text that can be stored."""
    left = [sent]
    while left:
        one = left.pop()
        if isinstance(one, str) and any("\ud800" <= sign <= "\udfff" for sign in one):
            raise ValueError("文字里有无法识别的字符。")
        if isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    return sent


Line = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
"""One line of text that says something."""
Reason = Annotated[
    str,
    Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*\S[^\x00-\x08\x0b-\x1f\x7f]*$"),
]


class TextSafe(BaseModel):
    """A body without text that cannot be stored."""

    _text = model_validator(mode="before")(_only_text)


class UseBody(BaseModel):
    """A land-use code with its code system; the same digits mean different uses in different systems."""

    model_config = ConfigDict(extra="forbid")
    system: str = "MNR-2023"
    code: str = Field(min_length=1, max_length=10)


class CheckBody(BaseModel):
    """A parcel and what is asked of it; only `parcel` is required."""

    model_config = ConfigDict(extra="forbid")
    _text = model_validator(mode="before")(_only_text)
    parcel: dict[str, Any] = Field(description='a GeoJSON geometry, a Feature, or {"parcel_no": "…"}')
    crs: str = "EPSG:4490"
    action: str | None = None
    proposed_use: UseBody | None = None
    current_use: UseBody | None = None
    project: dict[str, Any] = Field(default_factory=dict)
    purpose: str = Field("", max_length=300)
    as_of: date | None = None
    known_at: datetime | None = None


class CompareBody(BaseModel):
    """What an overlay is compared with: the same area on another day, or a second area on the same."""

    model_config = ConfigDict(extra="forbid")
    as_of: date | None = None
    area: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> CompareBody:
        if (self.as_of is None) == (self.area is None):
            raise ValueError("as_of 和 area 应写其中一项。")
        return self


class OverlayTerms(TextSafe):
    """What is asked of an area whose polygons come apart from it: the layers, and what a check would be asked."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    layers: list[Line] = Field(alias="with", min_length=1, max_length=60)
    title: str = Field("", max_length=120)
    action: str | None = None
    current_use: UseBody | None = None
    project: dict[str, Any] = Field(default_factory=dict)
    purpose: str = Field("", max_length=300)
    as_of: date | None = None


class OverlayBody(OverlayTerms):
    """An area and the layers to be laid on it."""

    area: dict[str, Any] = Field(
        description='a GeoJSON geometry, Feature or FeatureCollection, or {"layer": "…", "codes"?: ["…"]}'
    )
    crs: str = "EPSG:4490"
    compare: CompareBody | None = None


class TextBody(BaseModel):
    """Boundary points as pasted."""

    model_config = ConfigDict(extra="forbid")
    _text = model_validator(mode="before")(_only_text)
    text: str = Field(max_length=1_000_000)
