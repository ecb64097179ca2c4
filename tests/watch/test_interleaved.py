"""Two hospitals ask at once about ten patients each: no answer holds anything of another patient (trust.md 2.6)."""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec
import pytest

from app import reference_patient
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import Limits
from app.main import House, build_house, create_app
from app.settings import Mode, Settings
from tests.faults.call import MET, topics
from tests.faults.fault_server import Asked, FaultServer, Reply, listening
from tests.service import Answer, Json, Service, serving
from tests.watch.markers import Filler, Markers
from tests.watch.slowed import Dawdling

PATIENTS = 10
CALLS = 200
AT_ONCE = 16
SLOW_SECONDS = 0.02
PATIENCE = Limits(deadline=4.5, breaker_failures=CALLS)


class Patient(msgspec.Struct, frozen=True):
    """One of a hospital's; every id and every free text of the record occurs in no other."""

    id: str
    prefetch: Json
    marks: set[bytes]

    def resources(self) -> list[Json]:
        return [entry["resource"] for entry in reference_patient.bundle(self.prefetch)["entry"]]


class Hospital(msgspec.Struct, frozen=True):
    fhir: FaultServer
    token: str
    patients: list[Patient]


def patient(markers: Markers) -> Patient:
    filler = Filler(markers)
    prefetch = {key: filler.filled(value) for key, value in reference_patient.prefetch().items()}
    return Patient(filler.id_of(reference_patient.PATIENT_ID), prefetch, markers.of(msgspec.json.encode(prefetch)))


def unhurried(server: FaultServer) -> Reply:
    """Each answer after a wait of its own, so that calls overtake each other wherever they wait."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(random.uniform(0, SLOW_SECONDS))
        await server.healthy(asked, writer)

    return reply


@pytest.fixture
def hospitals() -> Iterator[list[Hospital]]:
    markers = Markers()
    with ExitStack() as ending:
        made = []
        for number in range(2):
            patients = [patient(markers) for _ in range(PATIENTS)]
            server = ending.enter_context(listening(FaultServer([each for one in patients for each in one.resources()])))
            server.fails(unhurried(server))
            made.append(Hospital(server, f"token-of-hospital-{number}", patients))
        yield made


@pytest.fixture
def service(hospitals: list[Hospital]) -> Iterator[Service]:
    settings = Settings.model_construct(mode=Mode.DEMO)
    house: House = build_house(settings)
    access = FhirAccess(servers_at([each.fhir.address for each in hospitals]), token_needed=True, limits=PATIENCE)
    app = create_app(settings, lambda: reference_patient.DAY, house, access)
    app.add_middleware(Dawdling)
    with serving(app) as running:
        yield running


def call(hospital: Hospital, who: Patient, *, brings: bool) -> Json:
    """Half of them bring the record, half leave it to the FHIR server."""
    authorization = {"access_token": hospital.token, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
    body = reference_patient.hook_request(who.prefetch if brings else {})
    context = {**body["context"], "patientId": who.id}
    return {**body, "context": context, "fhirServer": hospital.fhir.address, "fhirAuthorization": authorization}


def ask(service: Service, body: Json) -> Answer:
    with service.client() as client:
        return client.post(HOOK, body)


def test_no_answer_holds_a_word_of_another_patient(service: Service, hospitals: list[Hospital]) -> None:
    asked = [(hospital, who) for hospital in hospitals for who in hospital.patients] * (CALLS // (2 * PATIENTS))
    random.shuffle(asked)
    bodies = [call(hospital, who, brings=number % 2 == 0) for number, (hospital, who) in enumerate(asked)]
    with ThreadPoolExecutor(AT_ONCE) as clients:
        answers = list(clients.map(lambda body: ask(service, body), bodies))
    assert len(answers) == CALLS
    found = [Markers().of(answer.body) for answer in answers]
    assert [sorted(marks - who.marks) for marks, (_, who) in zip(found, asked, strict=True) if marks - who.marks] == []
    assert all(who.id.encode() in answer.body and topics(answer) == [MET] for answer, (_, who) in zip(answers, asked, strict=True))


def test_no_server_is_asked_about_another_hospital_s_patient_or_with_its_token(service: Service, hospitals: list[Hospital]) -> None:
    asked = [(hospital, who) for hospital in hospitals for who in hospital.patients]
    with ThreadPoolExecutor(AT_ONCE) as clients:
        list(clients.map(lambda each: ask(service, call(*each, brings=False)), asked))
    for hospital in hospitals:
        known = {who.id.encode() for who in hospital.patients}
        about = Markers().of(*(f"{each.path} {each.parameters}".encode() for each in hospital.fhir.asked))
        assert (hospital.fhir.tokens(), about) == ({f"Bearer {hospital.token}"}, known)
