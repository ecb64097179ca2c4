"""What kills mutants, quick ones in memory: the clinical cases, the second opinion, the decision table, the frozen cohort.

Everything that no mutant can alter is made at import, while none is active: charts, calls, what the second opinion says of each patient.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import msgspec

from cards.from_assessment import CardOptions, to_cards
from fhir_mapping.patient_record import to_patient_record
from fhir_mapping.section import read_patient_bundle
from guidelines.ta279.guideline import ta279
from guidelines.ta279.recommendation import fracture_outcome
from guidelines.ta279.terminology import text_hints
from tests.cases.builder import Chart
from tests.cases.case import Case, all_paths, load
from tests.cases.judge import differences
from tests.cases.paths import Answer, assessor, by_patient_view, service
from tests.cases.told import ELIGIBLE, accepted, block, told
from tests.decision_table import oracle
from tests.decision_table.made_up import statuses_of
from tests.independent.patients import patient
from tests.independent.second_opinion import Opinion, assess
from tests.independent.test_agreement import differences as disagreements

PATIENTS = 1000
OF_AN_OPINION = 50

CASES = [(case, case.chart()) for case in map(load, all_paths())]
TOLD = accepted()
GUIDELINE = ta279()
GENERATED = [patient(seed) for seed in range(PATIENTS)]


class Check(NamedTuple):
    """`holds()` is False, or raises, where the clinical logic is not what it should be."""

    name: str
    holds: Callable[[], bool]


def checks(of_rules: bool) -> Iterator[Check]:
    """`of_rules`: for mutants of rules alone. Then what the resources say is read once, and only the record is judged again."""
    for case, chart in CASES:
        service(case.profile, case.time_zone)
        answer = from_the_record(case, chart) if of_rules and not case.gaps else partial(by_patient_view, case, chart)
        yield Check(f"case {case.name}", as_the_case_says(case, chart, answer))
    yield Check("decision table", as_the_table_says)
    thresholds = GUIDELINE.assess(*GENERATED[0]).thresholds
    opinions = [assess(record, today, thresholds) for record, today in GENERATED]
    for first in range(0, PATIENTS, OF_AN_OPINION):
        yield Check(f"second opinion from {first}", as_the_second_opinion_says(first, opinions[first : first + OF_AN_OPINION]))
    yield Check("cases after a new start", after_a_new_start)


def from_the_record(case: Case, chart: Chart) -> Callable[[], Answer]:
    judge = assessor(case.profile, case.time_zone)
    record = to_patient_record(
        read_patient_bundle(json.dumps(chart.bundle()).encode()), patient_id=chart.patient_id, terminology=judge.terminology,
        text_hints=text_hints, zone=judge.zone, today=case.as_of, fhir_base=None, gaps=(), only_with=None,
    )  # fmt: skip

    def answer() -> Answer:
        assessment = judge.guideline.assess(record, case.as_of)
        cards = to_cards(assessment, judge.guideline, CardOptions())
        return json.loads(msgspec.json.encode(assessment)), [str(card.source.topic.code) for card in cards]

    return answer


def as_the_case_says(case: Case, chart: Chart, answer: Callable[[], Answer]) -> Callable[[], bool]:
    ordinary = [] if case.name == ELIGIBLE else TOLD[ELIGIBLE].splitlines()

    def holds() -> bool:
        evaluation, topics = answer()
        said = told(evaluation)
        return differences(case, chart, evaluation, topics) == [] and block(said, ordinary) == TOLD[case.name]

    return holds


def as_the_table_says() -> bool:
    return all(fracture_outcome(statuses_of(each)).value == oracle.fracture(each) for each in oracle_rows())


def oracle_rows() -> Iterator[oracle.Combination]:
    return product(("met", "unknown", "not-met"), repeat=9)


def as_the_second_opinion_says(first: int, opinions: list[Opinion]) -> Callable[[], bool]:
    def holds() -> bool:
        pairs = zip(GENERATED[first : first + OF_AN_OPINION], opinions, strict=True)
        return all(not list(disagreements(GUIDELINE.assess(record, today), opinion)) for (record, today), opinion in pairs)

    return holds


def after_a_new_start() -> bool:
    """The terminology and the thresholds read again, then one case in ten."""
    assessor.cache_clear()
    service.cache_clear()
    return all(as_the_case_says(case, chart, partial(by_patient_view, case, chart))() for case, chart in CASES[::10])
