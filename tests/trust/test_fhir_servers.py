"""Which FHIR server a caller may name: its own, and no other client's (trust.md 2.1; Argonaut R17, token redirect)."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app import reference_patient
from app.admission import CALLS_AT_ONCE
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.limits import Limits
from app.order_examples import KYPHOPLASTY, L1, SELECT, SIGN, draft, order_call
from tests.faults.call import MET, TOKEN, topics, whole_prefetch
from tests.faults.conftest import chart
from tests.faults.fault_server import Asked, FaultServer, eventually, listening, says
from tests.faults.replies import hangs
from tests.fhir_access.test_addresses import BASE, OTHERS, sockets_counted
from tests.service import Answer, Client, Json, Service
from tests.trust.conftest import Serve
from tests.trust.ehr import Issuer, client_entry, signing_key

NOISE = CALLS_AT_ONCE + 8
UNTRUSTED = "the FHIR server is not among the trusted ones"


class Site(msgspec.Struct, frozen=True):
    """An EHR with its FHIR server."""

    issuer: Issuer
    fhir: FaultServer

    def entry(self, folder: Path, **changes: Any) -> dict[str, Any]:
        return client_entry(folder, self.issuer, name=self.issuer.key.kid, fhir_bases=[self.fhir.address], **changes)

    def call(self, fhir_server: str | None = None, prefetch: Json = None, **context: str) -> Json:
        call = reference_patient.hook_request(prefetch or {})
        return {
            **call,
            "context": {**call["context"], **context},
            "fhirServer": self.fhir.address if fhir_server is None else fhir_server,
            "fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer"},
        }

    def asks(self, client: Client, fhir_server: str | None = None, prefetch: Json = None, **context: str) -> Answer:
        return client.post(HOOK, self.call(fhir_server, prefetch, **context), authorization=self.issuer.bearer())


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    """Two EHRs whose FHIR servers hold the same record."""
    with ExitStack() as ending:
        servers = [ending.enter_context(listening(FaultServer(chart()))) for _ in range(2)]
        issuers = [Issuer(signing_key(name), f"https://{name}.example.org") for name in ("site-a", "site-b")]
        first, second = (Site(issuer, server) for issuer, server in zip(issuers, servers, strict=True))
        yield first, second


@pytest.fixture
def service(serve: Serve, sites: tuple[Site, Site], tmp_path: Path) -> Service:
    return serve(*(site.entry(tmp_path, deadline_ms=4_500) for site in sites))


def test_each_may_name_its_own(service: Service, sites: tuple[Site, Site]) -> None:
    with service.client() as client:
        for site in sites:
            answer = site.asks(client)
            assert (answer.status, topics(answer)) == (200, [MET])
            assert site.fhir.tokens() == {f"Bearer {TOKEN}"}


def test_nobody_may_name_anothers(service: Service, sites: tuple[Site, Site]) -> None:
    """Not asked, so no token goes there; what was needed and is missing is 412."""
    first, second = sites
    with service.client() as client:
        answer = first.asks(client, second.fhir.address)
        assert answer.status == 412
        assert UNTRUSTED in answer.json["issue"][0]["diagnostics"]
        assert first.asks(client, second.fhir.address, whole_prefetch()).status == 200
    assert (first.fhir.connections, second.fhir.connections) == (0, 0)


FOREIGN = "https://other-hospital.example/fhir"
OURS, OUR_SECOND = "https://ehr.example/fhir", "https://second.example/fhir"
ORDERS = {"order-select": SELECT, "order-sign": SIGN}


def at(base: str, value: Json) -> Json:
    """With every reference to the patient made absolute."""
    relative, absolute = (f'"{start}Patient/{reference_patient.PATIENT_ID}"'.encode() for start in ("", base + "/"))
    return msgspec.json.decode(msgspec.json.encode(value).replace(relative, absolute))


def call_at(fhir_server: str | None, prefetch: Json) -> Json:
    call = reference_patient.hook_request(prefetch)
    return call if fhir_server is None else {**call, "fhirServer": fhir_server}


@pytest.fixture
def two_bases(serve: Serve, issuer: Issuer, tmp_path: Path) -> Service:
    return serve(client_entry(tmp_path, issuer, fhir_bases=[OURS, OUR_SECOND]))


@pytest.mark.parametrize("fhir_server", [None, FOREIGN, OURS])
def test_what_is_at_another_hospital_is_another_patients(two_bases: Service, issuer: Issuer, fhir_server: str | None) -> None:
    """Whatever the call says of its own server: the same id there is somebody else."""
    with two_bases.client() as client:
        for base in (FOREIGN, "http://ehr.example/fhir", OURS + "/Patient/other", OURS + "-two"):
            answer = client.post(HOOK, call_at(fhir_server, at(base, whole_prefetch())), authorization=issuer.bearer())
            assert (answer.status, "not of the patient" in answer.body.decode()) == (400, True)


@pytest.mark.parametrize("fhir_server", [None, FOREIGN])
def test_a_patient_whose_own_address_is_at_another_hospital_is_refused(two_bases: Service, issuer: Issuer, fhir_server: str | None) -> None:
    prefetch = whole_prefetch()
    full_url = f"{FOREIGN}/Patient/{reference_patient.PATIENT_ID}"
    prefetch["patient"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"fullUrl": full_url, "resource": prefetch["patient"]}]}
    with two_bases.client() as client:
        assert client.post(HOOK, call_at(fhir_server, prefetch), authorization=issuer.bearer()).status == 400


@pytest.mark.parametrize("base", [OURS, OUR_SECOND, "https://EHR.example.:443/fhir"])
def test_what_is_at_a_base_of_the_client_is_the_patients(two_bases: Service, issuer: Issuer, base: str) -> None:
    with two_bases.client() as client:
        for fhir_server in (None, base, base + "/"):
            answer = client.post(HOOK, call_at(fhir_server, at(base, whole_prefetch())), authorization=issuer.bearer())
            assert (answer.status, topics(answer)) == (200, [MET])
        answer = client.post(HOOK, call_at(None, whole_prefetch()), authorization=issuer.bearer())
        assert topics(answer) == [MET]


def test_one_id_at_both_bases_of_a_client_is_two_patients(two_bases: Service, issuer: Issuer) -> None:
    mixed = at(OURS, whole_prefetch())
    mixed["observations"] = at(OUR_SECOND, whole_prefetch())["observations"]
    with two_bases.client() as client:
        for fhir_server in (None, OURS, OUR_SECOND):
            assert client.post(HOOK, call_at(fhir_server, mixed), authorization=issuer.bearer()).status == 400


@pytest.mark.parametrize("hook", ORDERS)
@pytest.mark.parametrize("fhir_server", [None, FOREIGN])
def test_an_order_at_another_hospital_is_another_patients(two_bases: Service, issuer: Issuer, hook: str, fhir_server: str | None) -> None:
    def asked(client: Client, record: Json, order: Json) -> int:
        call = {**order_call(hook, order, resources=record), **({} if fhir_server is None else {"fhirServer": fhir_server})}
        return client.post(ORDERS[hook], call, authorization=issuer.bearer(ORDERS[hook])).status

    order, record = draft(KYPHOPLASTY, L1), whole_prefetch()
    with two_bases.client() as client:
        assert asked(client, record, order) == 200
        assert asked(client, record, at(FOREIGN, order)) == 400
        assert asked(client, at(FOREIGN, record), order) == 400
        assert asked(client, at(OURS, record), at(OURS, order)) == 200
        assert asked(client, at(OURS, record), at(OUR_SECOND, order)) == 400


def test_what_is_fetched_from_another_hospital_is_no_answer(service: Service, sites: tuple[Site, Site]) -> None:
    own, _ = sites
    observations = at(FOREIGN, whole_prefetch())["observations"]
    own.fhir.fails(says(200, msgspec.json.encode(observations)), "Observation")
    with service.client() as client:
        assert own.asks(client).status == 412


def test_who_is_not_known_may_be_anywhere_and_so_may_a_client_without_bases(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    with serve(client_entry(tmp_path, issuer, fhir_bases=None)).client() as client:
        answer = client.post(HOOK, call_at(FOREIGN, at(FOREIGN, whole_prefetch())), authorization=issuer.bearer())
        assert topics(answer) == [MET]


def spellings(port: int) -> list[str]:
    """Ways to write a listener of ours, and the allowed host with the listener behind it."""
    hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
    ]
    tricks = [
        f"http://ehr.example@127.0.0.1:{port}/fhir",
        f"https://ehr.example\\@127.0.0.1:{port}/fhir",
        f"https://ehr.example:443@127.0.0.1:{port}/fhir",
        f"http://127.0.0.1:{port}/fhir#@ehr.example/fhir",
        f"http://127.0.0.1:{port}\\.ehr.example/fhir",
        f"http://127.0.0.1:{port}/https://ehr.example/fhir",
    ]
    return [f"http://{host}:{port}/fhir" for host in hosts] + tricks


def test_no_socket_is_opened_for_any_spelling_of_another_server(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    site = Site(issuer, FaultServer([]))
    service = serve(client_entry(tmp_path, issuer, fhir_bases=[BASE]))
    with service.client() as client, socket.create_server(("127.0.0.1", 0)) as tripwire:
        assert site.asks(client, "https://ehr.example/fhir", whole_prefetch()).status == 200
        written = [*OTHERS, *spellings(tripwire.getsockname()[1])]
        assert len(written) >= 70
        with sockets_counted() as sockets:
            answers = [site.asks(client, address) for address in written]
        assert Counter(answer.status for answer in answers) == {412: len(written)}
        assert sockets == []
        tripwire.settimeout(0.1)
        with pytest.raises(TimeoutError):
            tripwire.accept()


@pytest.mark.parametrize("patient_id", ["..", ".", "../Patient/other", "a/b", "1&_revinclude=x", "%2e%2e", "?x", "x" * 65, "a b", "\\"])
def test_an_id_that_would_change_an_address_is_in_none(service: Service, sites: tuple[Site, Site], patient_id: str) -> None:
    with service.client() as client:
        answer = sites[0].asks(client, patientId=patient_id)
    assert answer.status in (400, 412)
    assert sites[0].fhir.asked == []


def test_each_has_a_deadline_of_its_own(serve: Serve, sites: tuple[Site, Site], tmp_path: Path) -> None:
    hasty, patient = sites

    def slowly(server: FaultServer) -> None:
        async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(1.0)
            await server.healthy(asked, writer)

        server.fails(reply)

    for site in sites:
        slowly(site.fhir)
    with serve(hasty.entry(tmp_path, deadline_ms=200), patient.entry(tmp_path, deadline_ms=4_500)).client() as client:
        late = hasty.asks(client)
        assert (late.status, "did not answer in time" in late.body.decode()) == (412, True)
        assert topics(patient.asks(client)) == [MET]


def test_one_noisy_client_does_not_take_the_others_places(serve: Serve, sites: tuple[Site, Site], tmp_path: Path) -> None:
    """Fault 23: half the places are for one client at most, whatever its FHIR server would take; the rest is told to come back."""
    noisy, other = sites
    unbounded = FhirAccess((), token_needed=True, limits=Limits(calls_per_server=1_000))
    service = serve(*(site.entry(tmp_path, deadline_ms=4_500) for site in sites), access=unbounded)
    noisy.fhir.fails(hangs)

    def ask(_: int) -> Answer:
        with service.client() as client:
            return noisy.asks(client)

    with ThreadPoolExecutor(NOISE) as clients:
        asking = [clients.submit(ask, number) for number in range(NOISE)]
        with service.client() as client:
            assert eventually(lambda: any(each.done() for each in asking))  # the first is refused when all its places are taken
            assert [topics(other.asks(client)) for _ in range(10)] == [[MET]] * 10
        answers = [each.result() for each in asking]
    assert set(Counter(answer.status for answer in answers)) == {412, 503}
    assert {answer.headers["retry-after"] for answer in answers if answer.status == 503} == {"1"}
