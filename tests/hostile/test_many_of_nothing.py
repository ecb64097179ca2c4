"""Five megabytes of nothing at all: what is not looked into must not cost as if it were, one object at a time."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import msgspec
import pytest

from app import reference_patient
from app.main import build_house
from app.settings import Mode, Settings
from tests.conformance.calls import ask, call, evaluation, topics
from tests.service import Client, Json

SERVICE = next(iter(build_house(Settings.model_construct(mode=Mode.DEMO, explain=False)).registry))
FEW, MANY = 5_000, 10_000
FOR_A_WAY_IN = 500  # a call of one shape may be read by another way than the one before


def steps(prefetch: Json) -> int:
    """How many functions are called for an answer, Python's own among them."""
    body, count = msgspec.json.encode(call(prefetch)), 0

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # others listen to it, and are called
    sys.setprofile(step)
    try:
        SERVICE.answer(body, reference_patient.DAY)
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def contained(prefetch: Json, key: str, many: list[Json]) -> Json:
    """In the last resource of a key: of the conditions it is the fracture."""
    *others, last = prefetch[key]["entry"]
    return {**prefetch, key: {**prefetch[key], "entry": [*others, {"resource": {**last["resource"], "contained": many}}]}}


PLACES: dict[str, Callable[[Json, list[Json]], Json]] = {
    "in the fracture": lambda prefetch, many: contained(prefetch, "conditions", many),
    "in a medicine": lambda prefetch, many: contained(prefetch, "medicationDispenses", many),
    "in the Patient": lambda prefetch, many: {**prefetch, "patient": {**prefetch["patient"], "contained": many}},
    "under a key nobody asked for": lambda prefetch, many: {**prefetch, "more": many},
    "in a resource nobody asked for": lambda prefetch, many: {**prefetch, "more": {"resourceType": "Basic", "contained": many}},
}


@pytest.mark.parametrize("nothing", [{}, None, 0, ""], ids=str)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_twice_as_much_of_nothing_takes_no_step_more(eligible: Json, place: Callable[[Json, list[Json]], Json], nothing: Json) -> None:
    steps(eligible)
    assert abs(steps(place(eligible, [nothing] * MANY)) - steps(place(eligible, [nothing] * FEW))) < FOR_A_WAY_IN


def padded(prefetch: Json, key: str, nothing: Json, times: int) -> Json:
    return {**prefetch, key: {**prefetch[key], "entry": [*prefetch[key]["entry"], *[nothing] * times]}}


@pytest.mark.parametrize("nothing", [{}, 0, None, {"resource": 0}, {"fullUrl": "urn:uuid:1"}], ids=str)
def test_entries_too_short_to_hold_resources_are_a_failure_where_they_are_many(client: Client, eligible: Json, nothing: Json) -> None:
    """Of a type that must be there 412, of any other a gap. Nobody else's data are let in so."""
    assert ask(client, padded(eligible, "conditions", nothing, 10)).status == 200
    assert ask(client, padded(eligible, "conditions", nothing, FEW)).status == 412
    assert {"resourceType": "MedicationDispense", "reason": "failed"} in evaluation(
        ask(client, padded(eligible, "medicationDispenses", nothing, FEW))
    )["dataGaps"]
    theirs = {"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/somebody-else"}}}
    eligible["conditions"]["entry"].append(theirs)
    assert ask(client, padded(eligible, "conditions", nothing, FEW)).status == 400


def test_as_many_that_hold_resources_are_read(client: Client, eligible: Json) -> None:
    assert topics(ask(client, padded(eligible, "conditions", {"resource": {"resourceType": "Condition"}}, FEW))) == ["ta279CriteriaMet"]
    assert client.post("/evaluations", bundled(eligible, {"resource": {"resourceType": "Condition"}})).status == 200
    assert client.post("/evaluations", bundled(eligible, {})).status == 400


def bundled(prefetch: Json, entry: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": prefetch["patient"]}, *[entry] * FEW]}
