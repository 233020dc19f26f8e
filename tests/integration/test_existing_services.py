"""An existing database server in place of our own cluster: roles made or checked, refusals explained."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from api.instance import existing
from config.errors import ConfigurationError
from tests.support.databases import Database


def test_both_roles_get_in(database: Database) -> None:
    existing.provision(database.owner_url, database.app_url)


def test_a_server_that_is_not_there(database: Database) -> None:
    nowhere = make_url(database.owner_url).set(port=1).render_as_string(hide_password=False)
    with pytest.raises(ConfigurationError, match="does not let us in") as caught:
        existing.provision(nowhere, database.app_url)
    assert "CITYCOMMAND_OWNER_DATABASE_URL" in str(caught.value)


def test_an_application_that_cannot_sign_in(database: Database) -> None:
    elsewhere = make_url(database.app_url).set(database="no_such_database").render_as_string(hide_password=False)
    with pytest.raises(ConfigurationError, match="cannot sign in there"):
        existing.provision(database.owner_url, elsewhere)
