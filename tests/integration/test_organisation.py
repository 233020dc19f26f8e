"""Centres and posts (C1): in two-centre mode no account holds posts of both axes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from config.errors import InvalidInput
from gis import actors, organisation
from gis.db import make_engine
from tests.support.databases import Database


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()
    engine.dispose()


@pytest.fixture
def account(db: Connection) -> int:
    return organisation.add_account(db, "somebody", "某人", password="long enough")


def test_no_account_holds_posts_of_both_centres(db: Connection, account: int) -> None:
    organisation.give_post(db, account, "dispatcher")
    with pytest.raises(InvalidInput, match="two-centre mode"):
        organisation.give_post(db, account, "inspector")
    assert organisation.posts_of(db, account) == ["dispatcher"]


def test_a_combined_second_level_centre_may_join_them(db: Connection, account: int) -> None:
    db.execute(text("insert into gis.setting (name, value) values ('two_centres', 'false')"))
    organisation.give_post(db, account, "dispatcher")
    organisation.give_post(db, account, "inspector")
    organisation.give_post(db, account, "inspector")
    assert actors.actor(db, "somebody").posts == ("dispatcher", "inspector")


def test_unknown_posts_and_short_passwords_are_refused(db: Connection, account: int) -> None:
    with pytest.raises(InvalidInput, match="no post 'king'"):
        organisation.give_post(db, account, "king")
    with pytest.raises(InvalidInput, match="eight characters"):
        organisation.add_account(db, "other", "他人", password="short")


def test_a_password_is_kept_as_argon2_and_an_existing_account_keeps_its_own(db: Connection, account: int) -> None:
    organisation.add_account(db, "somebody", "某人", password="another one")
    stored = db.execute(text("select password_hash from gis.account where id = :id"), {"id": account}).scalar_one()
    assert stored.startswith("$argon2id$")
    assert organisation.password_fits(stored, "long enough")
    assert not organisation.password_fits(stored, "another one")
    assert not organisation.password_fits("not a hash", "long enough")


def test_only_one_unit_is_the_fallback_desk(db: Connection) -> None:
    organisation.add_unit(db, "A", "甲", fallback=True)
    with pytest.raises(IntegrityError):
        organisation.add_unit(db, "B", "乙", fallback=True)
