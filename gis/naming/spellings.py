"""How a name may be typed, and the keys by which it is found with one character wrong, missing, added or swapped. Pure.

Two writings that are one slip apart have a form in common when one character is taken out of each (the idea of SymSpell, by
Wolf Garbe). All forms with one character out are kept as 32-bit hashes in an array under an inverted index: one look-up finds
every name one slip away, however short it is; trigrams find nothing in a name of two or three characters.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple

from gis.naming.folding import fold, is_chinese, words

SHORTEST_WORD = 4
"""Shorter words of a name in several words must be right: nearly all of three letters are one slip apart."""

PREFIXES = range(3, 7)
"""Lengths of the beginnings of a Chinese name that are found with a slip, while it is still being typed."""

LONGEST = 60
"""Characters of a form; nobody types more to find something."""


class Spelling(NamedTuple):
    """One folded form. `sort`: name, english, other, pinyin, initials."""

    sort: str
    form: str
    keys: tuple[int, ...]


class Sought(NamedTuple):
    """What is looked for: the folded form, and the keys that a spelling must share with it, one way or another."""

    form: str
    whole: list[int]
    begun: list[int]
    pairs: list[int]
    words: list[list[int]]


def spellings(name: str, name_en: str = "", other_names: Iterable[str] = ()) -> list[Spelling]:
    """All forms of a name, each once; the first sort that has a form keeps it."""
    found: dict[str, Spelling] = {}
    for sort, text in _written(name, name_en, other_names):
        form = fold(text)[:LONGEST]
        if form and form not in found:
            found[form] = Spelling(sort, form, tuple(sorted(set(_keys(sort, form, text)))))
    return list(found.values())


def sought(text: str) -> Sought:
    """The keys of a query."""
    form = fold(text)[:LONGEST]
    begun = [_hash("p", each) for each in _one_out(form)] if is_chinese(form) and len(form) in PREFIXES else []
    pairs = [_hash("g", pair) for pair in _pairs(form)]
    parts = words(text)
    each_word = [_word_keys(word) for word in sorted(parts, key=len)[-4:]] if not is_chinese(form) else []
    return Sought(form, [_hash("w", each) for each in _one_out(form)], begun, pairs, each_word)


READINGS = {
    "长": ("chang", "zhang"), "朝": ("chao", "zhao"), "乐": ("le", "yue"), "厦": ("xia", "sha"), "重": ("chong", "zhong"),
    "行": ("hang", "xing"), "都": ("du", "dou"), "单": ("shan", "dan"), "六": ("liu", "lu"), "会": ("hui", "kuai"), "番": ("fan", "pan"),
    "堡": ("bao", "pu"), "盛": ("sheng", "cheng"), "泊": ("bo", "po"), "藏": ("zang", "cang"), "圩": ("wei", "xu"),
}  # fmt: skip
"""Characters of names with two readings: only who lives there knows which it is (朝阳路 is Chaoyang Road), so either is found."""

MOST_READINGS = 4


def readings(name: str) -> list[list[str]]:
    """Pinyin of a name, a syllable a character, the likeliest first; other readings of READINGS after it, at most MOST_READINGS in all."""
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(name, errors=list)  # type: ignore[arg-type]  # a letter that is none stays one syllable
    choices = [
        list(dict.fromkeys((syllable, *READINGS.get(letter, ()))))
        for letter, syllable in zip(name, syllables, strict=False)
    ]
    return [list(each) for each in islice(product(*choices), MOST_READINGS)]


def pinyin(name: str) -> str:
    """东四北大街 → dongsibeidajie."""
    from pypinyin import lazy_pinyin  # here: its dictionary takes a fifth of a second of every start

    return fold("".join(lazy_pinyin(name)))


def initials(name: str) -> str:
    """东四北大街 → dsbdj."""
    from pypinyin import Style, lazy_pinyin

    return fold("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)))


def _written(name: str, name_en: str, other_names: Iterable[str]) -> Iterator[tuple[str, str]]:
    others = list(other_names)
    yield "name", name
    yield "english", name_en
    for other in others:
        yield "other", other
    for each in (name, *others):
        if is_chinese(each):
            yield "pinyin", pinyin(each)
            if len(fold(each)) > 1:
                yield "initials", initials(each)
            if READINGS.keys() & set(each):
                yield from _other_readings(each)


def _other_readings(name: str) -> Iterator[tuple[str, str]]:
    for syllables in readings(name):
        yield "pinyin", "".join(syllables)
        if len(fold(name)) > 1:
            yield "initials", "".join(syllable[:1] for syllable in syllables)


def _keys(sort: str, form: str, text: str) -> Iterator[int]:
    if sort == "initials":
        return
    yield from (_hash("w", each) for each in _one_out(form))
    if sort == "pinyin":
        return
    yield from (_hash("g", pair) for pair in _pairs(form))
    if is_chinese(form):
        for length in PREFIXES:
            if length < len(form):
                yield from (_hash("p", each) for each in _one_out(form[:length]))
    else:
        for word in words(text):
            yield from _word_keys(word)


def _word_keys(word: str) -> list[int]:
    return [_hash("t", each) for each in (_one_out(word) if len(word) >= SHORTEST_WORD else {word})]


def _one_out(form: str) -> set[str]:
    """The form itself, and each with one character out; of a single character only itself."""
    return {form} | ({form[:at] + form[at + 1 :] for at in range(len(form))} if len(form) > 1 else set())


def _pairs(form: str) -> set[str]:
    return {form[at : at + 2] for at in range(len(form) - 1)}


def _hash(space: str, form: str) -> int:
    """32 bits with sign, as PostgreSQL's integer has it. A hash that two forms share costs one look too many, no more."""
    return zlib.crc32(f"{space}:{form}".encode()) - (1 << 31)
