"""Settings of one running instance, read once from the environment and handed on as a value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import ConfigurationError

MEGABYTE = 1_000_000

VARIABLES: dict[str, str] = {
    "CITYCOMMAND_INSTANCE": "name of the instance; `default` unless told",
    "CITYCOMMAND_DATABASE_URL": "login of the application's role; set it to use an existing PostgreSQL",
    "CITYCOMMAND_OWNER_DATABASE_URL": "login of the role that owns the tables (migrations); the same as above unless told",
    "CITYCOMMAND_MQTT_URL": "address of the broker; set it to use an existing one",
    "CITYCOMMAND_VAR": "directory of the instance: evidence, logs, secrets",
    "CITYCOMMAND_SECRET_FILE": "file with 32 random bytes or more, mode 0600; `secret` in the directory above unless told",
    "CITYCOMMAND_IDENTITY_KEYS": "file with the keys of ID numbers, mode 0600; `identity.toml` beside the secret file unless told",
    "CITYCOMMAND_CONNECTOR_SECRETS": "file with logins of connected systems, mode 0600; `connectors.toml` beside the secret file",
    "CITYCOMMAND_LOCAL_FRAME": "protected file (mode 0600) with the city's own coordinate frame; none unless told",
    "CITYCOMMAND_TIME_ZONE": "the city's time zone; Asia/Shanghai unless told",
    "CITYCOMMAND_HOLIDAYS": "whose published holidays hold: CN, US, US-MA, …, or none; China's in China's time zones unless told",
    "CITYCOMMAND_LOCALE": "language of visitors whose browser states none: zh or en",
    "CITYCOMMAND_HTTP_HOST": "address that the pages listen on; 127.0.0.1 unless told",
    "CITYCOMMAND_HTTP_PORT": "port of the pages; 8000 unless told",
    "CITYCOMMAND_PAGE_ADDRESS": "where people open the pages, https://city.example.org, for links in notices; without it they have none",
    "CITYCOMMAND_WEB_WORKERS": "web processes; 1 unless told",
    "CITYCOMMAND_PUBLIC_OWNERS": "1: the standard doors tell strangers too who owns a thing and who is responsible",
    "CITYCOMMAND_TLS": "1 behind TLS: secure cookies, strict transport security",
    "CITYCOMMAND_DEMO": "1 in the demonstration: its accounts are listed at the login",
    "CITYCOMMAND_CLASSIFY_ALONE": "confidence (0.5 to 1) from which a report without a class gets the learnt one; never unless told",
    "CITYCOMMAND_INGEST_TOPICS": "comma list of topic filters that this ingest process takes; all unless told",
    "CITYCOMMAND_INGEST_WORKER": "name of this ingest process, where several share the load; 1 unless told",
    "CITYCOMMAND_INGEST_METRICS_PORT": "port for the counters of ingestion; none unless told",
}
"""Every variable that this system reads; a test finds those that are missing here."""


@dataclass(frozen=True)
class Settings:
    """One instance: its services, its files, its time zone. Build it with `from_environment`."""

    instance: str
    database_url: str
    """Login of the application's role: it may not alter tables nor rewrite history."""
    owner_database_url: str
    """Login of the role that owns the tables: migrations only."""
    mqtt_url: str
    var: Path
    """The instance's own directory: evidence, logs, backups."""
    secret: bytes
    """Signs what leaves and comes back; 32 bytes or more, outside database and backup."""
    identity_keys: Path = Path("identity.toml")
    """Keys of ID numbers (gis/vault.py), outside database and backup."""
    connector_secrets: Path = Path("connectors.toml")
    """Logins of connected systems (ingest/connectors), outside database and backup."""
    local_frame: Path | None = None
    """Parameters of the city's own coordinate frame (gis/frames.py): a secret; only the path is a setting."""
    time_zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    holidays: str = ""
    """Country, with subdivision where wanted, of the published holidays; empty: what the time zone says (dispatch/calendars)."""
    http_port: int = 8000
    page_address: str = ""
    """Where people open the pages, for links in messages that leave; empty: no links."""
    demonstration: bool = False
    locale: str = "zh"
    secure_cookies: bool = False
    """True behind TLS: cookies travel over https only."""
    public_owners: bool = False
    """Whether readers without an account are told owner and authority (gis/features); they may name persons."""
    session_hours: int = 12
    photo_limit_bytes: int = 20 * MEGABYTE
    film_limit_bytes: int = 100 * MEGABYTE
    """Of one video: a minute or two of what phones film."""
    sound_limit_bytes: int = 20 * MEGABYTE
    """Of one voice note."""
    photos_per_report: int = 6
    """Files of all kinds together."""
    films_per_report: int = 2
    import_limit_bytes: int = 500 * MEGABYTE
    """Largest file that may be uploaded for an import."""
    import_unpacked_bytes: int = 4000 * MEGABYTE
    """Largest size to which an uploaded archive may unpack; beyond it, it is taken for a bomb."""
    duplicate_radius_m: float = 50.0
    duplicate_window_hours: float = 24.0
    classify_alone: float | None = None
    """From this confidence on the classifier gives a report without a class its class; None: it only suggests."""
    oldest_report_days: int = 366
    """A report about something longer ago is refused: a mistyped year must not sit in a history that nobody can mend."""

    @property
    def evidence_directory(self) -> Path:
        """Where originals and thumbnails lie, by content hash."""
        return self.var / "evidence"

    @property
    def classifier_file(self) -> Path:
        """What was learnt from past cases (dispatch/classifying)."""
        return self.var / "classifier" / "classes.npz"

    @property
    def report_signature(self) -> Path:
        """Key and certificate that sign reports (dashboards/signing.py): beside the other secrets, outside database and backup."""
        return self.identity_keys.with_name("reports.pem")

    @property
    def imports_directory(self) -> Path:
        """Where the files of runs that are previewed, and not yet decided on, wait: one folder for each run."""
        return self.var / "imports"


def from_environment(environ: dict[str, str] | None = None) -> Settings:
    """Read CITYCOMMAND_* variables.

    Raises ConfigurationError naming the variable that is missing or malformed.
    """
    values = dict(os.environ if environ is None else environ)
    database_url = _need(values, "CITYCOMMAND_DATABASE_URL")
    var = Path(values.get("CITYCOMMAND_VAR", "var/default")).absolute()
    return Settings(
        instance=values.get("CITYCOMMAND_INSTANCE", "default"),
        database_url=database_url,
        owner_database_url=values.get("CITYCOMMAND_OWNER_DATABASE_URL", database_url),
        mqtt_url=_need(values, "CITYCOMMAND_MQTT_URL"),
        var=var,
        secret=_secret(values, var),
        identity_keys=Path(
            values.get("CITYCOMMAND_IDENTITY_KEYS") or _secret_file(values, var).with_name("identity.toml")
        ),
        connector_secrets=Path(
            values.get("CITYCOMMAND_CONNECTOR_SECRETS") or _secret_file(values, var).with_name("connectors.toml")
        ),
        local_frame=Path(values["CITYCOMMAND_LOCAL_FRAME"]) if values.get("CITYCOMMAND_LOCAL_FRAME") else None,
        time_zone=_zone(values.get("CITYCOMMAND_TIME_ZONE", "Asia/Shanghai")),
        holidays=values.get("CITYCOMMAND_HOLIDAYS", ""),
        http_port=_integer(values, "CITYCOMMAND_HTTP_PORT", 8000),
        page_address=values.get("CITYCOMMAND_PAGE_ADDRESS", ""),
        demonstration=values.get("CITYCOMMAND_DEMO", "") == "1",
        locale=values.get("CITYCOMMAND_LOCALE", "zh"),
        secure_cookies=values.get("CITYCOMMAND_TLS", "") == "1",
        public_owners=values.get("CITYCOMMAND_PUBLIC_OWNERS", "") == "1",
        classify_alone=_share(values, "CITYCOMMAND_CLASSIFY_ALONE"),
    )


def _need(values: dict[str, str], name: str) -> str:
    if not values.get(name):
        raise ConfigurationError(
            "The setting {name} is missing.",
            "Start through './citycommand up', which sets it, or set it to the address of an existing service.",
            name=name,
        )
    return values[name]


def _integer(values: dict[str, str], name: str, default: int) -> int:
    try:
        return int(values.get(name, default))
    except ValueError as error:
        raise ConfigurationError(
            "The setting {name} must be a whole number, not {value!r}.", name=name, value=values[name]
        ) from error


def _share(values: dict[str, str], name: str) -> float | None:
    if not values.get(name):
        return None
    try:
        share = float(values[name])
    except ValueError:
        share = 0.0
    if not 0.5 <= share <= 1:
        raise ConfigurationError(
            "The setting {name} must be a number from 0.5 to 1, not {value!r}.", name=name, value=values[name]
        )
    return share


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            "The time zone {name!r} is not known.",
            "Use a name such as Asia/Shanghai or America/New_York.",
            name=name,
        ) from error


def _secret_file(values: dict[str, str], var: Path) -> Path:
    return Path(values.get("CITYCOMMAND_SECRET_FILE", var / "secret"))


def _secret(values: dict[str, str], var: Path) -> bytes:
    path = _secret_file(values, var)
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "The secret file {file} cannot be read.",
            "Run './citycommand up'; it makes one with mode 0600.",
            file=path.name,
        ) from error
    if len(secret) < 32:
        raise ConfigurationError("The secret file {file} holds fewer than 32 bytes.", file=path.name)
    return secret
