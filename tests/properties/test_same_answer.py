"""Law 4: entry order, duplicates, splitting and the door by which the record comes in change nothing."""

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.cohort.chart import Chart
from tests.properties.charts import charts, held, note
from tests.properties.service import assessed, decode, encode, evaluation, evaluation_bytes, evaluation_in, hook_answer, mapped, section_of


@held
@given(charts(), st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(chart: Chart, shuffling: random.Random) -> None:
    shuffled = list(chart.resources)
    shuffling.shuffle(shuffled)
    before = evaluation_bytes(chart.resources)
    note(decode(before))
    assert evaluation_bytes(shuffled) == before
    assert evaluation_bytes(chart.resources, kind="searchset") == before


@held
@given(charts(), st.data())
def test_telling_things_twice_changes_nothing(chart: Chart, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(chart.resources), max_size=8))
    assert evaluation_bytes([*chart.resources, *again]) == evaluation_bytes(chart.resources)


@held
@given(charts(), st.data())
def test_splitting_the_record_changes_nothing(chart: Chart, data: st.DataObject) -> None:
    """Each type in one section, or in up to three that come in any order: as bytes the same Evaluation."""
    kinds = sorted({resource["resourceType"] for resource in chart.resources} - {"Encounter"})
    sections = []
    for kind in kinds:
        held_here = [resource for resource in chart.resources if resource["resourceType"] == kind]
        parts = [data.draw(st.integers(0, 2)) for _ in held_here]
        sections += [section_of(kind, [each for each, where in zip(held_here, parts, strict=True) if where == part]) for part in set(parts)]
    assert encode(assessed(data.draw(st.permutations(sections)))) == evaluation_bytes(chart.resources)


@held
@given(charts())
def test_prefetch_and_evaluations_say_the_same(chart: Chart) -> None:
    """But for where the evidence came from, which each line says."""
    told = mapped(evaluation_in(hook_answer(chart.resources)), lambda text: "bundle" if text == "prefetch" else text)
    assert told == evaluation(chart.resources)


@held
@given(charts())
def test_the_same_call_gets_the_same_bytes(chart: Chart) -> None:
    assert evaluation_bytes(chart.resources) == evaluation_bytes(chart.resources)
    assert hook_answer(chart.resources) == hook_answer(chart.resources)
