"""What things are called changes nothing: ids renamed together, and so put in another order, give the same verdict."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cohort.chart import Chart, Resource, at_level, concept, condition, observation, quantity
from tests.properties.charts import charts, held
from tests.properties.service import TODAY, Json, evaluation, mapped


def renamed(chart: Chart, salt: int) -> list[Json]:
    """The chart with every id another, in another alphabetical order."""
    names = {resource["id"]: hashlib.sha256(f"{salt}{resource['id']}".encode()).hexdigest()[:20] for resource in chart.resources}
    references = {f"{each['resourceType']}/{each['id']}": f"{each['resourceType']}/{names[each['id']]}" for each in chart.resources}
    return [mapped(resource, lambda text: references.get(text, names.get(text, text))) for resource in chart.resources]


def nameless(evaluation: Json) -> Json:
    """Without references; and lists, whose last resort is the order of their references, in the order of their content."""
    if isinstance(evaluation, dict):
        return {name: nameless(value) for name, value in evaluation.items() if name != "reference"}
    if isinstance(evaluation, list):
        return sorted((nameless(value) for value in evaluation), key=repr)
    return evaluation


@held
@given(charts(), st.integers(0, 9))
def test_renaming_changes_nothing_but_the_references(chart: Chart, salt: int) -> None:
    assert nameless(evaluation(renamed(chart, salt))) == nameless(evaluation(chart.resources))


Told = list[tuple[str, Resource]]
ONE_DAY = 1
CONTRADICTIONS: dict[str, Told] = {
    "coagulopathy": [("loinc|6301-6", {"valueQuantity": quantity(value, "{INR}", "{INR}")}) for value in (1.1, 3.2)],
    "thrombocytopenia": [("loinc|777-3", {"valueQuantity": quantity(value, "10*9/L", "10*9/L")}) for value in (240, 20)],
    "infection": [("loinc|1988-5", {"valueQuantity": quantity(value, "mg/L", "mg/L")}) for value in (4, 90)],
    "retropulsion": [("own|retropulsion", {"valueBoolean": value, "bodySite": at_level("L1")}) for value in (False, True)],
    "pregnancy": [("loinc|82810-3", {"valueCodeableConcept": concept(code)}) for code in ("sct|60001007", "sct|77386006")],
    "positioning": [("own|unable-to-lie-prone", {"valueBoolean": value}) for value in (False, True)],
    "tender elsewhere": [("own|vertebral-tenderness", {"valueBoolean": value, "bodySite": at_level("L4")}) for value in (False, True)],
    "imaging": [
        (f"own|{name}", {"valueBoolean": True, "bodySite": at_level("L1")}) for name in ("progressive-height-loss", "intravertebral-cleft")
    ],
}


def with_results(results: Told) -> list[Resource]:
    chart = Chart("p", TODAY)
    chart.resources.append({"resourceType": "Patient", "id": "p", "birthDate": "1948-01-01"})
    condition(chart, concept("sct|203450003"), bodySite=[at_level("L1")], onsetDateTime=chart.day(30))
    for code, value in results:
        observation(chart, concept(code), chart.day(ONE_DAY), **value)
    return chart.resources


@pytest.mark.parametrize("contradiction", list(CONTRADICTIONS))
def test_of_two_results_of_one_day_the_name_does_not_decide(contradiction: str) -> None:
    results = CONTRADICTIONS[contradiction]
    assert nameless(evaluation(with_results(results))) == nameless(evaluation(with_results(results[::-1])))
