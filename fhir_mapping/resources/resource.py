"""What every resource has. Whose it is has been seen before it is opened (fhir_mapping.glance, fhir_mapping.patient_guard)."""

import msgspec

from fhir_mapping.elements import Element, Meta


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
