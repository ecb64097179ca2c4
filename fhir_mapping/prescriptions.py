"""The four medication resources to one kind of fact: what, when, how, and whether it was not tolerated (guideline.md 5)."""

from clinical.codes import NONE
from clinical.record import Medication as MedicationFact
from clinical.record import Source
from fhir_mapping.elements import Codes, concepts_of
from fhir_mapping.exposure import Given, exposure_of, refusal
from fhir_mapping.reading import Reading
from fhir_mapping.resources.medication import Medication, codes_in, codes_of


def to_medication(given: Given, product: Medication | None, reference: str, source: Source, reading: Reading) -> MedicationFact | str:
    """The fact, or why there is none. `product` is what its medicationReference means, where that could be found."""
    if reason := refusal(given):
        return reason
    codes: list[Codes | None] = [given.medication_codeable_concept, *(codes_of(product) if product is not None else ())]
    concepts = concepts_of(reading.terminology, *codes)
    hints = NONE if concepts else reading.hints(*_texts(given, product))
    if not concepts and product is not None and product.read_with_care and concepts_of(reading.terminology, *codes_in(product)):
        reading.unread.add(given.resource_type)
        return "modifier-extension"
    if not concepts and not hints:
        unresolved = given.medication_reference is not None and given.medication_codeable_concept is None and product is None
        return "unresolved-medication" if unresolved else "not-relevant"
    exposure = exposure_of(given, reading)
    if reading.is_future(exposure.start):
        return "future-dated"
    return MedicationFact(
        reference=reference,
        source=source,
        kind=exposure.kind,
        concepts=concepts,
        hints=hints,
        start=exposure.start,
        stop=exposure.stop,
        ongoing=exposure.ongoing,
        as_needed=exposure.as_needed,
        stopped_for_intolerance=exposure.intolerance,
    )


def _texts(given: Given, product: Medication | None) -> list[str | None]:
    """Names as people wrote them: a hint at most (G6)."""
    concept, label = given.medication_codeable_concept, given.medication_reference
    named = product.code.text if product is not None and product.code is not None else None
    return [concept.text if concept is not None else None, label.display if label is not None else None, named]
