"""What every resource has, and whose it is.

A resource type names its patient in one member (`subject`, or `patient` for an allergy). The other members by which R4 names a
patient are declared as null: a resource that carries one of them is not of the shape we know and is read entry by entry, where the
guard sees it (fhir_mapping.odd_section).
"""

import msgspec

from fhir_mapping.elements import Element, Meta, Reference
from fhir_mapping.reading import Reading


class Resource(Element, kw_only=True):
    id: str | None = None
    meta: Meta | None = None
    implicit_rules: str | None = None
    modifier_extension: list[msgspec.Raw] | None = None
    contained: list[msgspec.Raw] | None = None

    @property
    def read_with_care(self) -> bool:
        """Its meaning hangs on something we do not read: modifierExtension or implicitRules."""
        return bool(self.modifier_extension or self.implicit_rules)


class OfSubject(Resource, kw_only=True):
    """A resource about the patient in `subject`."""

    subject: Reference | None = None
    patient: None = None
    for_: None = msgspec.field(default=None, name="for")
    beneficiary: None = None


class OfNobody(Resource, kw_only=True):
    """A resource that R4 gives no patient."""

    subject: None = None
    patient: None = None
    for_: None = msgspec.field(default=None, name="for")
    beneficiary: None = None

    def matters(self, reading: Reading) -> bool:
        """A Patient is always read, a Medication when it is referred to."""
        return True
