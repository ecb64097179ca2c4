"""The code systems we match in: how each is named, spelt and checked (terminology.md, section 0 and traps 1, 2, 10)."""

import re

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
OPCS4 = "https://fhir.hl7.org.uk/Id/opcs-4"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"

UNDOTTED = frozenset({ICD10, ICD10_CM, ICD10_PCS, OPCS4})
WITH_FAMILIES = frozenset({ICD10, ICD10_CM, ATC})

ALIASES = {
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "https://dmd.nhs.uk": SNOMED,  # dm+d ingredient ids are SNOMED CT ids
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.90": ICD10_CM,
    "urn:oid:2.16.840.1.113883.6.3": ICD10,
    "http://hl7.org/fhir/sid/icd-10-uk": ICD10,
    "https://fhir.hl7.org.uk/Id/icd-10": ICD10,
    "https://fhir.nhs.uk/Id/icd-10": ICD10,
    "urn:oid:2.16.840.1.113883.6.4": ICD10_PCS,
    "http://hl7.org/fhir/sid/icd-10-pcs": ICD10_PCS,
    "https://fhir.nhs.uk/Id/opcs-4": OPCS4,
    "http://fhir.hl7.org.uk/Id/opcs-4": OPCS4,
    "https://fhir.hl7.org.uk/CodeSystem/OPCS-4": OPCS4,
    "http://hl7.org/fhir/sid/ex-opcs4": OPCS4,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.73": ATC,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": HCPCS,
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": HCPCS,
    "urn:oid:1.2.840.10008.2.16.4": DICOM,
    "http://hl7.org/fhir/v3/ObservationInterpretation": INTERPRETATION,
    "http://terminology.hl7.org/CodeSystem/v2-0078": INTERPRETATION,
    "http://hl7.org/fhir/v2/0078": INTERPRETATION,
    "http://hl7.org/fhir/v2/0136": YES_NO,
}

_LOINC_CODE = re.compile(r"((?:LA|LP)?\d{1,7})-(\d)", re.ASCII)
_SNOMED_ID = re.compile(r"[1-9]\d{5,17}", re.ASCII)

_MULTIPLY = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTE = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def own_spelling(system: str, code: str) -> tuple[str, str]:
    """System and code as the tables hold them."""
    system = ALIASES.get(system, system)
    return system, code.replace(".", "").upper() if system in UNDOTTED else code


def fails_check_digit(system: str, code: str) -> bool:
    """True where the code cannot be one of its system. Systems without a check digit never fail."""
    if system == SNOMED:
        return not is_snomed_id(code)
    return system == LOINC and not is_loinc_code(code)


def is_snomed_id(code: str) -> bool:
    """6 to 18 digits whose Verhoeff checksum is 0."""
    if not _SNOMED_ID.fullmatch(code):
        return False
    sum_so_far = 0
    for place, digit in enumerate(reversed(code)):
        sum_so_far = int(_MULTIPLY[sum_so_far][int(_PERMUTE[place % 8][int(digit)])])
    return sum_so_far == 0


def is_loinc_code(code: str) -> bool:
    """Digits, a hyphen and their mod-10 check digit; in answers (LA) and parts (LP) the letters count with their distance from '0'."""
    match = _LOINC_CODE.fullmatch(code)
    if match is None:
        return False
    values = [ord(character) - ord("0") for character in reversed(match[1])]
    total = sum(2 * value - 9 * (value // 5) if place % 2 == 0 else value for place, value in enumerate(values))
    return -total % 10 == int(match[2])
