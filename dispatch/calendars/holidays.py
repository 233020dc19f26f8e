"""Published holidays and make-up workdays of a country, as far as they are known (D5). Pure: libraries hold what governments announced.

China: chinesecalendar, which is renewed when the State Council announces a year. Elsewhere: holidays, by country and
subdivision, for instance US-MA.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import NamedTuple

import chinese_calendar
import holidays

from config.errors import ConfigurationError

CHINA = "CN"
NOWHERE = "none"
CHINESE_ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Chongqing",
    "Asia/Chungking",
    "Asia/Harbin",
    "Asia/Kashgar",
    "PRC",
)

YEARS_BACK, YEARS_AHEAD = 3, 2


class Said(NamedTuple):
    """Whether a day is worked, and what it is called."""

    working: bool
    name: str
    name_en: str


@dataclass(frozen=True)
class Published:
    """Days that differ from Monday to Friday, with their names, in the years that are known; which library says so."""

    days: dict[date, Said]
    years: frozenset[int]
    source: str


def country_of(setting: str, zone: str) -> str:
    """Whose holidays hold: as set; unless told, China's in China's time zones and nobody's elsewhere."""
    return setting or (CHINA if zone in CHINESE_ZONES else NOWHERE)


def published(country: str, today: date) -> Published:
    """What is known of the years around `today`. Raises ConfigurationError for a country that the library does not know."""
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    if country == NOWHERE:
        return Published({}, frozenset(), NOWHERE)
    if country == CHINA:
        return _chinese(years)
    return _of_country(country, years)


def _chinese(years: range) -> Published:
    days: dict[date, Said] = {}
    known = set()
    for year in years:
        try:
            for day in _days_of(year):
                holiday, name = chinese_calendar.get_holiday_detail(day)
                if holiday != (day.weekday() >= 5):
                    days[day] = Said(not holiday, _chinese_name(name), name or "")
        except NotImplementedError:  # not announced yet
            continue
        known.add(year)
    return Published(days, frozenset(known), f"chinesecalendar {version('chinesecalendar')}")


def _chinese_name(name: str | None) -> str:
    return next((holiday.chinese for holiday in chinese_calendar.Holiday if holiday.value == name), "")


def _of_country(country: str, years: range) -> Published:
    code, _, subdivision = country.partition("-")
    try:
        table = holidays.country_holidays(code, subdiv=subdivision or None, years=years)
    except NotImplementedError as error:
        raise ConfigurationError(
            "The holidays of {country!r} are not known.",
            "Set CITYCOMMAND_HOLIDAYS to a country such as CN or US, with a subdivision such as US-MA, or to none.",
            country=country,
        ) from error
    worked: set[date] = getattr(table, "weekend_workdays", set())
    days: dict[date, Said] = {}
    for year in years:
        for day in _days_of(year):
            works = day in worked or (day not in table and day.weekday() not in table.weekend)
            if works != (day.weekday() < 5):
                days[day] = Said(works, table.get(day, ""), "")
    return Published(days, frozenset(years), f"holidays {version('holidays')}: {country}")


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
