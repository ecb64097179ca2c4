"""Feedback is kept before it is answered, item by item, once, and finds the decision that it is about (cds-hooks.md 1.10 and 5.1)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.examples import HOOK
from app.store.feedback_items import CARD_LENGTH, MOST_ITEMS, read_item
from app.store.tables import card_feedback, feedback
from tests.service import Json
from tests.store.kept import FEEDBACK, ask, card_of, client, item, rows, tell

EPIC = "com.epic.cdshooks.feedback.overrideReason."


def test_feedback_finds_its_decision(url: str) -> None:
    with client(url) as connection:
        card = card_of(ask(connection))
        accepted = item(card, outcome="accepted", acceptedSuggestions=[{"id": "s-1"}])
        assert tell(connection, accepted).body == b"{}"
        (kept,) = rows(url, feedback)
    assert (kept["card"], kept["outcome"], kept["suggestions"], kept["client"]) == (card, "accepted", ["s-1"], "St Example")
    assert kept["outcome_at"].isoformat() == "2026-11-22T09:42:15+00:00"
    (joined,) = rows(url, card_feedback)
    assert (joined["matched"], joined["topic"], joined["hook"], joined["decided"]) == (
        True, "ta279CriteriaMet", "patient-view", "criteria-met"
    )  # fmt: skip


def test_it_is_kept_when_it_is_answered(url: str) -> None:
    with client(url) as connection:
        for number in range(20):
            assert tell(connection, item(f"card {number}")).status == 200
            assert len(rows(url, feedback)) == number + 1


def test_a_card_that_nobody_knows_is_kept_as_unmatched(url: str) -> None:
    with client(url) as connection:
        tell(connection, item("any words"), item("0" * CARD_LENGTH))
    assert [(row["matched"], row["topic"]) for row in rows(url, card_feedback)] == [(False, None)] * 2


def test_another_client_s_word_on_a_card_is_not_joined(url: str) -> None:
    with client(url) as connection:
        card = card_of(ask(connection))
        tell(connection, item(card), of="Elsewhere")
        tell(connection, item(card))
    assert {row["client"]: row["matched"] for row in rows(url, card_feedback)} == {"Elsewhere": False, "St Example": True}


def test_the_same_item_is_kept_once_and_another_beside_it(url: str) -> None:
    reason = {"reason": {"code": "patient-refused", "system": "https://x"}}
    different = (
        item("a"), item("b"), item("a", outcome="accepted"), item("a", outcomeTimestamp="2026-11-22T09:42:16Z"),
        item("a", overrideReason=reason), item("a", acceptedSuggestions=[{"id": "s"}]),
    )  # fmt: skip
    with client(url) as connection:
        for _ in range(3):
            assert tell(connection, *different, *different).status == 200
        tell(connection, item("a"), of="Elsewhere")
    assert len(rows(url, feedback)) == len(different) + 1


def test_one_odd_item_does_not_fail_the_batch(url: str) -> None:
    odd: list[Any] = [
        None, 5, "x", [], {}, {"card": 7, "outcome": "accepted"}, item(""), item(" "), item("x" * (CARD_LENGTH + 1)),
        item("c", outcome="ignored"), item("c", outcome=None), {"card": "c"}, {"outcome": "accepted"},
    ]  # fmt: skip
    with client(url) as connection:
        assert tell(connection, *odd, item("good"), *odd).status == 200
        assert tell(connection, *odd).status == 200
    assert [row["card"] for row in rows(url, feedback)] == ["good"]


REASONS = {
    "specified": ({"overrideReason": {"reason": {"code": "c", "system": "s"}}}, ("c", "s")),
    "Epic's plural": ({"overrideReasons": {"reason": {"code": "c", "system": "s"}}}, ("c", "s")),
    "a list": ({"overrideReasons": [{"reason": {"code": "c", "system": "s"}}, {}]}, ("c", "s")),
    "Epic's extension": (
        {"overrideReasons": {"extension": {f"{EPIC}reasonCategory": "x", f"{EPIC}reasonTitle": "Inappropriate"}}},
        ("Inappropriate", f"{EPIC}reasonTitle"),
    ),
    "no system": ({"overrideReason": {"reason": {"code": "c"}}}, ("c", None)),
    "a CodeableConcept": ({"overrideReason": {"reason": {"coding": [{"code": "c", "system": "s"}]}}}, ("c", "s")),
    "a bare code": ({"overrideReason": {"reason": "c"}}, ("c", None)),
    "words only": ({"overrideReason": {"userComment": "Mrs Smith said no"}}, (None, None)),
    "none": ({"overrideReason": None}, (None, None)),
    "too long": ({"overrideReason": {"reason": {"code": "c" * 999, "system": "s" * 999}}}, ("c" * 200, "s" * 255)),
    "control characters": ({"overrideReason": {"reason": {"code": "\0c\u202e", "system": 5}}}, ("c", None)),
}


@pytest.mark.parametrize(("members", "expected"), REASONS.values(), ids=REASONS)
def test_a_reason_is_read_in_every_spelling(url: str, members: Json, expected: tuple[str, str]) -> None:
    with client(url) as connection:
        assert tell(connection, item("a", **members)).status == 200
    (row,) = rows(url, feedback)
    assert (row["reason_code"], row["reason_system"], row["comment"]) == (*expected, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]), (["a"], ["a"]), ({"id": "a"}, ["a"]), ("a", ["a"]), (None, []), ([None, {"id": 5}], []),
        ([{"id": str(number)} for number in range(99)], [str(number) for number in range(20)]), ({"id": "x" * 999}, ["x" * 64]),
    ],
)  # fmt: skip
def test_accepted_suggestions_are_read_in_every_shape(value: Any, expected: list[str]) -> None:
    found = read_item(item("a", outcome="accepted", acceptedSuggestions=value))
    assert found is not None
    assert list(found.suggestions) == expected


@pytest.mark.parametrize("timestamp", ["", "yesterday", None, 5, "2016-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00", "9" * 999])
def test_a_time_that_cannot_be_read_is_left_open(url: str, timestamp: Any) -> None:
    with client(url) as connection:
        assert tell(connection, item("a", outcomeTimestamp=timestamp)).status == 200
    (row,) = rows(url, feedback)
    assert row["outcome_at"] is None


@pytest.mark.parametrize("wanted", [True, False])
def test_what_a_user_typed_is_kept_only_where_that_is_asked_for(url: str, wanted: bool) -> None:
    with client(url, feedback_comments=wanted) as connection:
        tell(connection, item("a", overrideReason={"userComment": "seen by\0the team" + "!" * 5_000}))
    (row,) = rows(url, feedback)
    assert (row["comment"] is not None) == wanted
    if wanted:
        assert row["comment"].startswith("seen by the team!")
        assert len(row["comment"]) == 2_000


def test_more_items_than_are_read_at_once_are_all_refused(url: str) -> None:
    with client(url) as connection:
        assert tell(connection, *[item("a")] * (MOST_ITEMS + 1)).status == 400
        assert tell(connection, *(item(str(number)) for number in range(MOST_ITEMS))).status == 200
    assert len(rows(url, feedback)) == MOST_ITEMS


def test_one_client_s_flood_is_refused_and_another_is_heard(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.store.MOST_FEEDBACK_A_DAY", 3)
    with client(url) as connection:
        assert tell(connection, item("1"), item("2")).status == 200
        flood = tell(connection, item("3"), item("4"))
        assert (flood.status, flood.headers["retry-after"]) == (429, "3600")
        assert tell(connection, item("3")).status == 200
        assert tell(connection, item("5"), of="Elsewhere").status == 200
    assert sorted(row["card"] for row in rows(url, feedback)) == ["1", "2", "3", "5"]


def test_deep_and_broken_bodies_are_400(url: str) -> None:
    deep = b'{"feedback":[' + b"[" * 20_000 + b"]" * 20_000 + b"]}"
    with client(url) as connection:
        for body in (deep, b'{"feedback":["\\ud800"]}', b'{"feedback":[NaN]}', b'{"feedback":[1e999]}'):
            assert connection.post(FEEDBACK, body).status in (200, 400)
        assert connection.post(HOOK + "x/feedback", {"feedback": []}).status == 404


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "code", "reason", "coding", "extension")), inner),
)
NAMES = ("card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason", "overrideReasons")


@given(ANYTHING | st.dictionaries(st.sampled_from(NAMES), ANYTHING) | st.fixed_dictionaries({
    "card": st.text(min_size=1), "outcome": st.sampled_from(("accepted", "overridden", "Accepted")), "outcomeTimestamp": ANYTHING,
    "acceptedSuggestions": ANYTHING, "overrideReason": ANYTHING,
}))  # fmt: skip
def test_whatever_is_sent_is_an_item_or_is_none(value: Any) -> None:
    found = read_item(value)
    if found is not None:
        assert 0 < len(found.card) <= CARD_LENGTH
        assert found.outcome in ("accepted", "overridden")
        assert len(found.digest("c")) == 64
        assert found.moment is None or found.moment.utcoffset() is not None
