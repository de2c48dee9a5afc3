"""Logs of the long-running commands: lines for people, or JSON for machines; never a secret."""

import logging
import re
import sys
import time
from collections.abc import Iterable
from typing import Literal, TextIO
from urllib.parse import unquote

import orjson
from pythonjsonlogger.orjson import OrjsonFormatter

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

_MASK = "***"
_URL_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@")
"""The password in ``clickhouse://user:password@host``, wherever the text came from."""


class Redactor:
    """Removes secrets from a finished line.

    The last step before the line is written, so that it covers messages, arguments, extra fields
    and tracebacks, those of libraries too.

    Args:
        secrets: passwords, and URLs with one, as they are configured; empty ones are skipped.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        # The password of a URL comes alone, too, where a server refuses it.
        bare = {text for secret in secrets for text in (secret, *_passwords(secret)) if text}
        # A password may come as it is or inside a repr, and a line of JSON escapes either.
        plain = bare | {repr(text)[1:-1] for text in bare}
        texts = plain | {orjson.dumps(text).decode()[1:-1] for text in plain}
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if texts else None

    def __call__(self, text: str) -> str:
        """The text with every secret masked."""
        if self._secrets is not None:
            text = self._secrets.sub(_MASK, text)
        return _URL_PASSWORD.sub(rf"\1:{_MASK}@", text)


def _passwords(secret: str) -> tuple[str, ...]:
    """The password in a URL, as it is written and as it is meant."""
    found = _URL_PASSWORD.search(secret)
    if found is None:
        return ()
    password = found[0].partition(":")[2].removesuffix("@")
    return password, unquote(password)


class _RedactingHandler(logging.StreamHandler[TextIO]):
    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__(stream)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor(super().format(record))


def configure_logging(
    log_format: LogFormat = "text",
    level: LogLevel = "info",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process to ``stream``, and nothing twice.

    Milepost speaks from ``level`` on. Faust, mode and aiokafka report each of their internal steps
    as information: they speak from ``warning`` on, unless ``level`` is ``debug``.

    Args:
        log_format: ``text``, or ``json``: one object a line with ``time`` (ISO 8601), ``level``,
            ``logger``, ``message``, the record's extra fields, and ``exc_info`` with a traceback.
        level: least severity shown.
        secrets: passwords that no line may contain.
        stream: standard error by default.
    """
    handler = _RedactingHandler(stream or sys.stderr, Redactor(secrets))
    handler.setFormatter(_json_lines() if log_format == "json" else _lines())
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(
        handlers=[handler],
        level=number if level == "debug" else max(number, logging.WARNING),
        force=True,
    )
    for package in ("streams", "schemas"):
        logging.getLogger(package).setLevel(number)
    logging.captureWarnings(capture=True)


def _json_lines() -> logging.Formatter:
    return OrjsonFormatter(
        ["levelname", "name", "message"],
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp="time",
    )


def _lines() -> logging.Formatter:
    formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    formatter.default_time_format = "%Y-%m-%dT%H:%M:%S"
    formatter.default_msec_format = "%s.%03dZ"
    return formatter
