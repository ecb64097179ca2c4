"""What is behind a finding, as a study or a report tells it: the kind of imaging, when it was made, and whether it stands."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from clinical.codes import NONE
from clinical.dates import PartialDate
from fhir_mapping.elements import concepts_of
from fhir_mapping.moments import is_no_end, moment, span
from fhir_mapping.reading import Reading
from fhir_mapping.resources.diagnostic_report import DiagnosticReport
from fhir_mapping.resources.imaging_study import DROPPED, MODALITIES, ImagingStudy, modality_of


class Behind(msgspec.Struct, frozen=True, gc=False):
    """As in clinical.record.Observation: the modality, when the study was made, and whether it was cancelled or entered in error.

    A finding is not withdrawn with one report of it if another report of it stands: adding what was entered in error changes nothing.
    """

    modality: frozenset[str] = NONE
    studied: PartialDate | None = None
    study_withdrawn: bool = False
    report_withdrawn: bool = False
    report_stands: bool = False

    @property
    def withdrawn(self) -> bool:
        return self.study_withdrawn or (self.report_withdrawn and not self.report_stands)


NOTHING = Behind()


def behind_study(study: ImagingStudy, reading: Reading) -> Behind:
    """Of a study whose meaning is modified, nothing is known."""
    if study.status in DROPPED:
        return Behind(study_withdrawn=True)
    return (
        NOTHING
        if study.read_with_care
        else Behind(modality_of(study, reading.terminology), _by_today(_day(study.started, reading), reading))
    )


def behind_report(report: DiagnosticReport, reading: Reading) -> Behind:
    """What the report alone tells: when it was issued is not when the study was made."""
    if not report.counts:
        return Behind(report_withdrawn=report.status in DROPPED, report_stands=report.status not in DROPPED)
    period = report.effective_period
    studied = _day(report.effective_date_time, reading)
    if studied is None and period is not None:
        studied = span(_day(period.start, reading), None if is_no_end(period.end) else _day(period.end, reading))
    return Behind(MODALITIES & concepts_of(reading.terminology, report.code), _by_today(studied, reading), report_stands=True)


def joined(several: Sequence[Behind]) -> Behind:
    """Every modality, the earliest day; withdrawn if any study is."""
    return Behind(
        NONE.union(*(behind.modality for behind in several)),
        _earliest(behind.studied for behind in several),
        any(behind.study_withdrawn for behind in several),
        any(behind.report_withdrawn for behind in several),
        any(behind.report_stands for behind in several),
    )


def _earliest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    known = [when for when in dates if when is not None]
    return min(known, key=lambda when: (when.sort_key(), when.earliest or date.min), default=None)


def _day(text: str | None, reading: Reading) -> PartialDate | None:
    """Not counted where it is none: that was done, or will be, where the study or report is read for itself."""
    return moment(text, reading.zone) if text is not None else None


def _by_today(when: PartialDate | None, reading: Reading) -> PartialDate | None:
    return None if reading.is_future(when) else when
