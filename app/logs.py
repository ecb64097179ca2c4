"""Logs as JSON lines, one event a line, without patient data (trust.md 2.3).

Only listed members are written, whoever speaks and however. The message of a record is written only where it comes from this house or
the server: other libraries put addresses and values into theirs. Of an exception, its type and place are logged where it is handled;
never its text.
"""

import logging
import sys
from collections.abc import Callable

import msgspec
import structlog
from structlog.contextvars import merge_contextvars
from structlog.processors import EventRenamer, JSONRenderer, TimeStamper
from structlog.stdlib import ExtraAdder, LoggerFactory, ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, WrappedLogger

from app.log_sink import LogSink

MEMBERS = (
    "request", "event", "service", "status", "error", "at", "resource_type", "source", "profile", "mode", "client", "reason", "kid", "jti",
)  # fmt: skip
FIRST_MEMBERS = ("time", "level", "logger", "message")
OF_LIBRARIES = ("time", "level", "logger", "request")
SPEAKERS = ("app", "hooks", "cards", "fhir_mapping", "guidelines", "clinical", "uvicorn")


def is_ours(logger: str) -> bool:
    return logger.partition(".")[0] in SPEAKERS


def only_listed(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The one door: what is not listed does not leave, and of what a library says, only that it spoke."""
    members = (*FIRST_MEMBERS, *MEMBERS) if is_ours(line["logger"]) else OF_LIBRARIES
    return {name: str(line[name]) for name in members if line.get(name) is not None}


def formatter() -> logging.Formatter:
    """Of structlog's loggers and of the standard library's alike. `extra` comes after the message, which is structlog's `event`."""
    chain = (
        merge_contextvars,
        add_log_level,
        add_logger_name,
        TimeStamper("iso", key="time"),
        EventRenamer("message"),
        ExtraAdder(MEMBERS),
        only_listed,
        JSONRenderer(_json),
    )
    return ProcessorFormatter(processors=chain)


def install(level: int = logging.INFO) -> None:
    """Everything to standard error in this form; libraries only from WARNING up. structlog's loggers have no way of their own."""
    handler = LogSink(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in SPEAKERS:
        logging.getLogger(name).setLevel(level)
    structlog.configure(processors=[ProcessorFormatter.wrap_for_formatter], logger_factory=LoggerFactory())


def count_dropped(tell: Callable[[], None]) -> None:
    """Tells of every line that the installed sink drops."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogSink):
            handler.on_drop = tell


def _json(line: EventDict, **_: object) -> str:
    return msgspec.json.encode(line).decode()
