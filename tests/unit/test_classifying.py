"""Classes from words: features of both languages, what is learnt and how it is measured, the file, the standards' own words (C4)."""

from __future__ import annotations

import csv
import io
import json
import pickle
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from config.errors import InvalidInput, UnreadableFile
from dispatch.classifying import model as models
from dispatch.classifying.desk import spoken
from dispatch.classifying.keywords import Keywords, Standard, keywords
from dispatch.classifying.model import Label, Model
from dispatch.classifying.suggesting import Suggestion, suggest, sure
from dispatch.classifying.training import Example, fit, learn
from dispatch.classifying.words import compiled, features, naming

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LAMP, HOLE, TREE = Label("C0137", 1), Label("M0113", 7), Label("C0402", None)

SAID = {
    LAMP: ["小区门口灯不亮", "这条路上的灯坏了", "晚上黑看不见灯不亮", "light is out again", "dark lamps on our block"],
    HOLE: ["马路上有个大坑", "路面坑洼车颠", "坑很深爆胎了", "deep hole in the road", "hole broke my tyre"],
    TREE: ["大树倒了压车", "树枝断了挂着", "台风把树刮倒", "branch fell on a car", "tree fell over"],
}


def examples(times: int = 5) -> list[Example]:
    """The sentences again and again, an hour apart, each time with another word at the end."""
    said = [(words, label) for n in range(5) for label, sentences in SAID.items() for words in [sentences[n]]]
    return [
        Example(features(f"{words} 第{n}次", "hotline"), label, NOW + timedelta(hours=n * len(said) + k))
        for n in range(times)
        for k, (words, label) in enumerate(said)
    ]


@pytest.fixture(scope="module")
def learnt() -> Model:
    return learn(examples(), NOW)


@pytest.fixture(scope="module")
def words_of_standards(request: pytest.FixtureRequest) -> Keywords:
    """The demonstration's standards, which name classes and conditions in both languages."""
    file = request.config.rootpath / "config" / "standards" / "demonstration.csv"
    standards = []
    for n, row in enumerate(csv.DictReader(io.StringIO(file.read_text("utf-8")))):
        code = row["kind"][0].upper() + row["major_code"] + row["minor_code"]
        standards.append(Standard(code, None, (row["minor_name"], row["minor_name_en"])))
        standards.append(Standard(code, n, (row["condition"], row["condition_en"])))
    return keywords(standards, spoken())


def test_words_of_both_languages_count_and_marks_and_numbers_do_not() -> None:
    assert {"路灯", "灯不", "light", "street light"} <= features("人民路128号路灯不亮！Street LIGHTS, no. 128")
    assert not any(any(letter.isdigit() for letter in feature) for feature in features("人民路128号 128"))
    assert features("ＬＩＧＨＴ") == features("light")
    assert features("路灯", "hotline") - features("路灯") == {"source=hotline"}


def test_workflow_notes_are_no_part_of_what_was_said() -> None:
    notes = compiled([r"\b(re)?printed\b.*", r"\bsent to\b.*"])
    assert features("outage////printed for jim k", "", notes) == features("outage")
    assert features("PRINTED", "", notes) == frozenset()


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Street Light  OUTAGES [Near 4 Elm]", "Street Light Outages", "whole"),
        ("outage on Elm", "Street Light Outages", "part"),
        ("dark again", "Street Light Outages", "no"),
        ("门口的路灯坏了", "路灯", "whole"),
        ("黑漆漆的", "路灯", "no"),
    ],
)
def test_whether_a_text_names_its_class(text: str, name: str, expected: str) -> None:
    assert naming(text, name) == expected


def test_what_was_learnt_tells_classes_and_conditions_of_new_sentences(learnt: Model) -> None:
    first = {
        words: learnt.guesses(features(words))[0] for words in ("灯又不亮了", "前面路上有坑", "the tree fell on us")
    }
    assert [(g.class_code, g.condition_id) for g in first.values()] == [LAMP, HOLE, TREE]
    assert sum(guess.confidence for guess in learnt.guesses(features("灯"))) == pytest.approx(1)


def test_accuracy_is_of_the_newest_part_which_learning_has_not_seen() -> None:
    """The newest fifth says the opposite of what came before: whoever peeked would look good."""
    old = [each for each in examples(8) if each.label != TREE]
    swapped = [
        Example(each.features, HOLE if each.label == LAMP else LAMP, each.at + timedelta(days=99))
        for each in old[: len(old) // 4]
    ]
    measured = learn([*swapped, *old], NOW).facts["measured"]
    assert measured["held_out"] == len(swapped)
    assert measured["held_out_since"] == min(each.at for each in swapped).date().isoformat()
    assert measured["accuracy"]["all"]["top_1"] < 0.1
    assert measured["accuracy"]["all"]["top_3"] == 1


def test_the_figures_count_what_they_say(learnt: Model) -> None:
    measured = learnt.facts["measured"]
    figures = measured["accuracy"]["all"]
    assert figures["reports"] == measured["held_out"] == 15
    assert figures["commonest_class"] == pytest.approx(1 / 3, abs=0.01)
    assert figures["top_1"] == 1
    assert set(measured["classes"]) == {"C0137", "M0113", "C0402"}
    assert measured["classes"]["M0113"] == {"reports": 5, "found": 1.0, "right_when_said": 1.0}


def test_the_same_examples_give_the_same_model_in_any_order(learnt: Model) -> None:
    again = learn(examples()[::-1], NOW)
    assert again.vocabulary == learnt.vocabulary
    np.testing.assert_allclose(again.weights, learnt.weights)


def test_two_labels_are_told_apart_too() -> None:
    model = fit([each for each in examples() if each.label != TREE], {})
    assert [model.guesses(features(words))[0].class_code for words in ("灯不亮", "大坑")] == ["C0137", "M0113"]


@pytest.mark.parametrize("few", [examples(1), [each for each in examples(20) if each.label == LAMP]])
def test_too_little_is_not_learnt_from(few: list[Example]) -> None:
    with pytest.raises(InvalidInput, match="too few to learn from"):
        learn(few, NOW)


def test_a_model_comes_back_from_its_file_as_it_was(learnt: Model, tmp_path: Path) -> None:
    models.save(learnt, tmp_path / "sub" / "classes.npz")
    again = models.load(tmp_path / "sub" / "classes.npz")
    assert (again.labels, again.vocabulary, again.facts) == (learnt.labels, learnt.vocabulary, learnt.facts)
    assert again.guesses(features("灯又不亮了")) == learnt.guesses(features("灯又不亮了"))


class Bomb:
    """Unpickled, it would write a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


def test_a_file_that_is_no_model_is_refused_and_nothing_in_it_runs(learnt: Model, tmp_path: Path) -> None:
    file, mark = tmp_path / "classes.npz", tmp_path / "ran"
    with pytest.raises(FileNotFoundError):
        models.load(file)
    models.save(learnt, file)
    whole = file.read_bytes()
    with np.load(file) as held:
        arrays = dict(held)
    older = json.loads(arrays["head"].tobytes()) | {"form": 0}
    forged = {"head": np.array([Bomb(mark)], dtype=object)}
    bad: list[bytes] = [b"", whole[:-40], whole[:2000], pickle.dumps(Bomb(mark)), b"PK\x05\x06" + bytes(18)]
    for changed in (
        {"weights": arrays["weights"][:, :-1]},
        {"bias": arrays["bias"] * np.nan},
        {"head": np.frombuffer(json.dumps(older).encode(), np.uint8)},
        {"head": np.frombuffer(b"[]", np.uint8)},
        forged,
    ):
        stream = io.BytesIO()
        np.savez(stream, **(arrays | changed))
        bad.append(stream.getvalue())
    for content in bad:
        file.write_bytes(content)
        with pytest.raises(UnreadableFile, match="damaged, or of an older version"):
            models.load(file)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("中山路上有盏路灯不亮", "C0137"),
        ("the streetlight in front of our house is out", "C0137"),
        ("路口红绿灯全灭了", "C0213"),
        ("下水道井盖不见了，很危险", "C0102"),
        ("门前大坑，轮胎都扎了", "M0113"),
        ("huge pothole on Elm street", "M0113"),
        ("楼下垃圾桶满了溢出来", "C0305"),
        ("trash can overflowing at the stop", "C0305"),
        ("水管爆了，马路上全是水", "M0501"),
        ("strong smell of gas in the stairwell", "M0502"),
        ("夜里工地施工太吵睡不着", "M0301"),
        ("共享单车乱停堵住人行道", "M0410"),
        ("tree down across the pavement", "C0402"),
    ],
)
def test_without_history_the_words_of_the_standards_lead_to_the_class(
    words_of_standards: Keywords, words: str, code: str
) -> None:
    found = suggest(words, "hotline", None, words_of_standards)
    assert code in [each.class_code for each in found[:2]]
    assert all(each.basis == "standards" and each.confidence <= 0.6 for each in found)


def test_a_condition_is_suggested_only_where_its_words_decide(words_of_standards: Keywords) -> None:
    conditions = defaultdict(set)
    for words in ("路灯白天常亮", "路灯"):
        conditions[words] = {each.condition_id for each in suggest(words, "", None, words_of_standards)[:1]}
    assert None not in conditions["路灯白天常亮"]
    assert conditions["路灯"] == {None}


def test_history_is_asked_first_and_the_standards_fill_up(learnt: Model, words_of_standards: Keywords) -> None:
    found = suggest("灯不亮", "hotline", learnt, words_of_standards)
    assert (found[0].class_code, found[0].basis) == ("C0137", "history")
    assert len(found) <= 3
    unknown = suggest("strong smell of gas", "hotline", learnt, words_of_standards)
    assert (unknown[0].class_code, unknown[0].basis) == ("M0502", "standards")
    assert suggest("   ？！ 110 ", "hotline", learnt, words_of_standards) == []


def test_nothing_is_ever_decided_alone_unless_a_threshold_is_set_and_history_reaches_it() -> None:
    learnt, guessed = Suggestion("C0137", 1, 0.97, "history"), Suggestion("C0137", 1, 0.97, "standards")
    assert sure([learnt], None) is None
    assert sure([learnt], 0.98) is None
    assert sure([guessed], 0.5) is None
    assert sure([], 0.5) is None
    assert sure([learnt], 0.97) == learnt
