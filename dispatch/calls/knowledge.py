"""The knowledge base (知识库): what callers are told, written by one and approved by another, dated, searched in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound, NotPermitted
from dispatch.calls import tables
from gis.actors import Actor

_IN_FORCE = """
    select distinct on (e.article_id) e.id as edition_id, e.article_id, e.title, e.title_en, e.body, e.body_en, e.keywords,
           e.origin, e.valid_from, e.valid_to, e.decided_at,
           (select count(*) from dispatch.call_answer x join dispatch.article_edition any_edition
              on any_edition.id = x.edition_id where any_edition.article_id = e.article_id) as answered
    from dispatch.article_edition e join dispatch.article a on a.id = e.article_id and a.withdrawn_at is null
    where e.approved and e.valid_from <= :day and (e.valid_to is null or e.valid_to > :day)
    order by e.article_id, e.valid_from desc, e.id desc
"""

_PROPOSED = """
    select e.id as edition_id, e.article_id, e.title, e.title_en, e.body, e.body_en, e.keywords, e.origin, e.valid_from, e.valid_to,
           case when :en and w.name_en <> '' then w.name_en else w.name end as written_by, e.written_by = :me as own, e.recorded_at,
           exists (select from dispatch.article_edition o where o.article_id = e.article_id and o.approved) as replaces
    from dispatch.article_edition e join gis.account w on w.id = e.written_by where e.decided_at is null order by e.id
"""


@dataclass(frozen=True)
class Words:
    """An article as it is proposed. English and `origin` (law, notice, department) may be empty; in force on [from, to)."""

    title: str
    body: str
    valid_from: date
    valid_to: date | None = None
    title_en: str = ""
    body_en: str = ""
    keywords: str = ""
    origin: str = ""


def propose(db: Connection, actor: Actor, words: Words, article_id: int | None = None) -> int:
    """A new article, or a new edition of one; it answers nobody before another has approved it. Returns the edition's id."""
    if not words.title.strip() or not words.body.strip():
        raise InvalidInput("An article has a title and a text.", field="title")
    if words.valid_to is not None and words.valid_to <= words.valid_from:
        raise InvalidInput("The article would end before it begins.", field="valid_to")
    if article_id is None:
        article_id = db.execute(tables.article.insert().returning(tables.article.c.id)).scalar_one()
    elif not _stands(db, article_id):
        raise NotFound("There is no article {article}.", article=article_id)
    values = vars(words) | {"article_id": article_id, "written_by": actor.account_id}
    row = tables.article_edition.insert().values(**values).returning(tables.article_edition.c.id)
    return int(db.execute(row).scalar_one())


def decide(db: Connection, actor: Actor, edition_id: int, approved: bool, note: str, now: datetime) -> None:
    """Approve or refuse a proposal, which is not one's own. Raises NotFound, NotPermitted, InvalidInput."""
    row = db.execute(
        text("select written_by from dispatch.article_edition where id = :id and decided_at is null for update"),
        {"id": edition_id},
    ).first()
    if row is None:
        raise NotFound("There is no such open proposal.", "Load the list again; it may have been decided already.")
    if row.written_by == actor.account_id:
        raise NotPermitted("Nobody approves their own article.", "Ask another shift leader.")
    if not approved and not note.strip():
        raise InvalidInput("A refusal says why.", field="note")
    db.execute(
        text(
            "update dispatch.article_edition set approved = :approved, decided_by = :me, decided_at = :now, decision_note = :note"
            " where id = :id"
        ),
        {"approved": approved, "me": actor.account_id, "now": now, "note": note.strip(), "id": edition_id},
    )


def withdraw(db: Connection, actor: Actor, article_id: int, now: datetime) -> None:
    """Take an article out of use; what was answered from it keeps its words. Raises NotFound."""
    done = db.execute(
        text(
            "update dispatch.article set withdrawn_at = :now, withdrawn_by = :me"
            " where id = :id and withdrawn_at is null returning id"
        ),
        {"now": now, "me": actor.account_id, "id": article_id},
    )
    if done.first() is None:
        raise NotFound("There is no article {article}.", article=article_id)


def in_force(db: Connection, day: date) -> list[dict[str, Any]]:
    """All articles that answer callers on `day`."""
    return [dict(row._mapping) for row in db.execute(text(_IN_FORCE), {"day": day})]


def proposed(db: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Proposals that wait for a decision, the oldest first."""
    values = {"en": actor.locale == "en", "me": actor.account_id}
    return [dict(row._mapping) for row in db.execute(text(_PROPOSED), values)]


def found(articles: Sequence[dict[str, Any]], words: str, typed: Sequence[str]) -> list[dict[str, Any]]:
    """Articles that hold every word of `words`, the fittest first: in title before keywords before text. Pure.

    `typed`: for each article its title and keywords as they are typed on a keyboard (pinyin and initials). Without words
    the most used come first.
    """
    wanted = words.lower().split()
    if not wanted:
        return sorted(articles, key=lambda one: (-one["answered"], one["title"]))
    ranked = []
    for article, keys in zip(articles, typed, strict=True):
        ranks = [_rank(article, keys, word) for word in wanted]
        if all(ranks):
            ranked.append((-sum(ranks), -article["answered"], article["title"], article))
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:3])]


def _rank(article: dict[str, Any], typed: str, word: str) -> int:
    """How well one word fits: 4 in a title, 3 as it is typed, 2 among the keywords, 1 in the text, 0 not at all."""
    if word in f"{article['title']}\n{article['title_en']}".lower():
        return 4
    if word in typed:
        return 3
    if word in article["keywords"].lower():
        return 2
    return int(word in f"{article['body']}\n{article['body_en']}".lower())


def _stands(db: Connection, article_id: int) -> bool:
    there = text("select exists (select from dispatch.article where id = :id and withdrawn_at is null)")
    return bool(db.execute(there, {"id": article_id}).scalar())
