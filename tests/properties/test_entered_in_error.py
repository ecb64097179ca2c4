"""Law 3: what was entered in error is never evidence."""

from hypothesis import given
from hypothesis import strategies as st

from tests.cohort.chart import Chart, Resource, hl7
from tests.properties.charts import charts, held
from tests.properties.service import evaluation, evaluation_bytes

BY_VERIFICATION = {"Condition": "condition-ver-status", "AllergyIntolerance": "allergyintolerance-verification"}


def in_error(resource: Resource, new_id: str | None = None) -> Resource:
    """The same, said to have been entered in error; clinicalStatus goes, as FHIR demands of such a Condition."""
    copy = {name: value for name, value in resource.items() if name != "clinicalStatus"}
    if resource["resourceType"] in BY_VERIFICATION:
        copy["verificationStatus"] = hl7(BY_VERIFICATION[resource["resourceType"]], "entered-in-error")
    else:
        copy["status"] = "entered-in-error"
    return copy | ({"id": new_id} if new_id else {})


@held
@given(charts(), charts(), st.data())
def test_adding_what_was_entered_in_error_changes_nothing(chart: Chart, other: Chart, data: st.DataObject) -> None:
    """Copies of this patient's own resources, and anything that a made-up patient may have, but for a report that takes a finding of this
    patient's along because ids are alike: a finding of which the only report is withdrawn is withdrawn (`fhir_mapping.behind`).
    """
    pool = [*chart.resources[1:], *({name: value for name, value in each.items() if name != "result"} for each in other.resources[1:])]
    chosen = data.draw(st.lists(st.integers(0, len(pool) - 1), max_size=12, unique=True)) if pool else []
    wrong = [in_error(pool[index], f"wrong-{index}") for index in chosen]
    assert evaluation_bytes([*chart.resources, *wrong]) == evaluation_bytes(chart.resources)


@held
@given(charts())
def test_a_record_entered_in_error_throughout_holds_no_fracture(chart: Chart) -> None:
    answer = evaluation([chart.resources[0], *(in_error(resource) for resource in chart.resources[1:])])
    assert answer["outcome"] == "no-evaluable-fracture"
    assert answer["fractures"] == []
    assert "flags" not in answer
