"""Check digits and spellings, against codes whose validity is known from elsewhere."""

import pytest

from guidelines.ta279.terminology import load_terminology
from guidelines.ta279.terminology_systems import ALIASES, SNOMED, fails_check_digit, is_loinc_code, is_snomed_id, own_spelling
from tests.unit.terminology_reference import ATC, CM, LOINC, OPCS, PCS, RXNORM, WHO, rows

TERMINOLOGY = load_terminology()
IMPOSSIBLE = [
    (LOINC, "75259-0"), (SNOMED, "294163004"), (SNOMED, "293108004"), (SNOMED, "293104006"), (SNOMED, "293780006"), (SNOMED, "242849001"),
]  # fmt: skip


@pytest.mark.parametrize("code", ["138875005", "240198002", "11311601000119109", "439581000000106", "100005"])
def test_a_snomed_id_passes(code: str) -> None:
    assert is_snomed_id(code)


@pytest.mark.parametrize("place", range(9))
def test_a_snomed_id_with_one_wrong_digit_fails(place: int) -> None:
    digits = list("240198002")
    digits[place] = str((int(digits[place]) + 1) % 10)
    assert not is_snomed_id("".join(digits))


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 5])
def test_a_snomed_id_with_neighbours_swapped_fails(place: int) -> None:
    code = "240198002"
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped != code
    assert not is_snomed_id(swapped)


@pytest.mark.parametrize("code", ["", "12345", "0240198002", "2401980021234567890", "24019800a", "٢٤٠١٩٨٠٠٢", " 240198002"])
def test_what_is_no_number_of_the_right_length_is_no_snomed_id(code: str) -> None:
    assert not is_snomed_id(code)


@pytest.mark.parametrize("code", ["72514-3", "777-3", "8310-5", "104938-6", "LA9633-4", "LA9634-2", "LP29684-5"])
def test_a_loinc_code_passes(code: str) -> None:
    assert is_loinc_code(code)


@pytest.mark.parametrize("code", ["72514-4", "75214-3", "777-2", "LA9633-5", "LP9633-4", "72514", "72514-33", "x-3", "LB9633-4", "-0"])
def test_a_wrong_loinc_code_fails(code: str) -> None:
    assert not is_loinc_code(code)


@pytest.mark.parametrize(("system", "code"), IMPOSSIBLE)
def test_the_codes_that_circulate_and_cannot_exist_fail(system: str, code: str) -> None:
    assert fails_check_digit(system, code)
    assert TERMINOLOGY.concepts(system, code) == frozenset()


@pytest.mark.parametrize("system", [CM, WHO, RXNORM, ATC])
def test_other_systems_have_no_check_digit(system: str) -> None:
    assert not fails_check_digit(system, "75259-0")


def test_every_code_of_the_reference_list_passes() -> None:
    assert [row["code"] for row in rows() if fails_check_digit(row["system"], row["code"])] == []


@pytest.mark.parametrize(
    ("system", "code", "value_set"),
    [
        ("urn:oid:2.16.840.1.113883.6.96", "240198002", "osteoporotic-vertebral-fracture"),
        ("https://dmd.nhs.uk", "777067000", "paracetamol"),
        ("urn:oid:2.16.840.1.113883.6.1", "72514-3", "pain-nrs"),
        ("urn:oid:2.16.840.1.113883.6.90", "M80.08XA", "osteoporotic-vertebral-fracture"),
        ("urn:oid:2.16.840.1.113883.6.3", "M48.5", "vertebral-compression-fracture"),
        ("http://hl7.org/fhir/sid/icd-10-uk", "M48.50", "vertebral-compression-fracture"),
        ("urn:oid:2.16.840.1.113883.6.88", "2670", "weak-opioid"),
        ("https://fhir.nhs.uk/Id/opcs-4", "V44.4", "vertebroplasty"),
        ("http://terminology.hl7.org/CodeSystem/v2-0078", "POS", "present"),
        (PCS, "0pu43jz", "vertebroplasty"),
        (OPCS, "V445", "balloon-kyphoplasty"),
        (WHO, "m48.5", "vertebral-compression-fracture"),
    ],
)
def test_a_system_is_known_by_its_other_names_and_a_code_without_its_dots(system: str, code: str, value_set: str) -> None:
    assert value_set in TERMINOLOGY.concepts(system, code)


@pytest.mark.parametrize(("system", "code"), [(SNOMED, "M80.08XA"), (RXNORM, "240198002"), ("", "240198002"), (WHO, "M80.08XA ")])
def test_a_code_means_nothing_in_another_system(system: str, code: str) -> None:
    assert "osteoporotic-vertebral-fracture" not in TERMINOLOGY.concepts(system, code)


def test_case_counts_where_a_system_counts_it() -> None:
    assert TERMINOLOGY.concepts("http://read.info/ctv3", "XaLxr")
    assert not TERMINOLOGY.concepts("http://read.info/ctv3", "XALXR")
    assert own_spelling("http://read.info/readv2", "S10..00") == ("http://read.info/readv2", "S10..00")


def test_no_alias_hides_a_system_or_leads_to_another_alias() -> None:
    assert set(ALIASES) & set(ALIASES.values()) == set()
