"""``milepost sink``: keeps milestones, activity and traits in ClickHouse."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr


def sink(
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Keep milestones, daily activity and traits in ClickHouse.

    Reads the events and what the workers publish, in a group of its own, and finds the roles of
    events in the definitions, where there are some. A ClickHouse that is away stops the
    sink only, and it catches up by itself. Written twice counts once. Several sinks share the
    work. SIGTERM ends it.

      milepost migrate && milepost sink
      CLICKHOUSE_DSN=clickhouses://user:password@ch.example:8443/growth milepost sink
    """
    from streams.logs import configure_logging
    from streams.settings import load_settings
    from streams.sink import serve

    settings = load_settings(config)
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    configure_logging(settings.log_format, settings.log_level, secrets=secrets)
    asyncio.run(serve(settings))
