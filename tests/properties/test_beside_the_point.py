"""What is no business of the guideline changes nothing: other problems, other drugs, and who the person is (law 9)."""

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.cohort.chart import HL7, Chart, Resource, concept, condition, hl7, observation, quantity
from tests.properties.charts import charts, held
from tests.properties.service import TODAY, evaluation_bytes, hook_answer

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
NULL_FLAVOR = f"{HL7}v3-NullFlavor"


def unrelated() -> list[Resource]:
    """A migraine, a sodium, an inhaler, an appendix removed, a cat allergy, a foot film, a jab: a patient's other life."""
    chart = Chart("p", TODAY)
    condition(chart, {"text": "Migraine"}, onsetDateTime=chart.day(4000))
    condition(chart, concept("icd10|H40.1", "Glaucoma"), recordedDate=chart.day(20))
    observation(chart, {"text": "Sodium"}, chart.day(2), valueQuantity=quantity(139, "mmol/L", "mmol/L"))
    observation(chart, concept("loinc|29463-7", "Weight"), chart.day(1), valueQuantity=quantity(70, "kg", "kg"))
    chart.add("MedicationRequest", status="active", intent="order", medicationCodeableConcept={"text": "Inhaler"}, authoredOn=chart.day(9))
    chart.add("Procedure", status="completed", code={"text": "Appendix removed"}, performedDateTime=chart.day(9000))
    chart.add("AllergyIntolerance", clinicalStatus=hl7("allergyintolerance-clinical", "active"), code={"text": "Cat"})
    chart.add("DiagnosticReport", status="final", code={"text": "Foot film"}, effectiveDateTime=chart.day(5), conclusion="No fracture.")
    chart.add("Immunization", status="completed", vaccineCode={"text": "Influenza"}, occurrenceDateTime=chart.day(30))
    return [{**resource, "id": f"other-{resource['id']}"} for resource in chart.resources]


def persons() -> st.SearchStrategy[Resource]:
    """What a Patient may say of somebody beyond age and life."""
    race = st.sampled_from(["asked-unknown", "unknown", "other"]).map(
        lambda code: {"url": f"{US_CORE}us-core-race", "extension": [{"url": "text", "valueString": code}]}
    )
    ethnicity = st.just({"url": f"{US_CORE}us-core-ethnicity", "extension": [{"url": "text", "valueString": "Hispanic or Latino"}]})
    identity = st.just({"url": f"{US_CORE}us-core-genderIdentity", "valueCodeableConcept": concept("Non-binary")})
    birth_sex = st.sampled_from(["F", "M", "UNK"]).map(lambda code: {"url": f"{US_CORE}us-core-birthsex", "valueCode": code})
    members = {
        "gender": st.sampled_from(["female", "male", "other", "unknown"]),
        "extension": st.lists(st.one_of(race, ethnicity, identity, birth_sex), max_size=4),
        "communication": st.sampled_from(["en", "ur", "cy", "pl"]).map(lambda code: [{"language": {"text": code}, "preferred": True}]),
        "maritalStatus": st.sampled_from(["M", "D", "W", "UNK"]).map(lambda code: hl7("v3-MaritalStatus", code)),
        "name": st.just([{"family": "Somebody", "given": ["Else"]}]),
        "address": st.just([{"country": "GB", "postalCode": "ZZ99 9ZZ"}]),
    }
    return st.fixed_dictionaries({}, optional=members)


@held
@given(charts(), persons())
def test_who_the_person_is_changes_no_card(chart: Chart, person: Resource) -> None:
    """Race, ethnicity, language, sex, gender identity, marital status, name, address; every uuid is made the same here."""
    someone = {name: value for name, value in chart.resources[0].items() if name != "gender"}
    before = hook_answer(chart.resources)
    assert hook_answer([{**someone, **person}, *chart.resources[1:]]) == before
    assert evaluation_bytes([{**someone, **person}, *chart.resources[1:]]) == evaluation_bytes(chart.resources)


@held
@given(charts(), st.lists(st.sampled_from(unrelated()), max_size=9, unique_by=id), st.randoms(use_true_random=False))
def test_an_unrelated_fact_changes_nothing(chart: Chart, others: list[Resource], shuffling: random.Random) -> None:
    record = [*chart.resources[1:], *others]
    shuffling.shuffle(record)
    assert evaluation_bytes([chart.resources[0], *record]) == evaluation_bytes(chart.resources)
