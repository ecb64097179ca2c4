"""Filled-in assessment forms for the sample patients: kept in this process's memory, few and small, until it ends.

Everybody who tries this demo sees them, so nothing is kept but coded answers, days and numbers: a form is made anew from what it says
in the shapes below, and whatever else was sent, free text above all, is not in it.
"""

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from app.demo.templates import Resource

LARGEST_FORM = 64 * 1024
FORMS_PER_PATIENT = 5
ID_LENGTH = 32
QUESTIONNAIRE = "https://vertebral-augmentation-cds.example/fhir/Questionnaire/ta279-assessment"

LinkId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.\-]{1,64}$")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.\-]{1,64}$")]
System = Annotated[str, msgspec.Meta(pattern=r"^https?://[A-Za-z0-9./\-]{1,100}$")]
SamplePatient = Annotated[str, msgspec.Meta(pattern=r"^Patient/[a-z0-9\-]{1,64}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class NotKept(Exception):
    """The form is none that is kept here; the text says why and repeats nothing of it."""


class _Coding(msgspec.Struct, frozen=True):
    system: System
    code: Code


class _Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Exactly one value."""

    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: float | None = None
    value_date: date | None = None
    value_coding: _Coding | None = None

    def __post_init__(self) -> None:
        values = (self.value_boolean, self.value_integer, self.value_decimal, self.value_date, self.value_coding)
        if sum(value is not None for value in values) != 1:
            raise ValueError("not one value")


class _Item(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    link_id: LinkId
    answer: list[_Answer] = []
    item: "list[_Item]" = []


class _Subject(msgspec.Struct, frozen=True):
    reference: SamplePatient


class _Form(msgspec.Struct, frozen=True, rename="camel", tag_field="resourceType", tag="QuestionnaireResponse"):
    questionnaire: Literal["https://vertebral-augmentation-cds.example/fhir/Questionnaire/ta279-assessment"]
    status: Literal["completed", "amended"]
    subject: _Subject
    authored: Moment
    item: Annotated[list[_Item], msgspec.Meta(min_length=1)]


_read_form = msgspec.json.Decoder(_Form).decode


class KeptForms:
    """The newest few forms of each sample patient. Nothing is written to disk."""

    def __init__(self) -> None:
        self._by_patient: dict[str, deque[Resource]] = {}

    def keep(self, body: bytes, patients: set[str]) -> Resource:
        """The form as it is kept, with an id made from what it says: sent twice, it is kept once.

        NotKept where it is too large, not our form, not finished, or of nobody here.
        """
        if len(body) > LARGEST_FORM:
            raise NotKept(f"A form of more than {LARGEST_FORM // 1024} KiB is not kept here.")
        try:
            form = _read_form(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise NotKept("Kept here is a finished QuestionnaireResponse to ta279-assessment, with coded answers, and no other.") from None
        patient = form.subject.reference.removeprefix("Patient/")
        if patient not in patients:
            raise NotKept("The form is not about a sample patient.")
        kept: Resource = {**msgspec.to_builtins(form), "id": sha256(msgspec.json.encode(form)).hexdigest()[:ID_LENGTH]}
        others = [other for other in self.of(patient) if other["id"] != kept["id"]]
        self._by_patient[patient] = deque([*others, kept], maxlen=FORMS_PER_PATIENT)
        return kept

    def of(self, patient: str) -> Iterator[Resource]:
        """Newest last."""
        return iter(self._by_patient.get(patient, ()))
