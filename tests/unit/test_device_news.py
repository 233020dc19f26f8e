"""Open screens are told what looks different, not every reading."""

from __future__ import annotations

from typing import Any

from api.device_news import DeviceNews


def lamp(power: float = 98.0, on: float = 1.0, status: str = "ok", **more: str) -> dict[str, Any]:
    values = {"powerConsumption": power, "powerState": on}
    return {"id": 1, "properties": {"kind": "street_lamp", "status": status, "values": values, **more}}


def bus(lon: float) -> dict[str, Any]:
    return {"id": 2, "properties": {"kind": "bus", "status": "ok", "values": {"longitude": lon}}}


def test_a_lamp_that_burns_on_is_no_news() -> None:
    news = DeviceNews()
    assert news.of({1}, [lamp(98.0)])["features"] == [lamp(98.0)]
    assert news.of({1}, [lamp(97.2)]) == {}


def test_a_lamp_that_changes_its_look_is() -> None:
    news = DeviceNews()
    looks = [
        lamp(),
        lamp(0.4),
        lamp(0.4, status="alarm", alarm="路灯应亮未亮"),
        lamp(0.4, status="alarm", alarm="单灯控制器失联"),
        lamp(0.4, on=0.0),
        lamp(0.4, on=0.0, status="silent"),
        lamp(),
    ]
    assert [news.of({1}, [look]).get("features") for look in looks] == [[look] for look in looks]


def test_a_bus_is_news_with_every_position() -> None:
    news = DeviceNews()
    assert all(news.of({2}, [bus(115.6)]) for _ in range(3))


def test_what_is_no_longer_on_the_map_is_gone() -> None:
    assert DeviceNews().of({7, 2}, [bus(115.6)]) == {"features": [bus(115.6)], "gone": [7]}


def test_once_nobody_has_looked_everything_is_news_again() -> None:
    news = DeviceNews()
    news.of({1}, [lamp()])
    news.forget()
    assert news.of({1}, [lamp()])["features"] == [lamp()]
