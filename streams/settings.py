"""Every setting of the worker and the sink, in one place; the field's text is its reference.

A setting comes from, first wins: the environment (``MILEPOST_`` and the name in capitals, or the
alias given), the file named by ``--config`` or ``MILEPOST_CONFIG`` (YAML or TOML, names as here),
the default. Everything that is wrong is reported at once, and no secret is ever shown.
"""

import difflib
import os
import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from streams.errors import SettingsError
from streams.transport.connection import Connection, Idempotence
from streams.transport.processor import Pace

PREFIX = "MILEPOST_"
_ALIASES = {"bootstrap": "KAFKA_BOOTSTRAP", "clickhouse_dsn": "CLICKHOUSE_DSN"}
_TOPIC = r"^[A-Za-z0-9._-]{1,249}$"
_ADDRESS = r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$"
_APP = r"^[A-Za-z0-9._-]{1,200}$"

_SHORTEST_KEY = 16
"""Characters of a key that nobody guesses."""


def _either(name: str) -> AliasChoices:
    return AliasChoices(PREFIX + name.upper(), _ALIASES[name], name)


class Settings(BaseSettings):
    """What a process is told from outside."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )  # fmt: skip

    bootstrap: str = Field("localhost:9092", min_length=1, validation_alias=_either("bootstrap"))
    """Kafka brokers, ``host:port`` separated by commas. Also read from ``KAFKA_BOOTSTRAP``."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the connection is protected."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How to log in, with a ``SASL_`` protocol."""
    sasl_username: str | None = None
    """Needed with a ``SASL_`` protocol."""
    sasl_password: SecretStr | None = None
    """Needed with a ``SASL_`` protocol. Never shown."""
    ssl_cafile: Path | None = None
    """Certificates of the authorities to trust; without it, the system's."""
    ssl_certfile: Path | None = None
    """This client's certificate."""
    ssl_keyfile: Path | None = None
    """The key of ``ssl_certfile``; without it, the key is in that file."""
    ssl_key_password: SecretStr | None = None
    """Opens ``ssl_keyfile``. Never shown."""
    idempotence: Idempotence = "auto"
    """Whether producers are idempotent; ``auto`` asks the broker (Apache Kafka: yes)."""
    connect_timeout: float = Field(30.0, gt=0)
    """Seconds to wait at start for a broker that does not answer."""

    app_id: str = Field("milepost", pattern=_APP)
    """Consumer group of the workers and prefix of their internal topics. Changing it means
    starting from nothing: it is data, not a label."""
    sink_app_id: str = Field("milepost-sink", pattern=_APP)
    """Consumer group of the sinks."""
    events_topic: str = Field("product.events", pattern=_TOPIC)
    """Where product events come from."""
    qualifications_topic: str = Field("plg.qualifications", pattern=_TOPIC)
    """Where qualifications go to."""
    shadow_topic: str = Field("plg.shadow", pattern=_TOPIC)
    """Where goes what is in the shadow, for the sink."""
    activity_topic: str = Field("plg.activity", pattern=_TOPIC)
    """Where daily activity and traits go to, for the sink."""
    dead_letters_topic: str = Field("plg.dead-letters", pattern=_TOPIC)
    """Where records go that cannot be an event."""
    partitions: int = Field(8, ge=1, le=10_000)
    """Partitions of topics that ``milepost topics --create`` makes: the most workers that can
    share the work. The internal topics follow the events topic, whatever this says."""
    replication_factor: int = Field(1, ge=1, le=10)
    """Replicas of topics that are made. 3 in production."""
    max_message_bytes: int = Field(16 * 1024 * 1024, ge=1024 * 1024)
    """Largest record on topics that are made, and largest one that is read or written."""

    definitions: Path = Path("definitions.yml")
    """The definitions file. The sink finds the roles of events in it, where it exists."""
    store: Literal["memory", "rocksdb"] = "memory"
    """Where tables live: in memory, read back from the changelog at every start, or in RocksDB
    under ``state_dir``, for state larger than memory and fast restarts (extra ``rocksdb``)."""
    state_dir: Path = Path("state")
    """Directory of the RocksDB tables."""
    behind_records: float | None = Field(None, ge=0)
    """Seconds that time stays behind the newest record's: where a history is fed faster than it
    happened, so that what is due in it does not come before what was in time. Without it, time is
    that of the wall clock."""
    cache_entries: int = Field(512, ge=1)
    """States kept as objects, a partition: more is faster and takes more memory."""
    recovery_timeout: float = Field(60.0, gt=0)
    """Seconds to wait for a changelog that ends before the committed offset, before refusing to
    run."""

    clickhouse_dsn: SecretStr = Field(
        SecretStr("clickhouse://default@localhost:8123/default"),
        validation_alias=_either("clickhouse_dsn"),
    )
    """``clickhouse://user:password@host:8123/database``, ``clickhouses://…`` for TLS, or
    ``chdb:///path`` for one in the process. Also read from ``CLICKHOUSE_DSN``. Never shown."""
    raw_events: bool = True
    """Whether the sink keeps the product events themselves in ClickHouse, beside what comes of
    them: sessions are worked out from them."""
    raw_events_days: int = Field(90, ge=1, le=1825)
    """For how many days, by the event's own time. ``milepost migrate`` tells ClickHouse of a
    change. Events of invitations go after 30 days at the latest."""

    audit_key: SecretStr = SecretStr("")
    """Secret, of 16 characters or more, by which the sink replaces the ids in the record of
    decisions (``audit_rows``) with keyed hashes; empty: they stay plain. Never shown."""
    audit_days: int = Field(730, ge=1, le=10_000)
    """Days for which that record is kept, as of the last ``milepost migrate``."""

    watch_interval: float = Field(300.0, ge=1)
    """Seconds from one round of ``milepost watch`` to the next."""
    commit_interval: float = Field(1.0, ge=0.01, le=60)
    """Seconds after which what was worked on is made durable and committed."""
    commit_records: int = Field(50_000, ge=1)
    """Records of one partition after which that happens earlier."""
    shutdown_timeout: float = Field(25.0, gt=0)
    """Seconds in which a stop must be over: persisted, committed, out of the group."""
    session_timeout: float = Field(15.0, ge=1)
    """Seconds without a heartbeat after which the group gives a worker's partitions to others."""
    rebalance_timeout: float = Field(30.0, ge=1)
    """Seconds in which every worker must rejoin when the group changes."""
    fetch_records: int = Field(2_000, ge=1)
    """Most records taken in one fetch."""

    http_host: str = "0.0.0.0"  # noqa: S104 - probes and Prometheus come from other machines
    """Address of ``/metrics``, ``/healthz``, ``/readyz`` and ``/explain``."""
    http_port: int = Field(8080, ge=0, le=65_535)
    """Their port; 0 takes a free one."""
    http_advertise: str | None = Field(None, pattern=_ADDRESS)
    """Under which host, or ``host:port``, other machines reach that port of this worker:
    ``milepost explain`` asks the worker that has the account. Without it ``http_host``, where that
    is one address, or else this machine's own address towards the brokers."""
    log_format: Literal["text", "json"] = "text"
    """How log lines look."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which comes in as arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        problems = [
            f"{name}: needed where security_protocol is {self.security_protocol}"
            for name in ("sasl_username", "sasl_password")
            if self.security_protocol.startswith("SASL_") and getattr(self, name) is None
        ]
        problems += [
            f"{name}: there is no file {getattr(self, name)}"
            for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile")
            if getattr(self, name) is not None and not getattr(self, name).is_file()
        ]
        topics = [self.events_topic, self.qualifications_topic, self.activity_topic]
        if len({*topics, self.shadow_topic, self.dead_letters_topic}) < 5:
            problems.append("events_topic, qualifications_topic, shadow_topic, activity_topic and"
                            " dead_letters_topic: must be five different topics")  # fmt: skip
        if 0 < len(self.audit_key.get_secret_value()) < _SHORTEST_KEY:
            problems.append(f"audit_key: shorter than {_SHORTEST_KEY} characters")
        if self.session_timeout > self.rebalance_timeout * 10:
            problems.append("session_timeout: more than ten times rebalance_timeout")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def connection(self) -> Connection:
        """How clients reach the brokers.

        Raises:
            SettingsError: the certificates cannot be used.
        """
        sasl = self.security_protocol.startswith("SASL_")
        return Connection(
            bootstrap=self.bootstrap,
            security_protocol=self.security_protocol,
            sasl_mechanism=self.sasl_mechanism if sasl else None,
            sasl_username=self.sasl_username if sasl else None,
            sasl_password=_reveal(self.sasl_password) if sasl else None,
            ssl_context=self._ssl_context() if self.security_protocol.endswith("SSL") else None,
        )

    def pace(self) -> Pace:
        """How much gathers before it is made durable."""
        return Pace(
            commit_interval=self.commit_interval,
            commit_records=self.commit_records,
            revoke_timeout=self.rebalance_timeout / 2,
        )

    def _ssl_context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ssl_cafile)
            if self.ssl_certfile is not None:
                password = _reveal(self.ssl_key_password)
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, password)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(f"ssl_cafile, ssl_certfile, ssl_keyfile: {error}") from error
        return context


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the environment and a file.

    Args:
        file: YAML or TOML; ``None``: the one named by ``MILEPOST_CONFIG``, if any.
        overrides: from the command line; they win over everything. ``None`` is no override.

    Raises:
        SettingsError: with a line for each problem.
    """
    if file is None and (named := os.environ.get(PREFIX + "CONFIG")):
        file = Path(named)
    given = {} if file is None else _read(file)
    problems = _unknown(given, str(file))
    problems += _unknown(
        {
            name.removeprefix(PREFIX).lower(): value
            for name, value in os.environ.items()
            if name.startswith(PREFIX) and name != PREFIX + "CONFIG"
        },
        "environment",
    )
    known = {name: value for name, value in given.items() if name in Settings.model_fields}
    try:
        settings = Settings(**known)
    except ValidationError as error:
        problems += _lines(error, known, str(file))
    if problems:
        raise SettingsError("\n".join(problems))
    chosen = {name: value for name, value in overrides.items() if value is not None}
    return settings.model_copy(update=chosen)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            content: Any = tomllib.loads(text)
        else:
            content = YAML(typ="safe").load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, YAMLError) as error:
        raise SettingsError(f"{file}: {' '.join(str(error).split())}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: settings are a mapping of names to values")
    return {str(name): value for name, value in content.items()}


def _unknown(given: Mapping[str, Any], place: str) -> list[str]:
    problems = []
    for name in given:
        if name not in Settings.model_fields:
            close = difflib.get_close_matches(name, Settings.model_fields, n=1)
            hint = f", did you mean {close[0]}?" if close else ""
            problems.append(f"{place}: there is no setting {name}{hint}")
    return problems


def _lines(error: ValidationError, given: Mapping[str, Any], file: str) -> list[str]:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        message = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            lines += [f"settings: {line}" for line in message.splitlines()]
            continue
        name = str(problem["loc"][0])
        field = name.removeprefix(PREFIX).lower()
        field = next((key for key, alias in _ALIASES.items() if alias == name), field)
        place = file if field in given and PREFIX + field.upper() not in os.environ else PREFIX
        shown = f"{place}: {field}" if place is file else f"environment: {PREFIX}{field.upper()}"
        lines.append(f"{shown}: {message[:1].lower()}{message[1:]}")
    return lines
