"""FHIR R4 resources that a card proposes: drafts of intent proposal, for this patient, that say who drafted them (cds-hooks.md D-05).

Plain JSON, valid R4; what stands in them is ours, but for ids of the record's own resources.
"""

from collections.abc import Iterable, Mapping, Sequence

from cards.card import Coding
from cards.criterion_wording import COMPRESSION_FRACTURE
from cards.ordered import AugmentationOrder
from clinical.assessment import Evidence, FractureAssessment

Resource = dict[str, object]

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
VERTEBRAE = {
    "T1": "64864005", "T2": "53733008", "T3": "1626008", "T4": "73071006", "T5": "56401006", "T6": "45296009", "T7": "62487009",
    "T8": "11068009", "T9": "82687006", "T10": "7610001", "T11": "12989004", "T12": "23215003",
    "L1": "66794005", "L2": "14293000", "L3": "36470004", "L4": "11994002", "L5": "49668003",
}  # fmt: skip
"""SNOMED CT body structures (guideline.md 1.11, DICOM CID 7603)."""
MRI = {"T": ("36532-0", "thoracic"), "L": ("30679-5", "lumbar")}
"""LOINC codes of MRI without contrast, by region."""
BALLOON_KYPHOPLASTY = Coding("426243004", SNOMED)

REFERRAL = "Referral to spinal / interventional radiology multidisciplinary team"
SEQUENCES = "Fat-suppressed fluid-sensitive sequences (STIR or fat-suppressed T2)"
WITHOUT_STENT = "Balloon kyphoplasty without stent"
REASON_TYPES = ("Condition", "Observation", "DiagnosticReport")
UNIDENTIFIED = "unidentified"


def referral(fractures: Sequence[FractureAssessment], patient_id: str) -> Resource:
    """To the team that decides with the person: never an order of a procedure."""
    note = f"Drafted by decision support: NICE TA279 criteria appear met at {_named(fractures)}. It supports, does not decide."
    return {
        **_proposal("spinal-mdt-referral", patient_id),
        "code": {"text": REFERRAL},
        **_about(fractures),
        "note": [{"text": note}],
    }


def mri(fractures: Sequence[FractureAssessment], patient_id: str) -> Resource:
    """Of the one region in which these levels lie, with the sequences that show marrow oedema."""
    code, region = MRI[fractures[0].level[0]]
    where = _named(fractures)
    return {
        **_proposal(f"mri-{region}-spine", patient_id),
        "code": {"coding": [{"system": LOINC, "code": code}], "text": f"MRI of the {region} spine"},
        "orderDetail": [{"text": SEQUENCES}],
        **_about(fractures),
        "note": [{"text": f"Is the vertebral fracture at {where} unhealed? Please report marrow oedema with its level."}],
    }


def without_stent(order: AugmentationOrder, patient_id: str) -> Resource:
    """The same order, but for the stent."""
    code = order.without_stent or BALLOON_KYPHOPLASTY
    number = order.resource_id.rpartition("/")[2]
    return {
        **_proposal(f"{number[:48]}-without-stent", patient_id),
        "code": {"coding": [{"system": code.system, "code": code.code}], "text": WITHOUT_STENT},
        **order.carried,
    }


def _proposal(resource_id: str, patient_id: str) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": resource_id,
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def _about(fractures: Sequence[FractureAssessment]) -> Resource:
    """Why and where. A fracture that only imaging shows is referred to by that."""
    about: Resource = {"reasonCode": [{"text": f"Vertebral fracture at {_named(fractures)}"}]}
    if references := _reasons(fractures):
        about["reasonReference"] = [{"reference": reference} for reference in references]
    return about | {"bodySite": [_site(level) for level in _levels(fractures)]}


def _reasons(fractures: Iterable[FractureAssessment]) -> list[str]:
    evidence = [item.reference for fracture in fractures for item in _of_the_fracture(fracture)]
    for kind in REASON_TYPES:
        if found := [name for name in evidence if name.startswith(f"{kind}/") and not name.endswith(f"/{UNIDENTIFIED}")]:
            return list(dict.fromkeys(found))
    return []


def _of_the_fracture(fracture: FractureAssessment) -> Iterable[Evidence]:
    return (item for finding in fracture.criteria if finding.criterion == COMPRESSION_FRACTURE for item in finding.evidence)


def _site(level: str) -> Mapping[str, object]:
    return {"coding": [{"system": SNOMED, "code": VERTEBRAE[level]}], "text": level}


def _levels(fractures: Iterable[FractureAssessment]) -> list[str]:
    return list(dict.fromkeys(fracture.level for fracture in fractures if fracture.level in VERTEBRAE))


def _named(fractures: Iterable[FractureAssessment]) -> str:
    return ", ".join(_levels(fractures))
