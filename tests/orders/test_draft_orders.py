"""Draft orders as clients send them: odd ones are read as they are meant, and no order is no error (sandbox.md 2)."""

import msgspec
import pytest

from app.order_examples import KYPHOPLASTY, L1, VERTEBROPLASTY, WITH_STENT, draft, order_call
from tests.conformance.calls import diagnostics
from tests.orders.calls import ADDRESSES, HOOKS, KYPHOPLASTY_AT_L1, NO_CARDS, PATIENT, ask, post, shown
from tests.service import Client, Json

MEDICATION = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft", "category": {"coding": []}}
PAMA = {"resourceType": "ServiceRequest", "id": "example-request-id", "status": "draft", "code": {"coding": [{}]}, "reasonCode": []}

RECORDS: tuple[Json, ...] = (None, {})
"""The reference patient's, and none at all."""

NO_ORDER: dict[str, Json] = {
    "absent as on the sandbox's second click": None,
    "an empty object": {},
    "an empty array": [],
    "no entry": {"resourceType": "Bundle"},
    "entry null": {"resourceType": "Bundle", "entry": None},
    "entries of the wrong kind": {"resourceType": "Bundle", "entry": [None, 5, "x", [], {}, {"resource": None}, {"resource": []}]},
    "the sandbox's medication": {"resourceType": "Bundle", "entry": [{"resource": MEDICATION}]},
    "the sandbox's imaging order": {"resourceType": "Bundle", "entry": [{"resource": PAMA}]},
    "no code": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "id": "x"}}]},
    "a code of the wrong kind": {"entry": [{"resource": {"resourceType": "ServiceRequest", "id": "x", "code": "426243004"}}]},
    "codings of the wrong kind": [{"resourceType": "ServiceRequest", "code": {"coding": [None, 5, [], {"code": 5}]}}],
    "deep": {"entry": [{"resource": {"resourceType": "ServiceRequest", "note": [[[[[[[[[[]]]]]]]]]]}}]},
}  # fmt: skip

STILL_ONE: dict[str, Json] = {
    "Bundle without type": {"resourceType": "Bundle", "entry": [{"resource": KYPHOPLASTY_AT_L1}]},
    "no resourceType at all": {"entry": [{"resource": KYPHOPLASTY_AT_L1}]},
    "Bundle of an odd type": {"resourceType": "Bundle", "type": "message", "entry": [{"resource": KYPHOPLASTY_AT_L1}]},
    "beside what cannot be read": {"resourceType": "Bundle", "entry": [None, 5, {"resource": MEDICATION}, {"resource": KYPHOPLASTY_AT_L1}]},
    "an array of resources": [KYPHOPLASTY_AT_L1],
    "an array of entries": [{"resource": KYPHOPLASTY_AT_L1}],
    "the order itself": KYPHOPLASTY_AT_L1,
    "entry an object": {"resourceType": "Bundle", "entry": {"resource": KYPHOPLASTY_AT_L1}},
    "category an object": [{**KYPHOPLASTY_AT_L1, "category": {"text": "Surgery"}}],
    "coding an object": [{**KYPHOPLASTY_AT_L1, "code": {"coding": KYPHOPLASTY}}],
    "empty codings beside": [{**KYPHOPLASTY_AT_L1, "code": {"coding": [{}, None, KYPHOPLASTY]}}],
    "no subject": [{name: value for name, value in KYPHOPLASTY_AT_L1.items() if name != "subject"}],
    "a subject without reference": [{**KYPHOPLASTY_AT_L1, "subject": {"display": "Somebody"}}],
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("drafts", NO_ORDER.values(), ids=NO_ORDER)
def test_no_order_is_no_card(client: Client, hook: str, drafts: Json) -> None:
    """With the record, and without: nothing is asked of a call that has nothing to ask about."""
    for resources in RECORDS:
        answer = ask(client, hook, resources=resources, draftOrders=drafts, selections=["ServiceRequest/x", "ServiceRequest/draft-1"])
        assert (answer.status, answer.json) == (200, NO_CARDS)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("drafts", STILL_ONE.values(), ids=STILL_ONE)
def test_an_order_oddly_wrapped_is_one(client: Client, hook: str, drafts: Json) -> None:
    assert shown(ask(client, hook, draftOrders=drafts, selections=["ServiceRequest/draft-1"])) == ["CriteriaMet info"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_call_without_drafts_and_selections_is_no_error(client: Client, hook: str) -> None:
    """The sandbox's second click on a tab."""
    call = order_call(hook, KYPHOPLASTY_AT_L1, resources={})
    for name in ("draftOrders", "selections"):
        call["context"].pop(name, None)
        assert post(client, hook, {**call, "prefetch": None}).status in (200, 412)
    assert post(client, hook, call).json == NO_CARDS


def test_selections_without_drafts_and_drafts_without_selections_are_no_order(client: Client) -> None:
    call = order_call("order-select", KYPHOPLASTY_AT_L1)
    for name in ("draftOrders", "selections"):
        context = {key: value for key, value in call["context"].items() if key != name}
        assert post(client, "order-select", {**call, "context": context}).json == NO_CARDS


@pytest.mark.parametrize("hook", HOOKS)
def test_an_augmentation_without_the_record_is_412(client: Client, hook: str) -> None:
    assert ask(client, hook, KYPHOPLASTY_AT_L1, resources={}).status == 412


BAD: dict[str, tuple[Json, str]] = {
    "draftOrders a number": ({"draftOrders": 5}, "context.draftOrders: must be an object"),
    "draftOrders a string": ({"draftOrders": "none"}, "context.draftOrders: must be an object"),
    "draftOrders a boolean": ({"draftOrders": True}, "context.draftOrders: must be an object"),
    "no patientId": ({"patientId": None}, "context.patientId: is required"),
    "patientId with its type": ({"patientId": "Patient/example-patient"}, "context.patientId: must be the id of a Patient"),
    "no userId": ({"userId": None}, "context.userId: is required"),
    "userId a number": ({"userId": 5}, "context.userId: must be a string"),
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("context", "said"), BAD.values(), ids=BAD)
def test_a_member_of_the_wrong_kind_is_400(client: Client, hook: str, context: dict[str, Json], said: str) -> None:
    answer = ask(client, hook, KYPHOPLASTY_AT_L1, **context)
    assert answer.status == 400
    assert diagnostics(answer).startswith(said)


UNREADABLE: dict[str, bytes] = {
    "a number out of range": b"1e400",
    "an integer of 5000 digits": b"1" * 5_000,
    "a member given twice beside": b'{"a": 1, "a": 1e400}',
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("patient", ["example-patient", "somebody-else"])
@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
def test_drafts_that_cannot_be_read_are_400_whoever_they_are_of(client: Client, hook: str, patient: str, value: bytes) -> None:
    """Not no orders: neither whose they are nor whether one has a stent can be told."""
    order = draft(WITH_STENT, subject={"reference": f"Patient/{patient}"}, q="PLACE")
    answer = client.post(ADDRESSES[hook], msgspec.json.encode(order_call(hook, order)).replace(b'"PLACE"', value))
    assert (answer.status, diagnostics(answer)) == (400, "context.draftOrders: cannot be read")


@pytest.mark.parametrize("hook", HOOKS)
def test_drafts_nested_however_deep_are_read_or_refused(client: Client, hook: str) -> None:
    """Where the parser gives up depends on the stack below it; nowhere is an order overlooked."""
    seen = set()
    for depth in range(930, 980):
        for patient in ("example-patient", "somebody-else"):
            order = draft(WITH_STENT, L1, subject={"reference": f"Patient/{patient}"}, q="PLACE")
            deep = msgspec.json.encode(order_call(hook, order)).replace(b'"PLACE"', b"[" * depth + b"]" * depth)
            answer = client.post(ADDRESSES[hook], deep)
            seen.add(answer.status)
            if answer.status != 400:
                assert (patient, shown(answer)[0]) == ("example-patient", "StentNotRecommended warning")
    assert seen == {200, 400}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("entry", [5, 0, 1.5, "", "x", True, False], ids=repr)
def test_an_entry_of_the_wrong_kind_is_400(client: Client, hook: str, entry: Json) -> None:
    answer = ask(client, hook, draftOrders={"resourceType": "Bundle", "entry": entry}, selections=[])
    assert (answer.status, diagnostics(answer)) == (400, "context.draftOrders: cannot be read")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_code_of_a_list_of_codes_is_read(client: Client, hook: str) -> None:
    codes = [{"coding": [VERTEBROPLASTY]}, None, {"coding": [WITH_STENT]}]
    told = shown(ask(client, hook, {**KYPHOPLASTY_AT_L1, "code": codes}))
    assert told == shown(ask(client, hook, {**KYPHOPLASTY_AT_L1, "code": {"coding": [WITH_STENT]}}))
    assert "StentNotRecommended warning" in told


@pytest.mark.parametrize("selections", [5, "ServiceRequest/draft-1", {}, True, [5], [None], [["x"]]], ids=str)
def test_selections_of_the_wrong_kind_are_400(client: Client, selections: Json) -> None:
    answer = ask(client, "order-select", KYPHOPLASTY_AT_L1, selections=selections)
    assert (answer.status, diagnostics(answer)) == (400, "context.selections: must be an array of strings")


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_has_its_own_address(client: Client, hook: str) -> None:
    for other in ({*HOOKS, "patient-view"}) - {hook}:
        assert post(client, hook, {**order_call(hook, KYPHOPLASTY_AT_L1), "hook": other}).status == 400


SOMEBODY_ELSE: Json = {"reference": "Patient/somebody-else"}
THEIRS = {**MEDICATION, "subject": SOMEBODY_ELSE}
OTHERS: dict[str, Json] = {
    "the augmentation": [draft(KYPHOPLASTY, subject={"reference": "Patient/somebody-else"})],
    "another order beside it": [KYPHOPLASTY_AT_L1, {**MEDICATION, "subject": {"reference": "Patient/somebody-else"}}],
    "another order alone": [{**MEDICATION, "subject": {"reference": "Patient/somebody-else"}}],
    "by the member patient": [KYPHOPLASTY_AT_L1, {"resourceType": "VisionPrescription", "patient": {"reference": "Patient/somebody-else"}}],
    "a patient": [KYPHOPLASTY_AT_L1, {"resourceType": "Patient", "id": "somebody-else"}],
    "in what is contained": [{**KYPHOPLASTY_AT_L1, "contained": [{"subject": {"reference": "Patient/somebody-else"}}]}],
    "in a Bundle among the drafts": [KYPHOPLASTY_AT_L1, {"resourceType": "Bundle", "entry": [{"resource": THEIRS}]}],
    "the only patient of an appointment": [KYPHOPLASTY_AT_L1, {"resourceType": "Appointment", "participant": [{"actor": SOMEBODY_ELSE}]}],
    "the only one an order without a subject refers to": [draft(KYPHOPLASTY, subject=None, requester=SOMEBODY_ELSE)],
    "a group": [draft(KYPHOPLASTY, subject={"reference": "Group/example-patient"})],
    "in another case": [draft(KYPHOPLASTY, subject={"reference": "Patient/Example-Patient"})],
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("drafts", OTHERS.values(), ids=OTHERS)
def test_a_draft_of_another_patient_refuses_the_call(client: Client, hook: str, drafts: Json) -> None:
    """With the record and without, selected or not (contract 6.10)."""
    for resources in RECORDS:
        answer = ask(client, hook, resources=resources, draftOrders=drafts, selections=["ServiceRequest/draft-1"])
        assert answer.status == 400
        assert diagnostics(answer).endswith("a resource is not of the patient this request is about")


@pytest.mark.parametrize("hook", HOOKS)
def test_who_else_takes_part_is_no_reason_to_refuse(client: Client, hook: str) -> None:
    both = {"resourceType": "Appointment", "id": "1", "participant": [{"actor": SOMEBODY_ELSE}, {"actor": {"reference": PATIENT}}]}
    order = {**KYPHOPLASTY_AT_L1, "requester": SOMEBODY_ELSE, "contained": [{"resourceType": "Patient", "id": "a-donor"}]}
    assert shown(ask(client, hook, order, both)) == shown(ask(client, hook, KYPHOPLASTY_AT_L1)) != []


def test_a_draft_at_another_server_is_another_patients(client: Client) -> None:
    call = order_call("order-sign", draft(KYPHOPLASTY, subject={"reference": "https://other.example/fhir/Patient/example-patient"}))
    assert post(client, "order-sign", {**call, "fhirServer": "https://ehr.example/fhir"}).status == 400
    assert post(client, "order-sign", {**call, "fhirServer": "https://other.example/fhir"}).status == 200


def test_another_patients_resource_in_the_record_refuses_the_call(client: Client) -> None:
    foreign = {"resourceType": "Procedure", "id": "x", "subject": {"reference": "Patient/somebody-else"}}
    call = order_call("order-sign", KYPHOPLASTY_AT_L1)
    call["prefetch"]["procedures"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": foreign}]}
    assert post(client, "order-sign", call).status == 400
