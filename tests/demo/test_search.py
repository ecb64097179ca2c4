"""Searching the sample charts as a FHIR server does."""

import pytest

from app.demo.samples import Sample
from app.demo.search import Pairs, SearchError, search
from app.demo.searchset import Page, searchset
from app.demo.templates import Resource

PAIN = "http://loinc.org|72514-3"
OWN = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"


@pytest.fixture(scope="module")
def everything(samples: list[Sample]) -> list[Resource]:
    return [resource for sample in samples for resource in sample.resources]


def ids(everything: list[Resource], resource_type: str, *asked: tuple[str, str]) -> set[str]:
    return {resource["id"] for resource in search(everything, resource_type, asked).matches}


def test_without_parameters_every_resource_of_the_type_is_found(everything: list[Resource], samples: list[Sample]) -> None:
    assert ids(everything, "Patient") == {sample.id for sample in samples}


@pytest.mark.parametrize("patient", ["eligible-uk", "Patient/eligible-uk", "https://ehr.example/fhir/Patient/eligible-uk"])
def test_a_patient_is_named_by_id_by_reference_or_by_address(everything: list[Resource], patient: str) -> None:
    found = search(everything, "Condition", [("patient", patient)]).matches
    assert found
    assert {resource["subject"]["reference"] for resource in found} == {"Patient/eligible-uk"}


@pytest.mark.parametrize("patient", ["eligible", "Group/eligible-uk", "eligible-uk-fracture", "Patient/"])
def test_another_reference_is_not_that_patient(everything: list[Resource], patient: str) -> None:
    assert ids(everything, "Condition", ("patient", patient)) == set()


def test_subject_is_patient_by_another_name(everything: list[Resource]) -> None:
    assert ids(everything, "Observation", ("subject", "eligible-us")) == ids(everything, "Observation", ("patient", "eligible-us"))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (PAIN, {"eligible-us-pain-first", "eligible-us-pain-latest", "eligible-us-knee-pain"}),
        ("38264-8", {"eligible-us-dxa"}),
        ("http://loinc.org|38264-8,http://loinc.org|1988-5", {"eligible-us-dxa", "eligible-us-crp"}),
        ("http://snomed.info/sct|38264-8", set()),
        ("|38264-8", set()),
        (f"{OWN}|", {"eligible-us-tenderness", "eligible-us-oedema", "eligible-us-acute"}),
        (",", set()),
    ],
)
def test_a_code_is_matched_with_its_system(everything: list[Resource], code: str, found: set[str]) -> None:
    assert ids(everything, "Observation", ("patient", "eligible-us"), ("code", code)) == found


def test_a_repeated_parameter_narrows(everything: list[Resource]) -> None:
    assert ids(everything, "Observation", ("patient", "eligible-us"), ("code", PAIN), ("code", "http://loinc.org|38264-8")) == set()


def test_category_and_clinical_status_are_tokens(everything: list[Resource]) -> None:
    asked = [("patient", "no-fracture"), ("category", "problem-list-item"), ("clinical-status", "resolved")]
    assert ids(everything, "Condition", *asked) == {"no-fracture-wrist"}


def test_a_drug_is_found_in_the_concept_and_in_the_contained_medication(everything: list[Resource]) -> None:
    assert ids(everything, "MedicationRequest", ("code", "http://snomed.info/sct|777947006")) == {"high-inr-warfarin"}
    patches = {f"eligible-spect-fentanyl-patch-{number}" for number in (1, 2, 3)}
    assert ids(everything, "MedicationAdministration", ("code", "http://snomed.info/sct|775934002")) == patches


@pytest.mark.parametrize("asked", [[("_sort", "-date")], [("favourite-colour", "blue")], [("patient", "")]])
def test_what_is_not_known_is_ignored_and_not_reported_as_used(everything: list[Resource], asked: Pairs) -> None:
    found = search(everything, "Patient", asked)
    assert found.used == []
    assert len(found.matches) == len(search(everything, "Patient", []).matches)


def test_a_modifier_on_a_known_parameter_is_refused(everything: list[Resource]) -> None:
    with pytest.raises(SearchError, match="modifier"):
        search(everything, "Observation", [("code:in", "http://example.org/ValueSet/x")])


def test_pages_follow_one_another_and_miss_nothing(everything: list[Resource]) -> None:
    found = search(everything, "Patient", [])
    page: Page | None = Page(0, 7)
    seen: list[str] = []
    while page:
        bundle = searchset("http://demo", "Patient", found, page)
        assert bundle["total"] == len(found.matches)
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        page = page.after(bundle["total"])
    assert seen == [resource["id"] for resource in found.matches]


def test_a_page_says_where_the_next_one_is(everything: list[Resource]) -> None:
    found = search(everything, "Condition", [("patient", "eligible-uk")])
    links = {link["relation"]: link["url"] for link in searchset("http://demo", "Condition", found, Page(0, 2))["link"]}
    assert links == {
        "self": "http://demo/Condition?patient=eligible-uk&_count=2",
        "next": "http://demo/Condition?patient=eligible-uk&_count=2&_offset=2",
    }


def test_the_whole_answer_has_no_next_page(everything: list[Resource]) -> None:
    links = searchset("http://demo", "Patient", search(everything, "Patient", []), Page())["link"]
    assert links == [{"relation": "self", "url": "http://demo/Patient"}]


@pytest.mark.parametrize("count", ["", "-1", "ten", "1.5", "9" * 5_000, "٣"])
def test_a_count_that_is_no_number_is_refused(count: str) -> None:
    with pytest.raises(SearchError, match="_count"):
        Page.asked([("_count", count)])
