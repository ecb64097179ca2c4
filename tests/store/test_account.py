"""One row for each call, one for each card, one audit record for each look at a patient's record."""

from copy import deepcopy

from app import reference_patient
from app.examples import HOOK
from app.order_examples import KYPHOPLASTY, L1, SIGN, draft, order_call
from app.store.tables import audit, call, decision
from tests.store import kept
from tests.store.kept import ask, card_of, client, counts, eventually, house, rows

EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}


def test_a_card_is_kept_with_what_it_rests_on_and_not_with_whom_it_is_about(url: str) -> None:
    with client(url) as connection:
        uuid = card_of(ask(connection))
    (row,) = rows(url, decision)
    assert row["card"] == uuid
    assert (row["client"], row["hook"], row["topic"], row["indicator"]) == ("St Example", "patient-view", "ta279CriteriaMet", "info")
    assert (row["outcome"], row["profile"], row["rules_hash"]) == ("criteria-met", "default", house().rules.hash)
    assert row["thresholds"]["recentMaxDays"] == 84
    (fracture,) = row["fractures"]
    assert fracture["outcome"] == "met"
    assert fracture["criteria"]["recent"] == {"status": "met", "reason": "within-window"}
    assert len(fracture["criteria"]) == 9
    assert row["suggestions"] == 1


def test_a_call_without_cards_is_kept_too(url: str) -> None:
    resources = {"patient": reference_patient.prefetch()["patient"], "conditions": EMPTY}
    with client(url) as connection:
        assert ask(connection, kept.call(resources)).json["cards"] == []
    (row,) = rows(url, call)
    assert (row["outcome"], row["cards"], row["client"]) == ("no-evaluable-fracture", 0, "St Example")
    assert "ImagingStudy: not-supported" in row["data_gaps"]
    assert row["latency_ms"] > 0
    assert rows(url, decision) == []


def test_an_order_that_is_no_augmentation_is_a_call_and_no_look_at_a_record(url: str) -> None:
    with client(url) as connection:
        body = order_call("order-sign")
        assert connection.post(SIGN, body).json["cards"] == []
        assert connection.post(SIGN, order_call("order-sign", draft(KYPHOPLASTY, L1))).json["cards"] != []
    assert [row["outcome"] for row in rows(url, call)] == ["not-in-question", "criteria-met"]
    assert [row["hook"] for row in rows(url, audit)] == ["order-sign"]


def test_a_call_that_fails_is_kept_with_why(url: str) -> None:
    resources = reference_patient.prefetch()
    foreign = deepcopy({key: resources[key] for key in ("patient", "conditions")})
    foreign["conditions"]["entry"][1]["resource"]["subject"]["reference"] = "Patient/somebody-else"
    with client(url) as connection:
        bodies = (kept.call(foreign), kept.call({"patient": resources["patient"]}), {"hook": "patient-view"})
        assert [ask(connection, body).status for body in bodies] == [400, 412, 400]
    assert [row["outcome"] for row in rows(url, call)] == ["another-patient", "data-unavailable", "bad-call"]
    (attempt,) = rows(url, audit)
    assert (attempt["event"], attempt["kinds"], attempt["patient"]) == ("another-patient", {"Condition": 1}, "")


def test_the_audit_record_says_who_looked_at_which_kinds_and_why(url: str) -> None:
    with client(url) as connection:
        ask(connection)
        ask(connection)
        ask(connection, of="Elsewhere")
    first, second, elsewhere = rows(url, audit)
    assert (first["user"], first["issuer"], first["tenant"]) == ("Practitioner/example", "https://st-example.example/fhir", "ward-7")
    assert first["kinds"]["Condition"] == len(reference_patient.prefetch()["conditions"]["entry"])
    assert 0 not in first["kinds"].values()
    assert first["hook_instance"] == kept.call()["hookInstance"]
    assert first["patient"] == second["patient"] != ""
    assert elsewhere["patient"] != first["patient"]


def test_one_patient_is_told_from_another_and_neither_is_named(url: str) -> None:
    renamed = reference_patient.prefetch()
    text = kept.call(renamed)
    text["context"]["patientId"] = "other"
    text["prefetch"] = {"patient": {"resourceType": "Patient", "id": "other", "birthDate": "1950-01-01"}, "conditions": EMPTY}
    with client(url) as connection:
        ask(connection)
        assert ask(connection, text).status == 200
    one, another = rows(url, audit)
    assert one["patient"] != another["patient"]
    assert {len(one["patient"]), len(another["patient"])} == {64}


def test_with_a_key_of_ones_own_the_hash_is_that_key_s(url: str) -> None:
    for key in ("a" * 32, "b" * 32, None):
        with client(url, **({"audit_key": kept.secret(key)} if key else {})) as connection:
            ask(connection)
    assert len({row["patient"] for row in rows(url, audit)}) == 3


def test_what_waits_is_written_when_the_service_ends(url: str) -> None:
    with client(url) as connection:
        for _ in range(150):
            assert connection.post(HOOK, kept.call()).status == 200
    assert counts(url, call, decision, audit) == {"call": 150, "decision": 150, "audit": 150}


def test_it_is_written_soon_while_the_service_runs(url: str) -> None:
    with client(url) as connection:
        ask(connection)
        eventually(url, call, 1)
        eventually(url, audit, 1)
