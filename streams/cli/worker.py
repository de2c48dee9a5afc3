"""``milepost worker``: qualifies product events on Kafka."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr


def worker(
    definitions: Annotated[
        Path | None,
        typer.Option(
            "--definitions", "-d", help="The definitions file.", metavar="FILE", show_default=False
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Qualify product events on Kafka, the moment they happen.

    Reads product events, keeps the state of every account and user, and publishes milestones as
    they are reached. Start as many as there are cores: they share the partitions. SIGTERM or
    Ctrl-C ends it within seconds, a second one at once; nothing is lost either way.

      milepost topics --create && milepost worker -d definitions.yml
      KAFKA_BOOTSTRAP=kafka.example:9092 MILEPOST_STORE=rocksdb milepost worker
    """
    from streams.app import serve
    from streams.logs import configure_logging
    from streams.settings import load_settings

    settings = load_settings(config, definitions=definitions)
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    configure_logging(settings.log_format, settings.log_level, secrets=secrets)
    asyncio.run(serve(settings))
