"""The SQL that docs/feedback.md gives runs on both databases and tells what it says."""

import re

import sqlalchemy as sa

from app import reference_patient
from tests.house.tree import ROOT
from tests.store import kept
from tests.store.kept import ask, card_of, client, connected, item, tell

QUESTIONS = re.findall(r"^```sql\n(.*?)^```$", (ROOT / "docs/feedback.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}


def test_each_question_has_its_answer(url: str) -> None:
    patient = {"patient": reference_patient.prefetch()["patient"]}
    with client(url) as connection:
        accepted, overridden = card_of(ask(connection)), card_of(ask(connection))
        assert [ask(connection, kept.call({**patient, **more})).status for more in ({}, {"conditions": EMPTY})] == [412, 200]
        reason = {"reason": {"code": "patient-refused", "system": "https://x"}}
        tell(connection, item(accepted, outcome="accepted"), item(overridden, overrideReason=reason), item("nobody's", outcome="accepted"))
    with connected(url) as asking:
        silent, unanswered, topics, reasons, unmatched, rules, times = ([*map(tuple, asking.execute(sa.text(each)))] for each in QUESTIONS)
    assert [(*row[:3], float(row[3])) for row in silent] == [("St Example", "patient-view", 4, 50.0)]
    assert unanswered == [("St Example", "data-unavailable", 1)]
    assert topics == [("ta279CriteriaMet", 2, 1, 1)]
    assert reasons == [("ta279CriteriaMet", "patient-refused", 1)]
    assert unmatched == [("St Example", 3, 1)]
    assert [row[:3] for row in rules] == [(kept.house().rules.hash, "ta279CriteriaMet", 2)]
    assert [row[:2] for row in times] == [("St Example", "patient-view")]
    assert times[0][3] >= times[0][2] > 0
