"""References in every form, and what they mean relative to our FHIR base."""

import msgspec
import pytest

from fhir_mapping.references import contained_of, names_of, relative, without_version
from fhir_mapping.resources.resource import Resource

BASE = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("reference", "plain"),
    [
        ("Patient/A/_history/2", "Patient/A"),
        ("Patient/A/_history/1/_history/2", "Patient/A/_history/1"),
        ("Patient/A/_history/", "Patient/A/_history/"),
        ("Patient/A/_history/1/2", "Patient/A/_history/1/2"),
        ("Patient/A", "Patient/A"),
        ("", ""),
    ],
)
def test_without_its_version(reference: str, plain: str) -> None:
    assert without_version(reference) == plain


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", None])
def test_at_our_base_or_where_none_is_known_a_reference_is_relative(base: str | None) -> None:
    assert relative(f"{BASE}/Observation/o1/_history/3", base) == "Observation/o1"


def test_at_another_base_it_stays() -> None:
    elsewhere = "https://elsewhere.example.org/fhir/Observation/o1"
    assert relative(elsewhere, BASE) == elsewhere
    assert relative(f"{BASE}/x/Observation/o1", BASE) == f"{BASE}/x/Observation/o1"


def test_a_resource_is_known_by_its_id_as_a_urn_and_by_its_address_at_our_base() -> None:
    assert list(names_of("Observation", "o1", f"{BASE}/Observation/o2", BASE)) == ["Observation/o1", "urn:uuid:o1", "Observation/o2"]
    elsewhere = "https://elsewhere.example.org/Observation/o1"
    assert list(names_of("Observation", None, elsewhere, BASE)) == [elsewhere]
    assert list(names_of("Observation", "", None, BASE)) == []


def test_what_is_contained_is_known_by_its_mark_and_what_cannot_be_read_is_told() -> None:
    inside = [{"resourceType": "Observation", "id": "a"}, {"resourceType": "Observation", "id": "#b"}, {"resourceType": "Observation"},
              {"resourceType": "Medication", "id": "m"}, "text"]  # fmt: skip
    outer = Resource(contained=[msgspec.Raw(msgspec.json.encode(one)) for one in inside])
    told: list[str] = []
    found = list(contained_of(outer, "Observation", lambda raw: msgspec.json.decode(raw)["resourceType"], told.append))
    assert found == [("#a", "Observation"), ("#b", "Observation"), ("#", "Observation")]
    assert told == ["undecodable"]
