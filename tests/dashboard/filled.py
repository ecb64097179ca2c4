"""Three weeks of made-up calls of three clients, for eyes. `python -m tests.dashboard.filled FILE` takes the picture of the docs."""

import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from playwright.sync_api import sync_playwright

from app.store.tables import feedback
from tests.browser.conftest import CHROMIUM, QUIET
from tests.dashboard.looking import a_call, a_decision, put, put_calls, put_decisions
from tests.store.kept import service

DAYS = 21
CLIENTS = {"St Example": 90, "Northern General": 55, "Hill Clinic": 12}
CRITERIA = {
    "osteoporotic": "cause-not-recorded", "compression-fracture": "type-not-stated", "recent": "onset-not-recorded",
    "unhealed": "no-imaging-finding", "severe-pain": "no-pain-score", "ongoing-pain": "one-score-only",
    "optimal-pain-management": "no-analgesic-recorded", "examination-at-level": "examination-not-recorded",
    "imaging-at-level": "imaging-not-conclusive",
}  # fmt: skip
OFTEN = (0.15, 0.02, 0.2, 0.4, 0.3, 0.35, 0.25, 0.7, 0.4)
OUTCOMES = {
    "no-evaluable-fracture": 90, "criteria-met": 2, "information-needed": 5, "criteria-not-met": 2, "data-unavailable": 1,
    "bad-call": 0.3,
}  # fmt: skip
TOPICS = {"criteria-met": "ta279CriteriaMet", "information-needed": "ta279InformationNeeded"}
GAPS: tuple[list[str], ...] = (["ImagingStudy: not-supported"], ["Observation: partial"], [])
WORDS = (None, None, "accepted", "accepted", "overridden")
REASONS = ("patient-refuses", "cds-not-applicable", "service-not-available", "action-completed", None)

Row = dict[str, Any]


def fill(url: str) -> None:
    chance = random.Random(279)
    calls: list[Row] = []
    decisions: list[Row] = []
    items: list[Row] = []
    for each in _calls(chance):
        calls.append(each)
        if each["cards"]:
            decisions.append(_decision(each, chance))
            items.extend(_feedback(decisions[-1], chance))
    put_calls(url, *calls)
    put_decisions(url, *decisions)
    put(url, feedback, items)


def _calls(chance: random.Random) -> Iterator[Row]:
    for back in range(DAYS):
        for client, often in CLIENTS.items():
            for number in range(0 if (client, back) == ("Hill Clinic", 9) else chance.randint(often // 2, often)):
                (outcome,) = chance.choices(list(OUTCOMES), list(OUTCOMES.values()))
                gaps = chance.choices(GAPS, (20, 3, 77))[0] if outcome not in ("data-unavailable", "bad-call") else []
                yield a_call(
                    back + number / 10_000,
                    client=client, outcome=outcome, cards=int(outcome in TOPICS), latency_ms=round(chance.lognormvariate(1.6, 0.6), 3),
                    data_gaps=gaps, logic_version="" if outcome == "bad-call" else version(back),
                )  # fmt: skip


def version(back: int) -> str:
    return "1.0.0" if back > 7 else "1.1.0"


def _decision(call: Row, chance: random.Random) -> Row:
    fracture = {"outcome": "unknown", "criteria": {name: _found(chance, often, name) for name, often in zip(CRITERIA, OFTEN, strict=True)}}
    return a_decision(
        str(UUID(int=chance.getrandbits(128), version=4)),
        at=call["at"], client=call["client"], topic=TOPICS[call["outcome"]], fractures=[fracture],
        rules_hash=("a4" if call["logic_version"] == "1.0.0" else "5c") * 32,
    )  # fmt: skip


def _found(chance: random.Random, often: float, criterion: str) -> Row:
    if chance.random() > often:
        return {"status": "met", "reason": "as-made-up"}
    return {"status": "unknown", "reason": CRITERIA[criterion] if chance.random() < 0.8 else "conflict"}


def _feedback(decision: Row, chance: random.Random) -> Iterator[Row]:
    if outcome := chance.choice(WORDS):
        yield {
            "digest": decision["card"], "received": decision["at"] + timedelta(seconds=1), "client": decision["client"], "service": "s",
            "card": decision["card"], "outcome": outcome, "suggestions": [],
            "reason_code": chance.choice(REASONS) if outcome == "overridden" else None,
        }  # fmt: skip


def picture(file: str) -> None:
    with TemporaryDirectory() as folder, service(f"sqlite:///{folder}/store.sqlite3") as running, sync_playwright() as started:
        fill(f"sqlite:///{folder}/store.sqlite3")
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1160, "height": 1300})
        page.goto(f"http://127.0.0.1:{running.port}/dashboard")
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    picture(sys.argv[1])
