"""Delivery of notices: quiet hours and digests in the city's time, templates that cannot break, secrets that never show."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apprise.manager_plugins import NotificationManager
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from config.errors import InvalidInput
from dispatch.delivery import apprise_door, moments, webhooks, wording
from dispatch.delivery.kinds import KINDS, PLACES
from dispatch.delivery.moments import Hours

SHANGHAI, NEW_YORK, KOLKATA = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
NIGHT = Hours(time(22), time(7), time(8, 30))


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (shanghai(24, 21, 59), shanghai(24, 21, 59)),
        (shanghai(24, 22), shanghai(25, 7)),
        (shanghai(24, 23, 59), shanghai(25, 7)),
        (shanghai(25, 0), shanghai(25, 7)),
        (shanghai(25, 6, 59), shanghai(25, 7)),
        (shanghai(25, 7), shanghai(25, 7)),
    ],
)
def test_quiet_hours_lie_across_midnight_of_the_city(now: datetime, due: datetime) -> None:
    planned = moments.plan(now, "at_once", NIGHT, urgent=False, zone=SHANGHAI)
    assert (planned.due_at, planned.grouped) == (due, due > now)
    assert moments.plan(now, "at_once", NIGHT, urgent=True, zone=SHANGHAI) == moments.Planned(now, False)


def test_quiet_hours_at_noon_and_none_at_all() -> None:
    noon = Hours(time(12), time(14))
    assert moments.after_quiet(shanghai(24, 12, 30), noon, SHANGHAI) == shanghai(24, 14)
    assert moments.after_quiet(shanghai(24, 23), noon, SHANGHAI) == shanghai(24, 23)
    assert moments.after_quiet(shanghai(24, 3), Hours(), SHANGHAI) == shanghai(24, 3)


def test_digests_come_at_the_full_hour_and_at_the_hour_of_the_day_and_wait_for_the_end_of_quiet_hours() -> None:
    assert moments.plan(shanghai(24, 9, 20), "hourly", NIGHT, False, SHANGHAI) == moments.Planned(
        shanghai(24, 10), True
    )
    assert moments.plan(shanghai(24, 21, 20), "hourly", NIGHT, False, SHANGHAI).due_at == shanghai(25, 7)
    assert moments.plan(shanghai(24, 8, 29), "daily", NIGHT, False, SHANGHAI).due_at == shanghai(24, 8, 30)
    assert moments.plan(shanghai(24, 8, 30), "daily", NIGHT, False, SHANGHAI).due_at == shanghai(25, 8, 30)
    half = datetime(2026, 11, 24, 10, 10, tzinfo=KOLKATA)
    assert moments.next_hour(half, KOLKATA) == datetime(2026, 11, 24, 11, tzinfo=KOLKATA)


@settings(suppress_health_check=[HealthCheck.too_slow])  # drawing them is slow on a loaded machine
@given(
    some.timedeltas(timedelta(0), timedelta(days=270)).map(lambda span: datetime(2026, 3, 1, tzinfo=UTC) + span),
    some.times(),
    some.times(),
)
def test_nothing_that_may_wait_goes_out_in_quiet_hours_even_when_clocks_change(
    now: datetime, begin: time, end: time
) -> None:
    if begin == end:
        return
    due = moments.after_quiet(now, Hours(begin, end), NEW_YORK)
    assert now <= due <= now + timedelta(hours=26)
    assert moments.after_quiet(due, Hours(begin, end), NEW_YORK) == due or due.astimezone(NEW_YORK).fold


def test_clocks_that_go_forward_skip_no_digest() -> None:
    """On 8 March 2026 there is no half past two in New York: what comes instead of it is half past three."""
    before = datetime(2026, 3, 8, 1, tzinfo=NEW_YORK)
    found = moments.next_time(before.astimezone(UTC), time(2, 30), NEW_YORK).astimezone(NEW_YORK)
    assert (found.date(), found.hour, found.minute) == (date(2026, 3, 8), 3, 30)


PLACED = wording.sample("en")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_systems_own_sentence_of_every_kind_can_be_filled_and_names_the_case(kind: str, locale: str) -> None:
    said = wording.sentence(kind, wording.sample(locale), locale, {})
    assert PLACED["number"] in said.text
    assert "{" not in said.text
    assert not said.fell_back


@pytest.mark.parametrize(
    "broken",
    [
        "{number} {phone}",
        "{number",
        "number}",
        "{number.__class__}",
        "{number!r}",
        "{number:>9999999}",
        "{}",
        "{0}",
        "no case",
        "{number}" * 99,
    ],
)
def test_a_broken_template_is_refused_and_one_that_stands_already_falls_back(broken: str) -> None:
    with pytest.raises(InvalidInput):
        wording.check(broken)
    said = wording.sentence("turn", PLACED, "en", {("turn", "en"): broken})
    assert said.fell_back
    assert said.text == wording.sentence("turn", PLACED, "en", {}).text


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(some.text(string.printable, max_size=60))
def test_no_template_whatever_holds_a_notice_up(words: str) -> None:
    assert PLACED["number"] in wording.sentence("turn", PLACED, "en", {("turn", "en"): words}).text


def test_a_template_of_the_city_names_every_place() -> None:
    words = " ".join(f"{{{place}}}" for place in PLACES) + " {{x}}"
    assert wording.filled(words, PLACED).endswith("{x}")


def test_a_sentence_for_who_may_not_see_the_case_holds_nothing_of_it() -> None:
    facts = {"number": "N-1", "move": "revoke_assist", "to": "handling"}
    places = wording.places(facts, None, "en", SHANGHAI)
    assert (places["title"], places["place"], places["unit"]) == ("", "", "")


def test_what_of_an_address_is_shown_is_no_secret() -> None:
    shown = apprise_door.shown("mail", "mailtos://robot:geheim99@smtp.example.org?from=a@example.org&to={to}")
    assert shown == "mailtos://smtp.example.org"
    assert apprise_door.shown("wecom", "wecombot://abcd-efgh") == "wecombot://…"
    assert webhooks.shown("https://example.org/hook/geheim99?key=1") == "https://example.org"
    words = apprise_door.scrubbed("refused geheim99 for a@example.org at smtp.example.org",
                                  "mailtos://robot:geheim99@smtp.example.org?to=a%40example.org", "a@example.org")  # fmt: skip
    assert words == "refused *** for *** at smtp.example.org"


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("mail", "file:///tmp/x?to={to}"), ("mail", "mailtos://smtp.example.org?from=a@example.org"), ("sms", "syslog://{to}"),
        ("sms", "exec://rm?to={to}"), ("wecom", "wecombot://key/{to}"), ("wecom", "wecombot://"), ("dingtalk", "json://host"),
    ],
)  # fmt: skip
def test_an_address_of_another_kind_is_refused(kind: str, address: str) -> None:
    with pytest.raises(InvalidInput):
        apprise_door.shown(kind, address)


@pytest.mark.parametrize(
    "address", ["ftp://example.org", "https://", "http://user:pw@example.org", "x", "http://a:99999"]
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        webhooks.shown(address)


def test_every_scheme_that_a_channel_may_use_is_apprises() -> None:
    known = NotificationManager()
    assert {scheme for schemes in apprise_door.SCHEMES.values() for scheme in schemes} - set(known.schemas()) == set()
