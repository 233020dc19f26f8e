"""Writings that mean the same fold to one; a slip is recognised; the likelier thing comes first."""

from __future__ import annotations

import pytest

from gis.naming import ranking
from gis.naming.folding import fold, numeral, words
from gis.naming.ranking import cost_of_thing, match, slip
from gis.naming.spellings import sought, spellings
from tests.support.slips import slips


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Avenida João Pessoa", "avenida joao pessoa"),
        ("文昌12巷", "文昌十二巷"),
        ("ＡＢＣ路", "abc 路"),
        ("Straße", "STRASSE"),
        ("东四·北大街", "东四北大街"),
    ],
)
def test_writings_that_mean_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_a_number_that_stands_alone_stays() -> None:
    assert fold("Acesso 21") == "acesso21"
    assert [numeral(digits) for digits in ("1", "10", "12", "40", "99", "105")] == [
        "一",
        "十",
        "十二",
        "四十",
        "九十九",
        "一零五",
    ]
    assert words("Rua  José-Bonifácio") == ["rua", "jose", "bonifacio"]


@pytest.mark.parametrize(
    ("name", "typed", "kind"),
    [
        ("和平路", "和评路", "wrong"),
        ("和平路", "平和路", "swapped"),
        ("和平路", "和路", "missing"),
        ("和平路", "和平平路", "added"),
        ("和平路", "和平路", None),
        ("和平路", "光明路", None),
        ("abcd", "badc", None),
    ],
)
def test_one_slip(name: str, typed: str, kind: str | None) -> None:
    assert slip(name, typed) == kind


@pytest.mark.parametrize("typed", ["chaoyanglu", "zhaoyanglu", "cyl", "zyl"])
def test_a_character_with_two_readings_is_found_by_either(typed: str) -> None:
    assert typed in {each.form for each in spellings("朝阳路")}


def test_every_slip_leaves_a_key_in_common() -> None:
    names = ["东单", "和平路", "文昌十二巷", "Avenida João Pessoa", "Rua da Praia"]
    for one in slips(names, 300):
        form, query = fold(one.name), sought(one.typed)
        kept = next(spelling for spelling in spellings(one.name) if spelling.form == form)
        assert set(kept.keys) & set(query.whole), one


def test_all_ways_to_type_a_name() -> None:
    found = {spelling.form: spelling.sort for spelling in spellings("文昌路", "Wenchang Road", ["书院街"])}
    assert found == {
        "文昌路": "name",
        "wenchangroad": "english",
        "书院街": "other",
        "wenchanglu": "pinyin",
        "wcl": "initials",
        "shuyuanjie": "pinyin",
        "syj": "initials",
    }


def test_the_better_fit_costs_less() -> None:
    def cost(form: str, query: str, sort: str = "name") -> float:
        found = match(form, query, query, sort, form)
        assert found is not None
        return found.cost

    assert (
        cost("和平路", "和平路")
        < cost("wenchanglu", "wenchanglu", "pinyin")
        < cost("和平路", "和平")
        < cost("和平路", "和瓶路")  # sounds the same
        < cost("和平路", "平和路")
        < cost("和平路", "和大路")
        < cost("东四和平路", "和平路")
    )
    assert match("和平路", "光明街", "光明街", "name", "和平路") is None


def test_words_in_any_order_each_with_a_slip() -> None:
    spelt = "Avenida Borges de Medeiros"
    assert match(fold(spelt), fold("medeiros borjes"), "medeiros borjes", "name", spelt) is not None
    assert match(fold(spelt), fold("medeiros silva"), "medeiros silva", "name", spelt) is None


def test_the_longer_road_comes_first() -> None:
    assert cost_of_thing("road", 5_000) < cost_of_thing("road", 200) < cost_of_thing("building", 200)
    assert set(ranking.COST_OF_SORT) == {"name", "english", "other", "pinyin", "initials"}
