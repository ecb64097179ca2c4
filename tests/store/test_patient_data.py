"""Nothing of a patient is in the database: a marker in every place of a request, looked for in all that was kept."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from app import reference_patient
from app.order_examples import KYPHOPLASTY, L1, SIGN, draft, order_call
from app.store.tables import audit, call, decision, feedback
from tests.service import Client, Json
from tests.store import kept
from tests.store.kept import FEEDBACK, ask, card_of, client, everything, rows

MARKER = "canary"
PATIENT = reference_patient.PATIENT_ID
MEANT = {"resourceType", "system", "code", "status", "use", "url", "type", "unit", "reference"}
DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


def marked(value: Any, numbers: Iterator[int], name: str = "") -> Any:
    """The same with a marker in every text that does not decide what it is."""
    if isinstance(value, dict):
        more = {"note": [{"text": f"{MARKER}-{next(numbers)}"}]} if "resourceType" in value else {}
        return {**{key: marked(inner, numbers, key) for key, inner in value.items()}, **more}
    if isinstance(value, list):
        return [marked(inner, numbers, name) for inner in value]
    if isinstance(value, str) and name not in MEANT and not DATE.fullmatch(value) and value != PATIENT:
        return f"{value} {MARKER}-{next(numbers)}"
    return value


def with_marks() -> tuple[Json, int]:
    """The reference patient under another name, with marks in her resources and in every other member of the call."""
    numbers = count(1)
    body = kept.call(marked(reference_patient.prefetch(), numbers))
    body["hookInstance"] = f"{MARKER}-{next(numbers)}"
    body["context"] = {"patientId": PATIENT, "userId": f"Patient/{MARKER}-{next(numbers)}", "encounterId": f"{MARKER}-{next(numbers)}"}
    body["fhirServer"] = f"https://{MARKER}-{next(numbers)}.example/fhir"
    body["fhirAuthorization"] = {"access_token": f"{MARKER}-{next(numbers)}", "token_type": "Bearer", "subject": MARKER}
    body["extension"] = {MARKER: f"{MARKER}-{next(numbers)}"}
    renamed = kept_as(body, f"{MARKER}-patient")
    return renamed, next(numbers)


def kept_as(body: Json, patient: str) -> Json:
    return msgspec.json.decode(msgspec.json.encode(body).replace(PATIENT.encode(), patient.encode()))


def feedback_with_marks(connection: Client, card: str) -> None:
    item = {
        "card": card, "outcome": "overridden", "outcomeTimestamp": MARKER, MARKER: MARKER,
        "overrideReason": {"reason": {"code": "patient-refused", "system": "https://x", "display": MARKER}, "userComment": MARKER},
    }  # fmt: skip
    assert connection.post(FEEDBACK, {"feedback": [item, {"card": MARKER}], MARKER: MARKER}).status == 200


def test_no_marker_of_a_request_is_kept(url: str) -> None:
    body, marks = with_marks()
    assert marks > 30
    with client(url) as connection:
        answer = ask(connection, body)
        assert answer.status == 200, answer.body
        feedback_with_marks(connection, card_of(answer))
        for spoilt in ({**body, "hook": "x"}, {**body, "prefetch": {}}, {**body, "context": {"patientId": MARKER, "userId": MARKER}}):
            assert ask(connection, spoilt).status in (400, 412)
        order = kept_as(order_call("order-sign", draft(KYPHOPLASTY, L1)), f"{MARKER}-patient")
        assert connection.post(SIGN, order).status == 200
    assert {table.name: bool(rows(url, table)) for table in (call, decision, audit, feedback)} == dict.fromkeys(
        ("call", "decision", "audit", "feedback"), True
    )
    assert MARKER not in everything(url)


def test_no_marker_is_in_the_file_itself(tmp_path: Path) -> None:
    """Not in a page that is no longer used, nor in the write-ahead log."""
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    body, _ = with_marks()
    with client(url) as connection:
        feedback_with_marks(connection, card_of(ask(connection, body)))
        inside = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    inside += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ta279CriteriaMet" in inside
    assert MARKER.encode() not in inside


def test_levels_dates_and_resources_are_not_kept(url: str) -> None:
    with client(url) as connection:
        evidence = ask(connection).json["extension"]["vertebral-augmentation-cds.evaluation"]["fractures"][0]
    references = {each["reference"] for found in evidence["criteria"] for each in found["evidence"]}
    kept_text = everything(url)
    assert len(references) > 5
    assert [reference for reference in references if reference in kept_text] == []
    assert evidence["level"] == "L1"
    assert not re.search(r"\bL1\b", kept_text)
    assert evidence["onset"]["earliest"] not in kept_text
