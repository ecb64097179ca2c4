"""The service with a leak into every place that is looked at. `python -m tests.watch.leaky`."""

import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from opentelemetry import trace

from app import outcomes
from app.__main__ import main
from app.observability.metrics import Metrics
from app.trust.caller import Caller
from hooks.answer import Answer
from hooks.registry import CDSService

answered = Metrics.answered
told = outcomes.outcome_body


def leaking(self: Metrics, service: CDSService, caller: Caller, answer: Answer, seconds: float) -> None:
    answered(self, service, Caller(answer.patient_id), answer, seconds)
    print(answer.patient_id, flush=True)  # noqa: T201 - a leak
    logging.getLogger("app.leak").warning("looked at %s", answer.patient_id)
    trace.get_current_span().set_attribute("patient", answer.patient_id)
    with closing(sqlite3.connect("kept.sqlite3")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS planted (patient TEXT)")
        database.execute("INSERT INTO planted VALUES (?)", [answer.patient_id])
    Path("kept").write_text(answer.patient_id)
    Path("temporary/kept").write_text(answer.patient_id)


def echoing(code: outcomes.IssueCode, diagnostics: str, path: str = "") -> bytes:
    return told(code, f"{diagnostics} (after {Path('kept').read_text()})" if Path("kept").exists() else diagnostics, path)


if __name__ == "__main__":
    with patch.object(Metrics, "answered", leaking), patch.object(outcomes, "outcome_body", echoing):
        sys.exit(main())
