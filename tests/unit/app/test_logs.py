"""A log line holds what is listed and nothing else."""

import json
import logging
import sys

import pytest
from structlog.stdlib import ProcessorFormatter

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
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    try:
        install()
        assert logging.getLogger("app.main").isEnabledFor(logging.INFO)
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
        assert [type(handler.formatter) for handler in root.handlers] == [ProcessorFormatter]
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
