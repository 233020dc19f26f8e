"""What a routing rule looks like when it comes in; the same shapes are kept as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.values import Id
from dispatch.routing.editing import Wanted

Code = Annotated[str, Field(min_length=1, max_length=40)]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Strict(BaseModel):
    """Nothing that is not named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class AreaIn(Strict):
    """An area by its code; its level is looked up."""

    code: Code
    level: str = ""


class ZoneIn(Strict):
    """A zone: its GeoJSON polygon (WGS 84); without `shape` the one that stands is kept."""

    kind: Literal["zone"]
    name: Annotated[str, Field(max_length=80)] = ""
    shape: dict[str, Any] | None = None


class SectionIn(Strict):
    """A stretch of a road: metres along it, or house numbers."""

    kind: Literal["section"]
    road_id: Id
    road: str = ""
    road_en: str = ""
    from_m: Annotated[float, Field(ge=0, le=1e6)] = 0
    to_m: Annotated[float, Field(ge=0, le=1e6)] = 1e6
    from_no: Annotated[int, Field(ge=1, le=99999)] | None = None
    to_no: Annotated[int, Field(ge=1, le=99999)] | None = None


class HoursIn(Strict):
    """Hours of the day in the city's zone; from 22:00 to 06:00 crosses midnight."""

    begin: Hour = Field(alias="from")
    end: Hour = Field(alias="to")


class DatesIn(Strict):
    """First and last day; either may be open."""

    begin: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")


class MatchesIn(Strict):
    """Conditions of a rule; all that are given must hold."""

    classes: Annotated[list[Annotated[str, Field(pattern=r"^[CM]\d{0,6}$")]], Field(max_length=200)] | None = None
    areas: Annotated[list[AreaIn], Field(max_length=200)] | None = None
    ground: Annotated[ZoneIn | SectionIn, Field(discriminator="kind")] | None = None
    conditions: Annotated[list[Id], Field(max_length=200)] | None = None
    asset_kinds: Annotated[list[Code], Field(max_length=50)] | None = None
    owners: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] | None = None
    asset_units: Annotated[list[Id], Field(max_length=50)] | None = None
    sources: Annotated[list[Code], Field(max_length=10)] | None = None
    priorities: Annotated[list[Code], Field(max_length=3)] | None = None
    dates: DatesIn | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] | None = None
    hours: HoursIn | None = None
    day: Literal["workday", "restday"] | None = None
    weather: Annotated[list[Code], Field(max_length=10)] | None = None
    load_below: Annotated[int, Field(ge=1, le=100000)] | None = None
    on_shift: bool | None = None


class RuleIn(Strict):
    """A rule as it shall be."""

    name: Annotated[str, Field(max_length=80)]
    name_en: Annotated[str, Field(max_length=120)] = ""
    priority: Annotated[int, Field(ge=1, le=9999)] = 100
    target: Literal["unit", "asset_unit", "condition_unit"]
    unit_id: Id | None = None
    matches: MatchesIn = MatchesIn()
    why: Annotated[str, Field(max_length=2000)] = ""

    def wanted(self) -> Wanted:
        """The same as the dispatch room knows it."""
        matches = self.matches.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Wanted(self.name, self.target, self.priority, self.unit_id, self.name_en, matches)


class AnswerIn(Strict):
    """A proposal accepted into a draft (`set_id`), or declined (null). `number` null: the fallback desk was corrected."""

    number: Id | None
    area_code: Code
    class_code: Code
    unit_id: Id
    set_id: Id | None = None
    name: Annotated[str, Field(max_length=80)] = ""
    name_en: Annotated[str, Field(max_length=120)] = ""
    why: Annotated[str, Field(max_length=2000)] = ""
