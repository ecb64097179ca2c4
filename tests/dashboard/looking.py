"""What the dashboard says, as a spreadsheet reads it; and rows put into the store past the service."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import sqlalchemy as sa

from app.store.addresses import at_start, read_url
from app.store.tables import call, decision
from tests.service import Client

NOW = datetime.now(UTC)

Rows = list[dict[str, str]]


def table(connection: Client, name: str, **asked: object) -> Rows:
    answer = connection.get(f"/dashboard/{name}.csv{query(asked)}")
    assert (answer.status, answer.media_type) == (200, "text/csv")
    return list(csv.DictReader(StringIO(answer.body.decode(), newline=""), strict=True))


def page(connection: Client, **asked: object) -> str:
    answer = connection.get(f"/dashboard{query(asked)}")
    assert (answer.status, answer.media_type) == (200, "text/html")
    return answer.body.decode()


def query(asked: dict[str, object]) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else ""


def told(html: str) -> dict[str, str]:
    """The figures above the tables."""
    words = WordsOf("dt", "dd")
    words.feed(html)
    return dict(zip(words.found["dt"], words.found["dd"], strict=True))


class WordsOf(HTMLParser):
    """The text of these elements, and the names of all that there are."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {name: [] for name in names}
        self.elements: set[str] = set()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.add(tag)
        if tag in self.found:
            self._inside = tag
            self.found[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[self._inside][-1] += data


def put(url: str, rows_of: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    engine = sa.create_engine(at_start(read_url(url)), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.insert(rows_of), list(rows))
    engine.dispose()


def a_call(days_ago: float = 0, **members: Any) -> dict[str, Any]:
    shared = {"client": "St Example", "service": "s", "hook": "patient-view", "outcome": "criteria-met", "cards": 1, "latency_ms": 1.0}
    return {"at": NOW - timedelta(days=days_ago), **shared, "data_gaps": [], "logic_version": "1.0.0", **members}


def a_decision(card: str, days_ago: float = 0, **members: Any) -> dict[str, Any]:
    shared = {
        "client": "St Example", "service": "s", "hook": "patient-view", "topic": "ta279CriteriaMet", "indicator": "info",
        "outcome": "criteria-met", "fractures": [], "flags": [], "suggestions": 0, "logic_version": "1.0.0", "rules_hash": "a" * 64,
        "profile": "default", "thresholds": {},
    }  # fmt: skip
    return {"card": card, "at": NOW - timedelta(days=days_ago), **shared, **members}


def put_calls(url: str, *rows: dict[str, Any]) -> None:
    put(url, call, rows)


def put_decisions(url: str, *rows: dict[str, Any]) -> None:
    put(url, decision, rows)
