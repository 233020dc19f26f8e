"""Addresses as callers say them, in Chinese and as road and number."""

from __future__ import annotations

import pytest

from gis.geocoding.parsing import Address, number_of, parse, readings

CASES = {
    "文昌路": Address("文昌路"),
    "文昌路12号": Address("文昌路", (), 12, "12"),
    "文昌路甲12号": Address("文昌路", (), 12, "甲12"),
    "文昌路一百零七号": Address("文昌路", (), 107, "一百零七"),
    "文昌十二巷5号": Address("文昌十二巷", (), 5, "5"),
    "文昌路12-3号": Address("文昌路", (), 12, "12"),
    "建业大街88号院3号楼2单元501": Address("建业大街", (), 88, "88", rest="院3号楼2单元501"),
    "云澜市澜河区云中街道文昌路12号": Address("文昌路", ("云澜市", "澜河区", "云中街道"), 12, "12"),
    "澜河区 云中街道 文庙社区 文昌路 12 号": Address("文昌路", ("澜河区", "云中街道", "文庙社区"), 12, "12"),
    "澜河区文昌路": Address("文昌路", ("澜河区",)),
    "市府路3号": Address("市府路", (), 3, "3"),
    "和平路与光明街交叉口": Address("和平路", (), other="光明街"),
    "和平路和光明街交叉路口": Address("和平路", (), other="光明街"),
    "和平路、光明街路口": Address("和平路", (), other="光明街"),
    "和平路光明街口": Address("和平路", (), other="光明街"),
    "和平路和光明街": Address("和平路", (), other="光明街"),
    "澜河区和平路与光明街交汇处": Address("和平路", ("澜河区",), other="光明街"),
    "翠园小区附近": Address("翠园小区", near=True),
    "文昌路12号门口": Address("文昌路", (), 12, "12", near=True),
    "文昌路12号以东50米": Address("文昌路", (), 12, "12", metres=50, direction="e"),
    "翠园小区东北方向约一百五十米": Address("翠园小区", metres=150, direction="ne"),
    "距和平路与光明街交叉口南侧30米处": Address("和平路", (), other="光明街", metres=30, direction="s"),
    "云澜河大桥往西1.2公里": Address("云澜河大桥", metres=1200, direction="w"),
    "东四十条": Address("东四十条"),
    "东街": Address("东街"),
    "和平里东街9号": Address("和平里东街", (), 9, "9"),
    "一号路5号": Address("一号路", (), 5, "5"),
    "文昌路１２号": Address("文昌路", (), 12, "12"),
    "Wenchang Road 12": Address("Wenchang Road", (), 12, "12"),
    "12 Wenchang Road": Address("Wenchang Road", (), 12, "12"),
    "12B Wenchang Road, Lanhe": Address("Wenchang Road", (), 12, "12B", rest="Lanhe"),
    "28 Huancheng Lane 4": Address("Huancheng Lane 4", (), 28, "28"),
    "Lane 4 28": Address("Lane 4", (), 28, "28"),
    "Avenida Sete Lagoas, 1200 - Centro": Address("Avenida Sete Lagoas", (), 1200, "1200", rest="Centro"),
    "Rua das Palmeiras nº 45": Address("Rua das Palmeiras", (), 45, "45"),
    "Rua das Palmeiras esquina com Rua do Sol": Address("Rua das Palmeiras", other="Rua do Sol"),
    "Palm Street & Sun Road": Address("Palm Street", other="Sun Road"),
    "corner of Palm Street and Sun Road": Address("Palm Street", other="Sun Road"),
    "50 m east of Palm Street & Sun Road": Address("Palm Street", other="Sun Road", metres=50, direction="e"),
    "near Central Park": Address("Central Park", near=True),
    "Palm Street": Address("Palm Street"),
    "": Address(""),
    "  ，。 ": Address(""),
    "12345": Address("12345"),
}


def test_a_number_without_its_word_is_a_number_all_the_same() -> None:
    assert parse("文昌大街 12") == Address("文昌大街", (), 12, "12")
    assert parse("文昌12巷").number is None


@pytest.mark.parametrize(("text", "expected"), list(CASES.items()))
def test_taken_apart(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("十", 10),
        ("十二", 12),
        ("四十", 40),
        ("一百零七", 107),
        ("一零七", 107),
        ("两百", 200),
        ("二百五十", 250),
    ],
)
def test_numbers(text: str, number: int) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["号号号", "米米东1米", "与与", "&&&", "东1米", "x" * 3000, "路" * 500, "1" * 3000, "和平路与" * 100]
)
def test_odd_text_gives_an_address_all_the_same(text: str) -> None:
    assert isinstance(parse(text), Address)


def test_a_text_that_two_numbers_frame_is_read_both_ways() -> None:
    assert [(read.name, read.number) for read in readings("25 de Maio 120")] == [
        ("de Maio 120", 25),
        ("25 de Maio", 120),
    ]
