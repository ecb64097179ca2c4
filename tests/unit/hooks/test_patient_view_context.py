"""The patient of a patient-view call is one id, and nothing else in the call says otherwise."""

import msgspec
import pytest

from hooks.envelope import read_call
from hooks.errors import BadCall
from hooks.patient_view.context import PatientViewContext, read_context


def context_of(context: object, **members: object) -> PatientViewContext:
    call = {"hook": "patient-view", "hookInstance": "i", "context": context, **members}
    return read_context(read_call(msgspec.json.encode(call), "patient-view"))


def path_of_refusal(context: object, **members: object) -> str:
    with pytest.raises(BadCall) as caught:
        context_of(context, **members)
    return caught.value.path


def test_the_context_is_read() -> None:
    given = {"patientId": "p-1.A", "userId": "Practitioner/1", "encounterId": "e", "later": [1]}
    assert context_of(given) == PatientViewContext(patient_id="p-1.A", user_id="Practitioner/1", encounter_id="e")


def test_an_encounter_is_optional() -> None:
    assert context_of({"patientId": "p", "userId": "Practitioner/1", "encounterId": None}).encounter_id is None


@pytest.mark.parametrize(
    "patient_id",
    ["Patient/p", "p/q", "p q", " p", "p\n", ".", "..", "p?x=1", "p&q", "p%2Fq", "ä", "p_1", "x" * 65, "." * 65, "", None, 5, {}, ["p"]],
)
def test_what_is_no_fhir_id_is_refused(patient_id: object) -> None:
    assert path_of_refusal({"patientId": patient_id, "userId": "Practitioner/1"}) == "context.patientId"


@pytest.mark.parametrize("patient_id", ["p", "...", ".p", "..p", "-", "x" * 64, "." * 64, "8e2d6f2c-2f0b-4a0a-9d0e-000000000000"])
def test_what_is_a_fhir_id_is_taken(patient_id: str) -> None:
    assert context_of({"patientId": patient_id, "userId": "Practitioner/1"}).patient_id == patient_id


@pytest.mark.parametrize("user_id", ["", None, 5, {}])
def test_a_user_is_required(user_id: object) -> None:
    assert path_of_refusal({"patientId": "p", "userId": user_id}) == "context.userId"
    assert path_of_refusal({"patientId": "p"}) == "context.userId"


def test_an_odd_encounter_is_refused() -> None:
    assert path_of_refusal({"patientId": "p", "userId": "Practitioner/1", "encounterId": 7}) == "context.encounterId"


@pytest.mark.parametrize("patient", ["q", "Patient/p", "", 7, {}])
def test_an_authorization_for_another_patient_is_refused(patient: object) -> None:
    authorization = {"access_token": "t", "patient": patient}
    assert path_of_refusal({"patientId": "p", "userId": "Practitioner/1"}, fhirAuthorization=authorization) == "fhirAuthorization.patient"


@pytest.mark.parametrize("authorization", [{}, {"patient": None}, {"patient": "p"}, None])
def test_an_authorization_for_this_patient_or_none_is_taken(authorization: object) -> None:
    assert context_of({"patientId": "p", "userId": "Practitioner/1"}, fhirAuthorization=authorization).patient_id == "p"


def test_no_value_is_repeated_in_a_refusal() -> None:
    with pytest.raises(BadCall) as caught:
        context_of({"patientId": "Patient/secret-id", "userId": "Practitioner/1"})
    assert "secret" not in str(caught.value)
