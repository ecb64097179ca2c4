"""The figures equal what was done: real calls and feedback over HTTP, counted here by hand; and rows of other days and clients."""

from app.dashboard.questions import FAILURES
from app.store.tables import call, feedback
from tests.dashboard.looking import Rows, a_call, a_decision, page, put_calls, put_decisions, table, told
from tests.service import Answer, Client, Json
from tests.store.kept import card_of, client, eventually, item, tell

HOOK = "/cds-services/vertebral-augmentation-patient-view"
RULES = {"rules_hash": "b" * 64}


def sample(connection: Client, name: str, **members: Json) -> Answer:
    """The hook call that an EHR would make about this sample patient."""
    body = {**connection.get(f"/demo/calls/{name}").json, **members}
    del body["fhirServer"]
    return connection.post(HOOK, body, x_client="St Example")


def by(rows: Rows, *columns: str) -> dict[tuple[str, ...], dict[str, str]]:
    return {tuple(row[column] for column in columns): row for row in rows}


def test_the_figures_are_what_was_done(url: str) -> None:
    """Four charts with a card, two without, one without conditions, one call that is none; five words, one of a stranger."""
    with client(url) as connection:
        met, also_met, no_mri, unanswered = (
            card_of(sample(connection, name)) for name in ("eligible-uk", "eligible-us", "missing-mri", "missing-mri")
        )
        assert [sample(connection, name).json["cards"] for name in ("no-fracture", "no-fracture")] == [[], []]
        assert sample(connection, "eligible-uk", prefetch={}).status == 412
        assert sample(connection, "eligible-uk", context={"patientId": "Patient/x", "userId": "Practitioner/1"}).status == 400
        tell(connection, item(met, outcome="accepted"), item(also_met, overrideReason={"reason": {"code": "patient-refuses"}}))
        tell(connection, item(no_mri, overrideReason={"reason": {"code": "patient-refuses"}}), item(no_mri, outcome="accepted"))
        tell(connection, item("nobody's card"))
        tell(connection, item(unanswered), of="Elsewhere")
        eventually(url, call, 8)
        figures = told(page(connection))
        outcomes = by(table(connection, "outcomes"), "code")
        (day,), (client_row,) = table(connection, "days"), table(connection, "clients")
        cards, reasons = by(table(connection, "cards"), "topic"), by(table(connection, "reasons"), "topic", "reason")
        unknown = by(table(connection, "unknown"), "criterion")
    assert [figures[name] for name in ("calls", "failed", "quiet rate", "cards shown", "accepted", "overridden")] == [
        "8", "2", "33.3 %", "4", "50 %", "50 %"
    ]  # fmt: skip
    assert {code: (row["answered"], row["calls"], row["cards"]) for (code,), row in outcomes.items()} == {
        "criteria-met": ("answered", "2", "2"), "information-needed": ("answered", "2", "2"),
        "no-evaluable-fracture": ("answered", "2", "0"),
        "data-unavailable": ("failed", "1", "0"), "bad-call": ("failed", "1", "0"),
    }  # fmt: skip
    for row in (day, client_row):
        assert [row[name] for name in ("calls", "answered", "without a card", "quiet rate %", "failed")] == ["8", "6", "2", "33.3", "2"]
    assert (client_row["client"], client_row["hook"], day["rules"]) == ("St Example", "patient-view", "")
    counts = ("shown", "accepted", "accepted %", "overridden", "overridden %", "no word")
    assert {topic: [row[name] for name in counts] for (topic,), row in cards.items()} == {
        "criteria met": ["2", "1", "50.0", "1", "50.0", "0"],
        "information needed": ["2", "1", "50.0", "1", "50.0", "1"],
    }
    assert {key: row["items"] for key, row in reasons.items()} == {
        ("criteria met", "Person declines"): "1", ("information needed", "Person declines"): "1",
        ("card not known", "no reason given"): "2",
    }  # fmt: skip
    imaging = unknown["imaging at the level",]
    assert [imaging[name] for name in ("unknown", "fractures", "unknown %")] == ["2", "4", "50.0"]
    assert imaging["reasons"].startswith("2 times: ")
    assert set(unknown) == {("imaging at the level",), ("unhealed fracture",)}


def test_a_failed_call_is_never_quiet(url: str) -> None:
    with client(url) as connection:
        put_calls(url, *(a_call(outcome=failure, cards=0) for failure in FAILURES), a_call(outcome="no-evaluable-fracture", cards=0))
        assert told(page(connection))["quiet rate"] == "100 %"
        put_calls(url, a_call())
        assert told(page(connection))["quiet rate"] == "50 %"
        (row,) = table(connection, "clients")
    assert [row[name] for name in ("calls", "answered", "without a card", "failed")] == ["6", "2", "1", "4"]


def test_the_median_and_the_95th_percentile_are_times_that_were_measured(url: str) -> None:
    with client(url) as connection:
        put_calls(url, *(a_call(latency_ms=float(number), client="a") for number in range(100, 0, -1)))
        put_calls(url, a_call(latency_ms=1000.0, client="b"), a_call(latency_ms=9.0, client="b"), a_call(latency_ms=10.0, client="b"))
        put_calls(url, a_call(latency_ms=7.0, client="c"))
        rows = table(connection, "clients")
    assert [(row["client"], row["median ms"], row["95th percentile ms"]) for row in rows] == [
        ("a", "50.0", "95.0"), ("b", "10.0", "1000.0"), ("c", "7.0", "7.0")
    ]  # fmt: skip


def test_a_period_and_a_client_bound_every_figure(url: str) -> None:
    with client(url) as connection:
        for days_ago, name in ((1, "a"), (8, "a"), (31, "b"), (91, "a")):
            put_calls(url, a_call(days_ago, client=name, data_gaps=["ImagingStudy: failed"]))
            put_decisions(url, a_decision(f"{name} {days_ago}", days_ago, client=name))
        tell(connection, item("a 1"), item("b 31"), of="a")
        for asked, calls in (
            ({"days": 7}, 1),
            ({"days": 30}, 2),
            ({"days": 90}, 3),
            ({"days": 90, "client": "a"}, 2),
            ({"client": "b"}, 0),
        ):
            assert told(page(connection, **asked))["calls"] == str(calls)
            assert sum(int(row["calls"]) for row in table(connection, "days", **asked)) == calls
            for name, column in (("clients", "calls"), ("outcomes", "calls"), ("gaps", "calls"), ("cards", "shown")):
                assert sum(int(row[column]) for row in table(connection, name, **asked)) == calls, name
        assert [row["items"] for row in table(connection, "reasons", client="b")] == []
        assert [row["items"] for row in table(connection, "reasons", client="a")] == ["1", "1"]
        assert connection.get("/dashboard?days=8").status == connection.get("/dashboard/days.csv?days=all").status == 400
        assert connection.get("/dashboard/call.csv").status == 404


def test_a_change_of_the_rules_is_marked_on_its_day_and_no_other(url: str) -> None:
    """Also back to what was before, and for a client that did not call on that day; what there was at first is no change."""
    with client(url) as connection:
        put_calls(
            url,
            a_call(6),
            a_call(5),
            a_call(4, logic_version="1.1.0"),
            a_call(3, logic_version="1.1.0"),
            a_call(2),
            a_call(1, logic_version=""),
        )
        put_decisions(url, a_decision("1", 6), a_decision("2", 3), a_decision("3", 2, **RULES), a_decision("4", 1, **RULES))
        put_calls(url, a_call(6, client="other"))
        marks = [row["rules"] for row in table(connection, "days")]
        assert marks == ["", "", "logic version now 1.0.0; rules now bbbbbbbbbbbb", "", "logic version now 1.1.0", "", ""]
        assert [row["rules"] for row in table(connection, "days", client="other")] == marks
        assert [row["calls"] for row in table(connection, "days", client="other")] == ["0"] * 6 + ["1"]


def test_two_cards_of_one_call_count_its_fractures_once(url: str) -> None:
    stays_open = {"outcome": "unknown", "criteria": {"recent": {"status": "unknown", "reason": "onset-not-recorded"}}}
    settled = {"outcome": "met", "criteria": {"recent": {"status": "met", "reason": "within-window"}}}
    with client(url) as connection:
        put_decisions(url, *(a_decision(card, fractures=[stays_open, settled]) for card in ("1", "2")))
        put_decisions(url, a_decision("3", 1, fractures=[settled, settled]))
        put_calls(url, a_call())
        (row,) = table(connection, "unknown")
    assert (row["unknown"], row["fractures"], row["unknown %"]) == ("1", "4", "25.0")
    assert row["reasons"].endswith("(onset-not-recorded)")


def test_gaps_are_counted_by_type_among_answered_calls(url: str) -> None:
    with client(url) as connection:
        put_calls(url, a_call(data_gaps=["ImagingStudy: not-supported", "Observation: failed"]), a_call(data_gaps=["Observation: failed"]))
        put_calls(url, a_call(), a_call(), a_call(outcome="failed"))
        rows = table(connection, "gaps")
    assert [list(row.values()) for row in rows] == [["Observation", "failed", "2", "50.0"], ["ImagingStudy", "not-supported", "1", "25.0"]]


def test_an_empty_page_says_why_and_what_to_do(url: str) -> None:
    with client(url) as connection:
        html = page(connection)
        assert "Nothing to show yet" in html
        assert "try-it page" in html
        assert [table(connection, name) for name in ("days", "clients", "outcomes", "cards", "reasons", "unknown", "gaps")] == [[]] * 7
        put_calls(url, a_call())
        assert "Nothing to show yet" not in page(connection)
        assert "nobody" not in page(connection, client="nobody")
        put_calls(url, a_call(20, client="Northern"))
        assert "The client “Northern” has not called in the last 7 days" in page(connection, client="Northern", days=7)


def test_feedback_alone_is_no_call(url: str) -> None:
    with client(url) as connection:
        tell(connection, item("x"))
        eventually(url, feedback, 1)
        assert told(page(connection))["calls"] == "0"
