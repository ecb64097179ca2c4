"""ImagingStudy: that there was an MRI, CT, radiograph, bone scan or SPECT. Never a finding."""

from typing import Literal

from clinical.codes import NONE, Terminology
from clinical.record import ImagingStudy as ImagingStudyFact
from clinical.record import Source
from fhir_mapping.elements import Codes, Coding, Element, concepts_of, listed
from fhir_mapping.reading import Reading
from fhir_mapping.resources.resource import Resource

MODALITIES = frozenset({"mri-study", "ct-study", "radiograph-study", "bone-scan-study", "spect-study"})
DROPPED = frozenset({"cancelled", "entered-in-error"})


class Series(Element, kw_only=True):
    modality: Coding | None = None


class ImagingStudy(Resource, kw_only=True):
    resource_type: Literal["ImagingStudy"]
    status: str | None = None
    modality: list[Coding | None] | None = None
    series: list[Series | None] | None = None
    procedure_code: list[Codes | None] | None = None
    started: str | None = None


def modality_of(study: ImagingStudy, terminology: Terminology) -> frozenset[str]:
    """What kind of imaging it was, as value-set ids; nothing from a study that did not happen."""
    if study.status in DROPPED or study.read_with_care:
        return NONE
    codings = [*listed(study.modality), *(series.modality for series in listed(study.series))]
    return MODALITIES & concepts_of(terminology, Codes(coding=codings), *listed(study.procedure_code))


def to_imaging_study(study: ImagingStudy, reference: str, source: Source, reading: Reading) -> ImagingStudyFact | str:
    """The fact, or why there is none."""
    if study.status in DROPPED:
        return "entered-in-error" if study.status == "entered-in-error" else "status"
    modality = modality_of(study, reading.terminology)
    if not modality:
        return "not-relevant"
    date = reading.date(study.started)
    if reading.is_future(date):
        return "future-dated"
    return ImagingStudyFact(
        reference=reference,
        source=source,
        modality=modality,
        date=date,
        preliminary=study.status != "available",
    )
