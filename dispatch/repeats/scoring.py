"""How alike two reports are: one pure function over what is known of both, its weights as data (config/repeats.toml)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from dispatch.classifying.words import features

LIKENESSES = ("place", "time", "class", "asset", "words", "photo")


@dataclass(frozen=True)
class Policy:
    """The tables of config/repeats.toml: what each likeness weighs (`weights`), where is looked (`search`), what is shown (`levels`)."""

    prior: float
    weights: Mapping[str, Mapping[str, float]]
    search: Mapping[str, float]
    levels: Mapping[str, float]


@dataclass(frozen=True)
class Between:
    """What is known between two reports; None where one of them does not say.

    `metres` and `hours` apart; `photo_bits`: fewest bits (of 64) in which two of their photos' perceptual hashes differ;
    `words`: likeness of their texts from 0 to 1.
    """

    metres: float | None = None
    hours: float | None = None
    same_class: bool | None = None
    same_asset: bool | None = None
    words: float | None = None
    photo_bits: int | None = None


@dataclass(frozen=True)
class Score:
    """`total` between 0 and 1; `parts`: likeness from 0 to 1 by name, as far as known."""

    total: float
    parts: Mapping[str, float]


def score(between: Between, policy: Policy) -> Score:
    """The odds that two reports are about the same thing, as a share: the prior, moved by each likeness that is known."""
    weights = policy.weights
    found = {
        "place": _fading(between.metres, weights["place"]["scale_m"]),
        "time": _fading(between.hours, weights["time"]["scale_hours"]),
        "class": _whether(between.same_class),
        "asset": _whether(between.same_asset),
        "words": between.words,
        "photo": _photo(between.photo_bits, weights["photo"]["same_bits"], weights["photo"]["other_bits"]),
    }
    parts = {name: value for name, value in found.items() if value is not None}
    moved = (
        weights[name]["unlike"] + (weights[name]["alike"] - weights[name]["unlike"]) * value
        for name, value in parts.items()
    )
    return Score(1 / (1 + math.exp(-(policy.prior + sum(moved)))), parts)


def words_alike(one: str, other: str) -> float | None:
    """Share of the shorter text's features that the other has, too: "the lamp is out" is all of "the lamp is out since Monday".

    None where they have no script in common: Chinese and English words for one thing are never equal.
    """
    ours, theirs = features(one), features(other)
    shares = [_share(_latin(ours, latin), _latin(theirs, latin)) for latin in (True, False)]
    return max((share for share in shares if share is not None), default=None)


def _latin(found: Iterable[str], latin: bool) -> set[str]:
    return {feature for feature in found if feature.isascii() is latin}


def _share(ours: set[str], theirs: set[str]) -> float | None:
    fewer = min(len(ours), len(theirs))
    return len(ours & theirs) / fewer if fewer else None


def bits_apart(ours: Iterable[str], theirs: Iterable[str]) -> int | None:
    """Fewest differing bits between any two perceptual hashes (hexadecimal, 64 bits); None where one side has none."""
    others = [int(each, 16) for each in theirs]
    found = [(int(each, 16) ^ other).bit_count() for each in ours for other in others]
    return min(found, default=None)


@lru_cache
def shipped() -> Policy:
    """The city's weights and levels."""
    read = tomllib.loads(files("config").joinpath("repeats.toml").read_text(encoding="utf-8"))
    return Policy(read["prior"], {name: read[name] for name in LIKENESSES}, read["search"], read["levels"])


def _fading(apart: float | None, scale: float) -> float | None:
    return None if apart is None else math.exp(-abs(apart) / scale)


def _whether(same: bool | None) -> float | None:
    return None if same is None else float(same)


def _photo(bits: int | None, same: float, other: float) -> float | None:
    if bits is None or bits >= other:
        return None
    return min(1.0, (other - bits) / (other - same))
