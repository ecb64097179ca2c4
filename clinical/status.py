"""Three-valued logic (Kleene): the truth table of this service, written once."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """MET and NOT_MET need evidence. UNKNOWN is a value, not a failure."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


def all_of(statuses: Iterable[Status]) -> Status:
    """Kleene AND: any NOT_MET is NOT_MET; else any UNKNOWN is UNKNOWN; else MET."""
    seen = set(statuses)
    if Status.NOT_MET in seen:
        return Status.NOT_MET
    return Status.UNKNOWN if Status.UNKNOWN in seen else Status.MET


def status_of(certainly: bool, possibly: bool) -> Status:
    """What holds in every reading is MET, in no reading NOT_MET, in some UNKNOWN."""
    if certainly:
        return Status.MET
    return Status.UNKNOWN if possibly else Status.NOT_MET
