"""Sections from prefetch, and what is fetched where prefetch brought nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import pytest

from app import reference_patient
from app.main import build_house
from app.settings import Mode, Settings
from clinical.codes import Terminology
from fhir_mapping.errors import AnotherPatient
from fhir_mapping.section import Section, SectionState, read_section
from hooks.answer import ClientTerms
from hooks.envelope import CDSCall
from hooks.errors import DataUnavailable
from hooks.messages import EVALUATION
from hooks.prefetch import Template, observation_codes, read_prefetch, templates
from hooks.registry import CDSService, Registry
from hooks.retrieval import Fetched, no_fetcher, retrieve

OWN = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"
NEXT = [{"relation": "next", "url": "https://ehr.example/2"}]

ASKED = (
    Template(key="patient", resource_type="Patient", query="Patient/{{context.patientId}}", required=True),
    Template(key="conditions", resource_type="Condition", query="Condition?patient={{context.patientId}}", required=True),
    Template(key="procedures", resource_type="Procedure", query="Procedure?patient={{context.patientId}}"),
)


class FhirServer:
    """A fetcher that holds resources by type, and remembers what it was asked."""

    def __init__(self, resources: dict[str, object]) -> None:
        self._resources = resources
        self.asked: list[str] = []

    async def fetch(self, templates: Sequence[Template]) -> Mapping[str, Fetched]:
        self.asked += [template.key for template in templates]
        return {template.key: Fetched(self._section(template)) for template in templates}

    def _section(self, template: Template) -> Section:
        return read_section(template.resource_type, msgspec.json.encode(self._resources[template.key]), "fetched")


@pytest.fixture(scope="module")
def service() -> CDSService:
    return next(iter(build_house(Settings.model_construct(mode=Mode.DEMO)).registry))


def states(prefetch: dict[str, object]) -> dict[str, str]:
    raw = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in prefetch.items()}
    return {key: section.state.value for key, section in read_prefetch(raw, ASKED).items()}


def test_each_key_that_was_asked_for_has_a_state_and_no_other() -> None:
    assert states({"patient": {"resourceType": "Patient", "id": "p"}, "conditions": None, "other": 5}) == {
        "patient": "given",
        "conditions": "empty",
        "procedures": "absent",
    }


def test_only_what_is_absent_or_in_part_is_fetched() -> None:
    whole = {"resourceType": "Bundle", "type": "searchset"}
    given = {
        "patient": read_section("Patient", b'{"resourceType":"Patient","id":"p"}', "prefetch"),
        "conditions": read_section("Condition", msgspec.json.encode({**whole, "link": NEXT}), "prefetch"),
        "procedures": read_section("Procedure", b'{"resourceType":"OperationOutcome"}', "prefetch"),
    }
    server = FhirServer({"conditions": whole})
    sections = asyncio.run(retrieve(given, ASKED, lambda: server)).sections
    assert server.asked == ["conditions"]
    assert {key: (section.state, section.source) for key, section in sections.items()} == {
        "patient": (SectionState.GIVEN, "prefetch"),
        "conditions": (SectionState.EMPTY, "fetched"),
        "procedures": (SectionState.FAILED, "prefetch"),
    }


def test_what_came_astray_is_kept_where_the_rest_is_fetched() -> None:
    """A diagnosis in a search for procedures that went on: the whole search does not bring it again."""
    stray = {"resource": {"resourceType": "Condition", "id": "astray", "subject": {"reference": "Patient/p"}}}
    part = {"resourceType": "Bundle", "type": "searchset", "link": NEXT, "entry": [stray]}
    given = {"procedures": read_section("Procedure", msgspec.json.encode(part), "prefetch")}
    server = FhirServer({"procedures": {"resourceType": "Bundle", "type": "searchset"}})
    fetched = asyncio.run(retrieve(given, ASKED[2:], lambda: server)).sections["procedures"]
    assert (fetched.state, fetched.source) == (SectionState.EMPTY, "fetched")
    assert [(each.source, [entry.resource.id for entry in each.entries]) for each in fetched.strays] == [("prefetch", ["astray"])]


def request_for(*keys: str) -> bytes:
    resources = reference_patient.prefetch()
    return msgspec.json.encode(reference_patient.hook_request({key: resources[key] for key in keys}))


def evaluation(body: bytes) -> dict[str, object]:
    found: dict[str, object] = msgspec.json.decode(body)["extension"][EVALUATION]
    return found


def test_a_call_without_prefetch_is_answered_from_what_is_fetched(service: CDSService) -> None:
    server = FhirServer(reference_patient.prefetch())
    fetched = asyncio.run(service.respond(request_for(), reference_patient.DAY, ClientTerms(lambda call: server)))
    sent = service.answer(request_for(*reference_patient.prefetch()), reference_patient.DAY)
    assert evaluation(fetched.body.replace(b'"fetched"', b'"prefetch"')) == evaluation(sent)


def test_what_was_sent_is_not_asked_for_again(service: CDSService) -> None:
    server = FhirServer(reference_patient.prefetch())
    keys = [key for key in reference_patient.prefetch() if key != "reports"]
    asyncio.run(service.respond(request_for(*keys), reference_patient.DAY, ClientTerms(lambda call: server)))
    assert server.asked == ["reports"]


def test_another_patient_from_the_server_is_refused_as_fetched(service: CDSService) -> None:
    foreign = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/somebody-else"}}
    server = FhirServer({**reference_patient.prefetch(), "conditions": foreign})
    with pytest.raises(AnotherPatient) as caught:
        asyncio.run(service.respond(request_for(), reference_patient.DAY, ClientTerms(lambda call: server)))
    assert (caught.value.resource_type, caught.value.source) == ("Condition", "fetched")


def test_without_a_fetcher_what_is_missing_is_missing(service: CDSService) -> None:
    with pytest.raises(DataUnavailable) as caught:
        asyncio.run(service.respond(request_for(), date(2026, 11, 22), ClientTerms(no_fetcher)))
    assert caught.value.path == "prefetch.patient"


def test_a_fetcher_is_made_for_the_call(service: CDSService) -> None:
    """Only where something is missing."""
    seen: list[CDSCall] = []

    def fetcher_for(call: CDSCall) -> None:
        seen.append(call)

    whole = reference_patient.prefetch()
    call = {**reference_patient.hook_request(whole), "fhirServer": "https://ehr.example/r4", "fhirAuthorization": {"access_token": "t"}}
    asyncio.run(service.respond(msgspec.json.encode(call), reference_patient.DAY, ClientTerms(fetcher_for)))
    assert seen == []
    body = msgspec.json.encode({**call, "prefetch": {name: value for name, value in whole.items() if name != "reports"}})
    asyncio.run(service.respond(body, reference_patient.DAY, ClientTerms(fetcher_for)))
    assert (seen[0].fhir_server, bytes(seen[0].fhir_authorization["access_token"])) == ("https://ehr.example/r4", b'"t"')
    assert "access_token" not in repr(seen[0].prefetch)


def test_a_sites_own_codes_are_asked_for() -> None:
    """Of findings every code; of what may be a diagnosis not those of the classifications, which would make the address endless."""
    exact = {
        "https://site.example": {"tender": frozenset({"vertebral-tenderness"}), "fall": frozenset({"low-energy-mechanism"})},
        "http://snomed.info/sct": {"1": frozenset({"low-energy-mechanism"}), "2": frozenset({"inr"})},
        OWN: {"low-energy-mechanism": frozenset({"low-energy-mechanism"}), "pmma-allergy": frozenset({"pmma-allergy"})},
    }
    codes = [f"{coding.system}|{coding.code}" for coding in observation_codes(Terminology(exact, {}, {}, {}, frozenset()))]
    assert codes == [
        "http://loinc.org|38212-7",
        "http://snomed.info/sct|2",
        "https://site.example|fall",
        "https://site.example|tender",
        f"{OWN}|low-energy-mechanism",
    ]


def test_templates_name_each_type_once(service: CDSService) -> None:
    assert templates(Terminology({}, {}, {}, {}, frozenset()))[0] == service.templates[0]
    assert len({template.resource_type for template in service.templates}) == len(service.templates) == 12


def test_a_registry_lists_and_knows_its_services(service: CDSService) -> None:
    registry = Registry(service)
    assert list(registry) == [service]
    assert (service.id in registry, "unknown" in registry) == (True, False)
    assert msgspec.json.decode(Registry().discovery()) == {"services": []}
