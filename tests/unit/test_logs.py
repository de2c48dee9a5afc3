import io
import json
import logging
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from streams.logs import LogFormat, LogLevel, configure_logging


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("streams").setLevel(logging.NOTSET)
    logging.getLogger("schemas").setLevel(logging.NOTSET)


def configured(
    log_format: LogFormat = "text", level: LogLevel = "info", secrets: tuple[str, ...] = ()
) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(log_format, level, secrets=secrets, stream=stream)
    return stream


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_has_time_level_logger_message_and_extra_fields() -> None:
    stream = configured("json")
    logging.getLogger("streams.x").warning("late by %d s", 5, extra={"partition": 3, "offset": 9})
    (entry,) = entries(stream)
    assert datetime.fromisoformat(entry.pop("time")).tzinfo is not None
    assert entry == {
        "level": "WARNING",
        "logger": "streams.x",
        "message": "late by 5 s",
        "partition": 3,
        "offset": 9,
    }


def test_a_traceback_is_one_json_line() -> None:
    stream = configured("json")
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("streams.x").exception("failed")
    (entry,) = entries(stream)
    assert "ValueError: first\nsecond" in entry["exc_info"]


def test_a_text_line_says_when_in_utc_how_bad_and_who() -> None:
    stream = configured()
    logging.getLogger("streams.x").info("ready")
    time, level, name, message = stream.getvalue().split()
    assert time.endswith("Z")
    assert datetime.fromisoformat(time).tzinfo is not None
    assert (level, name, message) == ("INFO", "streams.x:", "ready")


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("secret", ["hunter2", 'quo"te\\back', "größe", "a.*b", "line\nbreak"])
def test_no_secret_reaches_a_line_from_message_extra_or_traceback(
    log_format: LogFormat, secret: str
) -> None:
    stream = configured(log_format, secrets=(secret,))
    logger = logging.getLogger("streams.x")
    logger.info("password is %s", secret, extra={"config": {"password": secret}})
    logger.info("settings are %s", {"password": secret})
    try:
        raise RuntimeError(f"login refused with {secret}")
    except RuntimeError:
        logger.exception("failed")
    text = stream.getvalue()
    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in text
    assert repr(secret)[1:-1] not in text
    assert "***" in text


def test_of_two_secrets_where_one_begins_the_other_both_go_whole() -> None:
    stream = configured(secrets=("abc", "abcdef"))
    logging.getLogger("streams.x").info("%s %s", "abcdef", "abc")
    assert stream.getvalue().rstrip().endswith("*** ***")


def test_the_password_of_any_url_is_masked_and_the_rest_stays() -> None:
    stream = configured()
    logging.getLogger("aiokafka").error("cannot reach clickhouse://ann:s3cret@db:8123/plg today")
    assert "clickhouse://ann:***@db:8123/plg today" in stream.getvalue()


def test_the_password_of_a_configured_url_is_masked_where_it_stands_alone() -> None:
    stream = configured(secrets=("clickhouse://ann:s3%40cret@db:8123/plg",))
    logging.getLogger("streams.x").info("refused: s3@cret, given as s3%40cret")
    assert stream.getvalue().rstrip().endswith("refused: ***, given as ***")


def test_an_empty_secret_masks_nothing() -> None:
    stream = configured(secrets=("",))
    logging.getLogger("streams.x").info("hello")
    assert "hello" in stream.getvalue()
    assert "***" not in stream.getvalue()


@pytest.mark.parametrize("library", ["faust.app", "mode.worker", "aiokafka.consumer"])
def test_libraries_speak_from_warning_on(library: str) -> None:
    stream = configured()
    logging.getLogger(library).info("step")
    logging.getLogger(library).warning("trouble")
    assert "step" not in stream.getvalue()
    assert "trouble" in stream.getvalue()


def test_at_debug_libraries_speak_too() -> None:
    stream = configured(level="debug")
    logging.getLogger("faust.app").debug("step")
    assert "step" in stream.getvalue()


def test_at_error_nothing_less_is_shown() -> None:
    stream = configured(level="error")
    logging.getLogger("streams.x").warning("no")
    logging.getLogger("faust.app").warning("no")
    assert stream.getvalue() == ""


def test_configuring_twice_writes_each_line_once() -> None:
    configured()
    stream = configured()
    logging.getLogger("streams.x").info("once")
    assert stream.getvalue().count("once") == 1


def test_python_warnings_go_to_the_log() -> None:
    stream = configured("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Under the filter alone, so that pytest's own handling does not take it first.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old thing", DeprecationWarning, stacklevel=1)
    (entry,) = entries(stream)
    assert entry["logger"] == "py.warnings"
    assert "old thing" in entry["message"]
