"""The tables of the dashboard, each by its name, from what the store answers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from app.dashboard import criteria, questions
from app.dashboard.questions import FAILURES, MOST_CALLS_READ, MOST_ROWS, Asked
from app.dashboard.table import Row, Share, Table
from app.store.records import ANOTHER_PATIENT, BAD_CALL, DATA_UNAVAILABLE, FAILED, NOT_IN_QUESTION
from app.store.tables import call
from cards.wording import OVERRIDE_REASONS

COUNTED = ("calls", "answered", "without a card", "quiet rate %", "failed", "median ms", "95th percentile ms")
OUTCOMES = {
    "criteria-met": "the criteria are met",
    "information-needed": "something is missing",
    "criteria-not-met": "the criteria are not met",
    "blocked": "a safety flag comes first",
    "no-evaluable-fracture": "no fracture to assess",
    "out-of-scope": "outside the guideline's scope",
    NOT_IN_QUESTION: "an order that is no augmentation",
    DATA_UNAVAILABLE: "required data could not be had (412)",
    BAD_CALL: "the call could not be read (400)",
    ANOTHER_PATIENT: "a resource of another patient was refused (400 or 412)",
    FAILED: "the service failed (500)",
}
TOPICS = {
    "ta279CriteriaMet": "criteria met",
    "ta279InformationNeeded": "information needed",
    "ta279CriteriaNotMet": "criteria not met",
    "ta279SafetyAlert": "safety alert",
}
NO_DATA = "no data"
REASONS = {reason.code: reason.display for reason in OVERRIDE_REASONS}


def days(connection: sa.Connection, asked: Asked) -> Table:
    on = questions.day(connection, call.c.at)
    found = {str(row["day"]): row for row in questions.calls(connection, asked, on)}
    marks = changes(questions.rules(connection, asked))
    counted = {day: _counts(found[day]) if day in found else _nothing() for day in _without_holes({*found, *marks})}
    return Table(
        title="By day",
        about="Days are in UTC, newest first. A day is marked where the logic version, or the hash of rules and codes, is a new one.",
        empty="No call.",
        columns=("day", *COUNTED, "rules"),
        rows=[(day, *row, marks.get(day, ())) for day, row in counted.items()],
    )


def clients(connection: sa.Connection, asked: Asked) -> Table:
    found = questions.calls(connection, asked, call.c.client, call.c.hook)
    return Table(
        title="By client and hook",
        about=f"The client is named as in VACDS_CLIENTS_FILE; “anybody” where authentication is off. The first {MOST_ROWS} rows.",
        empty="No call.",
        columns=("client", "hook", *COUNTED),
        rows=[(row["client"], row["hook"], *_counts(row)) for row in found[:MOST_ROWS]],
    )


def outcomes(connection: sa.Connection, asked: Asked) -> Table:
    found = questions.outcomes(connection, asked)
    every = sum(row["calls"] for row in found)
    return Table(
        title="What became of the calls",
        about="A call that failed got an error and is never counted as quiet. Calls without a valid token are not here.",
        empty="No call.",
        columns=("outcome", "code", "answered", "calls", "share of calls %", "cards"),
        rows=[
            (
                OUTCOMES.get(row["outcome"], row["outcome"]), row["outcome"], "failed" if row["outcome"] in FAILURES else "answered",
                row["calls"], Share(row["calls"], every), row["cards"],
            )
            for row in found
        ],
    )  # fmt: skip


def cards(connection: sa.Connection, asked: Asked) -> Table:
    return Table(
        title="Cards by topic",
        about="Cards shown in the period, and what clinicians did with them, whenever they said so. A card that was both accepted and "
        "overridden counts in both.",
        empty="No card. Most charts have no vertebral fracture, and then the service is silent: see what became of the calls.",
        columns=("topic", "code", "shown", "accepted", "accepted %", "overridden", "overridden %", "no word"),
        rows=[
            (
                TOPICS.get(row["topic"], row["topic"]), row["topic"], row["shown"], row["accepted"], Share(row["accepted"], row["shown"]),
                row["overridden"], Share(row["overridden"], row["shown"]), row["shown"] - row["told"],
            )
            for row in questions.topics(connection, asked)
        ],
    )  # fmt: skip


def reasons(connection: sa.Connection, asked: Asked) -> Table:
    """A code that is not of our list is the EHR's text, and is not repeated."""
    items: Counter[tuple[str, str, str]] = Counter()
    for row in questions.reasons(connection, asked):
        code = row["reason_code"]
        told = (REASONS[code], code) if code in REASONS else ("another reason, of the EHR's own" if code else "no reason given", "")
        items[TOPICS.get(row["topic"], row["topic"]) or "card not known", *told] += row["items"]
    return Table(
        title="Why cards are overridden",
        about="Items of feedback received in the period, by the reason's code. “card not known”: of no card that this client was shown.",
        empty="No override. Either no card was overridden, or the EHR sends no feedback: it posts it to /cds-services/{id}/feedback.",
        columns=("topic", "reason", "code", "items"),
        rows=[(*told, count) for told, count in items.most_common()],
    )


def unknown(connection: sa.Connection, asked: Asked) -> Table:
    return Table(
        title="Criteria that stay unknown",
        about=f"Of the fractures evaluated in calls that got a card (the newest {MOST_CALLS_READ:,} such calls), most often first, with "
        "the commonest reasons.",
        empty="None. Either no fracture was evaluated, or the record settled every criterion.",
        columns=("criterion", "unknown", "fractures", "unknown %", "reasons", "what to map next"),
        rows=criteria.unknown(questions.fractures(connection, asked)),
    )


def gaps(connection: sa.Connection, asked: Asked) -> Table:
    answered = sum(row["calls"] for row in questions.outcomes(connection, asked) if row["outcome"] not in FAILURES)
    found = sorted(questions.gaps(connection, asked).items(), key=lambda item: (-item[1], item[0]))
    return Table(
        title="Data gaps",
        about="Answered calls in which a part of the record was not read, or not whole. Absence there is not “none”.",
        empty="None: every answered call brought, or let the service fetch, all that it asks for.",
        columns=("resource type", "why", "calls", "share of answered calls %"),
        rows=[(*_named(gap), count, Share(count, answered)) for gap, count in found],
    )


TABLES: Mapping[str, Callable[[sa.Connection, Asked], Table]] = {
    "outcomes": outcomes, "cards": cards, "unknown": unknown, "gaps": gaps, "reasons": reasons, "clients": clients, "days": days,
}  # fmt: skip


def changes(rules: questions.Found) -> Mapping[str, tuple[str, ...]]:
    """By day, what the rules changed to; `rules` in the order in which they came. Those at the beginning are no change."""
    now: dict[str, str] = {}
    told: dict[str, tuple[str, ...]] = {}
    for row in rules:
        kind, version = row["kind"], row["version"]
        if now.setdefault(kind, version) != version:
            told[str(row["day"])] = (*told.get(str(row["day"]), ()), f"{kind} now {version[:12]}")
        now[kind] = version
    return told


def summary(connection: sa.Connection, asked: Asked) -> Mapping[str, str]:
    """What stands above the tables, by its name."""
    (total,) = questions.calls(connection, asked)
    topics = questions.topics(connection, asked)
    shown, accepted, overridden = (sum(row[name] for row in topics) for name in ("shown", "accepted", "overridden"))
    latest = {row["kind"]: row["version"] for row in questions.rules(connection, asked)}
    answered = total["answered"] or 0
    return {
        "calls": f"{total['calls']:,}",
        "failed": f"{total['calls'] - answered:,}",
        "quiet rate": _percent(Share(total["quiet"] or 0, answered)),
        "cards shown": f"{shown:,}",
        "accepted": _percent(Share(accepted, shown)),
        "overridden": _percent(Share(overridden, shown)),
        "median": _milliseconds(total["median"]),
        "95th percentile": _milliseconds(total["p95"]),
        "logic version": latest.get("logic version", NO_DATA),
        "rules": latest.get("rules", NO_DATA)[:12],
    }


def _counts(row: sa.RowMapping) -> Row:
    answered, quiet = row["answered"], row["quiet"]
    return (
        row["calls"], answered, quiet, Share(quiet, answered), row["calls"] - answered, round(row["median"], 1), round(row["p95"], 1)
    )  # fmt: skip


def _nothing() -> Row:
    return 0, 0, 0, Share(0, 0), 0, None, None


def _without_holes(days: set[str]) -> Iterator[str]:
    """Every day from the first of them until today, newest first: a day without a call is one to ask about."""
    if days:
        last = max(datetime.now(UTC).date(), date.fromisoformat(max(days)))
        for back in range((last - date.fromisoformat(min(days))).days + 1):
            yield (last - timedelta(days=back)).isoformat()


def _named(gap: str) -> Sequence[str]:
    kind, _, reason = gap.partition(": ")
    return kind, reason


def _percent(share: Share) -> str:
    return NO_DATA if share.percent is None else f"{share.percent:g} %"


def _milliseconds(value: float | None) -> str:
    return NO_DATA if value is None else f"{value:,.1f} ms"
