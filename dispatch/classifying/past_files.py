"""Another system's past requests as examples: how well would their words be classified? Nothing is imported for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from config.errors import InvalidInput
from dispatch.classifying import training
from dispatch.classifying.model import Label
from dispatch.classifying.training import Example
from dispatch.classifying.words import compiled, features, naming
from dispatch.importing import past_reports
from dispatch.importing.past_mapping import PastMapping
from dispatch.importing.past_reports import PastReport


def tried(paths: Sequence[Path], mapping: PastMapping, now: datetime) -> dict[str, Any]:
    """Accuracy of telling the request's type from its words alone, and from words and source.

    Words are the mapping's description without the type's own column, without workflow notes. Raises InvalidInput where nothing is left,
    and what `past_reports.read` raises.
    """
    if not _columns(mapping):
        raise InvalidInput("The mapping names no column with words but the type's own.", "Add one to 'description'.")
    found = past_reports.read(paths, mapping, now).reports
    by_time = sorted(found, key=lambda report: (report.opened_at, report.ref))
    return {
        "requests": len(by_time),
        "types": len({report.rule.name for report in by_time}),
        "words": training.measured([_example(report, mapping, "") for report in by_time]),
        "words_and_source": training.measured([_example(report, mapping, report.source) for report in by_time]),
    }


def _columns(mapping: PastMapping) -> list[str]:
    return [column for column in mapping.description if column != mapping.columns["type"]]


def _example(report: PastReport, mapping: PastMapping, source: str) -> Example:
    words = " · ".join(report.raw.get(column) or "" for column in _columns(mapping))
    said = features(words, source, compiled(mapping.notes))
    return Example(said, Label(report.rule.name, None), report.opened_at, naming(words, report.rule.name))
