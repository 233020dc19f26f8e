"""What a process has loaded to classify with: the model's file and the words of the standards, looked at again when they changed."""

from __future__ import annotations

import threading
import time
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import structlog
from sqlalchemy import Connection

from config.errors import UnreadableFile
from config.settings import Settings
from dispatch.classifying import model as models
from dispatch.classifying.keywords import Keywords, Standard, keywords
from dispatch.classifying.model import Model
from dispatch.classifying.suggesting import Suggestion, suggest
from gis.db import named_sql

log = structlog.get_logger()

FRESH_S = 30.0
"""How long words of the standards are used before the database is asked again."""


@dataclass
class _Loaded:
    """What one process holds of one instance."""

    stamp: tuple[int, int] | None = None
    model: Model | None = None
    words: Keywords | None = None
    words_at: float = 0.0
    words_of: tuple[date, int] | None = None


_LOADED: dict[Path, _Loaded] = {}
_LOCK = threading.Lock()


def suggestions(db: Connection, settings: Settings, text: str, source: str, day: date) -> list[Suggestion]:
    """Classes for a text, the likeliest first (see `suggesting`)."""
    return suggest(text, source, model(settings), _words(db, settings, day))


def model(settings: Settings) -> Model | None:
    """The model in use; None where there is none, or none that can be read. A new file is taken up at the next call."""
    with _LOCK:
        held = _LOADED.setdefault(settings.classifier_file, _Loaded())
        stamp = _stamp(settings.classifier_file)
        if stamp != held.stamp:
            held.stamp, held.model = stamp, _read(settings.classifier_file)
        return held.model


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _read(file: Path) -> Model | None:
    try:
        return models.load(file)
    except FileNotFoundError:
        return None
    except UnreadableFile as error:
        log.warning("classifier_unusable", file=file.name, error=str(error))
        return None


def _words(db: Connection, settings: Settings, day: date) -> Keywords:
    with _LOCK:
        held = _LOADED.setdefault(settings.classifier_file, _Loaded())
        if held.words is not None and time.monotonic() - held.words_at < FRESH_S:
            return held.words
    standards = _standards(db, day)
    of = (day, hash(tuple(standards)))
    with _LOCK:
        if held.words is None or held.words_of != of:
            held.words, held.words_of = keywords(standards, spoken()), of
        held.words_at = time.monotonic()
        return held.words


def _standards(db: Connection, day: date) -> list[Standard]:
    """Classes and filing conditions in force."""
    rows = db.execute(named_sql("dispatch", "standards"), {"day": day}).all()
    classes = {row.code: Standard(row.code, None, (row.name, row.name_en)) for row in rows}
    conditions = [Standard(row.code, row.id, (row.text, row.text_en)) for row in rows if row.id is not None]
    return [*classes.values(), *conditions]


def spoken() -> dict[str, list[str]]:
    """What people say for a class (config/class_words.toml)."""
    return tomllib.loads(files("config").joinpath("class_words.toml").read_text(encoding="utf-8"))
