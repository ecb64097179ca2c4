"""Whether an observation's value says anything: 'unknown' and 'not done' do not (guideline.md 3: not recorded is no flag)."""

from fhir_mapping.elements import coded
from fhir_mapping.resources.observation import Valued

NO_ANSWERS = frozenset({
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "http://hl7.org/fhir/v3/NullFlavor",
    "http://terminology.hl7.org/CodeSystem/data-absent-reason", "http://hl7.org/fhir/data-absent-reason",
})  # fmt: skip
UNKNOWN = frozenset({("http://loinc.org", "LA4489-6"), ("http://snomed.info/sct", "261665006")})
NOTHING = frozenset({
    "", "-", "unknown", "not known", "n/a", "na", "not applicable", "not asked", "not recorded", "not done", "not performed", "not tested",
    "not measured", "cancelled", "canceled", "pending", "postmenopausal", "post-menopausal",
})  # fmt: skip


def says_something(valued: Valued) -> bool:
    """Is a value given, other than a way to say that there is none?"""
    concept, quantity = valued.value_codeable_concept, valued.value_quantity
    if concept is not None:
        if any(system in NO_ANSWERS or (system, code) in UNKNOWN for system, code in coded((concept,))):
            return False
        return _tells(concept.text) if concept.text else bool(concept.coding)
    if valued.value_string is not None:
        return _tells(valued.value_string)
    return has_value(valued) and not (quantity is not None and quantity.value is None)


def has_value(valued: Valued) -> bool:
    """Any value[x] but the two that say present or absent."""
    return any(
        value is not None
        for value in (
            valued.value_quantity, valued.value_integer, valued.value_decimal, valued.value_range, valued.value_string,
            valued.value_date_time, valued.value_time, valued.value_period, valued.value_ratio, valued.value_sampled_data,
        )
    )  # fmt: skip


def _tells(text: str) -> bool:
    return text.strip().rstrip(".").casefold() not in NOTHING
