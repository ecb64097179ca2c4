"""Logs as JSON lines, one event a line, without patient data (trust.md 2.3).

Only listed members are written. The message of a record is written only where it comes from this house or the server: other
libraries put addresses and values into theirs. Of an exception, its type and place are logged where it is handled; never its text.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from app.log_sink import LogSink

MEMBERS = ("event", "service", "status", "error", "at", "resource_type", "source", "profile", "mode", "client", "reason", "kid", "jti")
SPEAKERS = ("app", "hooks", "cards", "fhir_mapping", "guidelines", "clinical", "uvicorn")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.partition(".")[0] in SPEAKERS:
            line["message"] = record.getMessage()
        return json.dumps(line | {name: str(value) for name in MEMBERS if (value := getattr(record, name, None)) is not None})


def install(level: int = logging.INFO) -> None:
    """Everything to standard error in this form; libraries only from WARNING up."""
    handler = LogSink(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in SPEAKERS:
        logging.getLogger(name).setLevel(level)
