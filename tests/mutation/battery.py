"""What kills mutants, quick ones in memory: the clinical cases, the second opinion, the decision table, the frozen cohort.

Everything that no mutant can alter is made at import, while none is active: charts, calls, what the second opinion says of each patient.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

from guidelines.ta279.guideline import ta279
from guidelines.ta279.recommendation import fracture_outcome
from tests.cases.builder import Chart
from tests.cases.case import Case, all_paths, load
from tests.cases.judge import differences
from tests.cases.paths import assessor, by_patient_view, service
from tests.cases.told import ELIGIBLE, accepted, block, told
from tests.decision_table import oracle
from tests.decision_table.made_up import statuses_of
from tests.independent.patients import patient
from tests.independent.second_opinion import Opinion, assess
from tests.independent.test_agreement import differences as disagreements

PATIENTS = 2000
OF_AN_OPINION = 50

CASES = [(case, case.chart()) for case in map(load, all_paths())]
TOLD = accepted()
GUIDELINE = ta279()
GENERATED = [patient(seed) for seed in range(PATIENTS)]


class Check(NamedTuple):
    """`holds()` is False, or raises, where the clinical logic is not what it should be."""

    name: str
    holds: Callable[[], bool]


def checks() -> Iterator[Check]:
    for case, chart in CASES:
        service(case.profile, case.time_zone)
        yield Check(f"case {case.name}", as_the_case_says(case, chart))
    yield Check("decision table", as_the_table_says)
    thresholds = GUIDELINE.assess(*GENERATED[0]).thresholds
    opinions = [assess(record, today, thresholds) for record, today in GENERATED]
    for first in range(0, PATIENTS, OF_AN_OPINION):
        yield Check(f"second opinion from {first}", as_the_second_opinion_says(first, opinions[first : first + OF_AN_OPINION]))
    yield Check("cases after a new start", after_a_new_start)


def as_the_case_says(case: Case, chart: Chart) -> Callable[[], bool]:
    ordinary = [] if case.name == ELIGIBLE else TOLD[ELIGIBLE].splitlines()

    def holds() -> bool:
        evaluation, topics = by_patient_view(case, chart)
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
    return all(as_the_case_says(case, chart)() for case, chart in CASES[::10])
