"""The truth table: Kleene's three values (guideline.md 1.0)."""

from itertools import product

from clinical.status import Status, all_of, status_of

LEAST_CERTAIN = [Status.NOT_MET, Status.UNKNOWN, Status.MET]


def test_all_of_them_is_the_least_of_them() -> None:
    for statuses in product(Status, repeat=3):
        assert all_of(iter(statuses)) is min(statuses, key=LEAST_CERTAIN.index)
    assert all_of([]) is Status.MET


def test_what_holds_in_every_reading_is_met_in_none_not_met_in_some_unknown() -> None:
    assert status_of(certainly=True, possibly=True) is Status.MET
    assert status_of(certainly=False, possibly=True) is Status.UNKNOWN
    assert status_of(certainly=False, possibly=False) is Status.NOT_MET
