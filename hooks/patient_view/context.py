"""Who the call is about and who asks (cds-hooks.md 2, patient-view)."""

import re

import msgspec

from hooks.envelope import CDSCall, text_in
from hooks.errors import BadCall

FHIR_ID = r"(?:[A-Za-z0-9-][A-Za-z0-9.-]{0,63}|\.[A-Za-z0-9-][A-Za-z0-9.-]{0,62}|\.\.[A-Za-z0-9.-]{1,62})"
"""The data type `id`, without `.` and `..`, which in an address lead elsewhere."""
_is_fhir_id = re.compile(FHIR_ID).fullmatch


class PatientViewContext(msgspec.Struct, frozen=True, kw_only=True):
    """`patient_id` is a FHIR id, without `Patient/`. `user_id` is `Practitioner/…` or like it, and is not looked into."""

    patient_id: str
    user_id: str
    encounter_id: str | None = None


def read_context(call: CDSCall) -> PatientViewContext:
    """The context, or BadCall: a member missing, no id, or an authorization made out for another patient (contract 6.10)."""
    patient_id = _required(call, "patientId")
    if not _is_fhir_id(patient_id):
        raise BadCall("must be the id of a Patient: letters, digits, '-' and '.', 64 at most, without 'Patient/'", "context.patientId")
    authorized = text_in(call.fhir_authorization, "patient", "fhirAuthorization")
    if authorized is not None and authorized != patient_id:
        raise BadCall("is not the patient of the context", "fhirAuthorization.patient")
    return PatientViewContext(
        patient_id=patient_id,
        user_id=_required(call, "userId"),
        encounter_id=text_in(call.context, "encounterId", "context"),
    )


def _required(call: CDSCall, name: str) -> str:
    text = text_in(call.context, name, "context")
    if not text:
        raise BadCall("is required", f"context.{name}")
    return text
