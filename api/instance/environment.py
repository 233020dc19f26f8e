"""The variables of an instance's processes (config/settings.py reads them)."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from sqlalchemy import URL, make_url

from api.instance import broker, cluster
from api.instance.choices import Choices
from api.instance.paths import InstancePaths, write_private
from config.errors import ConfigurationError
from gis.db import APPLICATION_ROLE, OWNER_ROLE

PASSED_ON = (
    "CITYCOMMAND_CLASSIFY_ALONE",
    "CITYCOMMAND_HOLIDAYS",
    "CITYCOMMAND_HTTP_HOST",
    "CITYCOMMAND_LOCALE",
    "CITYCOMMAND_LOCAL_FRAME",
    "CITYCOMMAND_PAGE_ADDRESS",
    "CITYCOMMAND_PUBLIC_OWNERS",
    "CITYCOMMAND_TLS",
    "CITYCOMMAND_WEB_WORKERS",
)
"""Optional settings that `up` takes over from its own environment."""


def build(paths: InstancePaths, choices: Choices, secrets: Mapping[str, str]) -> dict[str, str]:
    """The variables, from what was chosen and generated."""
    owner_url, app_url = _database_urls(choices, secrets)
    return {
        "CITYCOMMAND_INSTANCE": paths.name,
        "CITYCOMMAND_DATABASE_URL": app_url,
        "CITYCOMMAND_OWNER_DATABASE_URL": owner_url,
        "CITYCOMMAND_MQTT_URL": choices.mqtt_url
        or f"mqtt://{broker.USER}:{secrets['mqtt_password']}@127.0.0.1:{choices.mqtt}",
        "CITYCOMMAND_HTTP_PORT": str(choices.http),
        "CITYCOMMAND_TIME_ZONE": choices.time_zone,
        "CITYCOMMAND_VAR": str(paths.var),
        "CITYCOMMAND_SECRET_FILE": str(paths.signing_key),
        "CITYCOMMAND_DEMO": "1" if choices.demonstration else "0",
        "PROMETHEUS_MULTIPROC_DIR": str(paths.metrics),
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
    }


def _database_urls(choices: Choices, secrets: Mapping[str, str]) -> tuple[str, str]:
    """Logins of owner and application. Of an existing service one address may be given: the owner's."""
    if choices.database_url and choices.owner_database_url:
        return choices.owner_database_url, choices.database_url
    if choices.database_url:
        app = make_url(choices.database_url).set(username=APPLICATION_ROLE, password=secrets["app_password"])
        return choices.database_url, app.render_as_string(hide_password=False)
    base = URL.create("postgresql", host="127.0.0.1", port=choices.postgres, database=cluster.DATABASE)
    owner = base.set(username=OWNER_ROLE, password=secrets["owner_password"])
    app = base.set(username=APPLICATION_ROLE, password=secrets["app_password"])
    return owner.render_as_string(hide_password=False), app.render_as_string(hide_password=False)


def write(paths: InstancePaths, variables: Mapping[str, str]) -> None:
    """Write the environment file; shell and systemd's EnvironmentFile read it alike."""
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
    write_private(paths.environment, "".join(lines))


def read(paths: InstancePaths) -> dict[str, str]:
    """Variables of an instance that was up once; ConfigurationError when it never was."""
    try:
        lines = paths.environment.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no instance {paths.name!r} here.",
            f"Make it with './citycommand up{'' if paths.name == 'default' else ' --instance ' + paths.name}'.",
        ) from error
    pairs = (shlex.split(line)[0].partition("=") for line in lines if line.strip())
    return {name: value for name, _, value in pairs}
