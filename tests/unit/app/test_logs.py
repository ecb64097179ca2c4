"""A log line holds what is listed and nothing else."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
import structlog
from structlog.contextvars import bound_contextvars
from structlog.stdlib import ProcessorFormatter

from app.log_sink import LogSink
from app.logs import formatter, install

SECRET = "secret-patient-id"


def line(name: str, message: str, **extra: object) -> dict[str, str]:
    record = logging.LogRecord(name, logging.WARNING, "f.py", 1, message, None, None)
    record.__dict__.update(extra)
    written: dict[str, str] = json.loads(formatter().format(record))
    return written


def test_a_line_of_ours_has_its_message_and_the_listed_members() -> None:
    written = line("app.errors", "refused", event="another-patient", resource_type="Condition", patient_id=SECRET)
    assert {name: value for name, value in written.items() if name != "time"} == {
        "level": "warning", "logger": "app.errors", "message": "refused", "event": "another-patient", "resource_type": "Condition",
    }  # fmt: skip


@pytest.mark.parametrize("logger", ["httpx", "asyncio", "py.warnings", "sqlalchemy.engine", "application"])
def test_what_other_libraries_say_is_not_written(logger: str) -> None:
    """httpx logs whole addresses, asyncio the arguments of exceptions."""
    assert SECRET not in json.dumps(line(logger, f"GET https://ehr.example/Condition?patient={SECRET}"))


def test_an_exception_s_text_is_not_written() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        record = logging.LogRecord("app", logging.ERROR, "f.py", 1, "failed", None, sys.exc_info())
    assert SECRET not in formatter().format(record)


def test_line_breaks_do_not_make_lines() -> None:
    assert "\n" not in formatter().format(logging.LogRecord("app", logging.INFO, "f.py", 1, "a\n{}", None, None))


def test_our_own_loggers_speak_from_info_and_others_from_warning() -> None:
    with installed(io.StringIO()) as sink:
        assert logging.getLogger("app.main").isEnabledFor(logging.INFO)
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
        assert isinstance(sink.formatter, ProcessorFormatter)


def test_a_line_of_structlog_goes_through_the_same_door() -> None:
    written = io.StringIO()
    with installed(written):
        structlog.get_logger("app.x").warning("refused", event_kind=SECRET, patient_id=SECRET, resource_type="Condition")
        structlog.get_logger("lib").warning(SECRET, status=SECRET)
    ours, theirs = (json.loads(text) for text in written.getvalue().splitlines())
    assert (ours["message"], ours["resource_type"]) == ("refused", "Condition")
    assert set(theirs) == {"time", "level", "logger"}
    assert SECRET not in written.getvalue()


def test_lines_of_one_request_carry_its_name() -> None:
    with bound_contextvars(request="r1", patient=SECRET):
        assert line("app.errors", "refused")["request"] == "r1"
        assert SECRET not in json.dumps(line("app.errors", "refused"))


def test_a_line_that_cannot_be_made_fails_nobody() -> None:
    written = io.StringIO()
    with installed(written) as sink:
        logging.getLogger("lib").warning("%d", SECRET)
        assert sink.dropped == 1
    assert written.getvalue() == ""


@contextmanager
def installed(stream: io.StringIO) -> Iterator[LogSink]:
    """As `install` does, for this stream, until the block ends."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    try:
        with patch.object(sys, "stderr", stream):
            install()
        (sink,) = root.handlers
        assert isinstance(sink, LogSink)
        yield sink
        sink.flush()
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
