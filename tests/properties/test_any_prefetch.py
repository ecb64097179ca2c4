"""Law 1: any JSON object as prefetch gives a valid CDS response or a named error, never an exception; and nobody else's data (law 3)."""

from copy import deepcopy

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from app.routes.evaluations import evaluate
from fhir_mapping.errors import AnotherPatient, MappingError
from hooks.errors import CallError
from hooks.messages import CDSResponse
from tests.cohort.chart import OF_PATIENT, Chart, Resource
from tests.cohort.generator import bundle_of
from tests.properties.charts import charts, held
from tests.properties.service import ASSESSOR, PATIENT_VIEW, TODAY, Json, call_with, encode, prefetched

SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12) | st.sampled_from(["Patient/p", "final", "active", "2026-02-30", "2026-11", "9999-12-31", "http://snomed.info/sct"])
)  # fmt: skip
MEMBERS = st.text(max_size=6) | st.sampled_from(
    ["resourceType", "entry", "resource", "subject", "reference", "coding", "system", "code", "value", "valueQuantity", "id", "component"]
)
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MEMBERS, inner, max_size=4), max_leaves=12)
KEYS = [template.key for template in PATIENT_VIEW.templates]


def answered(prefetch: Json) -> None:
    """A CDSResponse as specified, or an error of ours."""
    try:
        body = PATIENT_VIEW.answer(call_with(prefetch), TODAY)
    except (CallError, MappingError) as refusal:
        event(f"refused: {type(refusal).__name__}")
    else:
        event("answered")
        CDSResponse.model_validate_json(body)


@held
@given(st.dictionaries(MEMBERS | st.sampled_from(KEYS), ANY_JSON, max_size=12))
def test_any_json_as_prefetch_is_answered_or_refused(prefetch: Json) -> None:
    answered(prefetch)


def places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value but the top."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, part in inner for place in ((*path, name), *places(part, (*path, name)))]


@held
@given(charts(), st.data())
def test_a_chart_with_anything_anywhere_is_answered_or_refused(chart: Chart, data: st.DataObject) -> None:
    """One to four members of a real prefetch replaced by whatever JSON there is."""
    prefetch: Json = deepcopy(prefetched(chart.resources))
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(places(prefetch)))
        target: Json = prefetch
        for step in way:
            target = target[step]
        target[last] = data.draw(ANY_JSON)
    answered(prefetch)


def of_somebody_else(resource: Resource) -> Resource:
    whose = "patient" if resource["resourceType"] in OF_PATIENT else "subject"
    return {**resource, whose: {"reference": "Patient/somebody-else"}}


@held
@given(charts(), charts(), st.data())
def test_another_patients_resource_anywhere_refuses_the_call(chart: Chart, other: Chart, data: st.DataObject) -> None:
    """Under any key, whatever its type, first or last: no answer at all."""
    stranger = of_somebody_else(data.draw(st.sampled_from(other.resources[1:] or chart.resources[1:] or UNKNOWN)))
    place = data.draw(st.integers(1, len(chart.resources)))
    with pytest.raises(AnotherPatient):
        evaluate(ASSESSOR, encode(bundle_of([*chart.resources[:place], stranger, *chart.resources[place:]])), TODAY)
    prefetch = prefetched(chart.resources)
    key = data.draw(st.sampled_from([key for key in KEYS if key != "patient"]))
    prefetch[key] = bundle_of([*(entry["resource"] for entry in prefetch[key]["entry"]), stranger], "searchset")
    with pytest.raises(AnotherPatient):
        PATIENT_VIEW.answer(call_with(prefetch), TODAY)


UNKNOWN: list[Resource] = [{"resourceType": "Encounter", "id": "e", "status": "finished"}]
