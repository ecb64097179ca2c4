"""Production mode as it is run: several worker processes, TLS to the outside, nothing open that need not be (issue of trust, part 7)."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import reference_patient
from app.examples import HOOK
from tests.faults.call import MET, TOKEN, topics
from tests.faults.certificate import self_signed
from tests.faults.conftest import chart
from tests.faults.fault_server import Asked, FaultServer, eventually, listening, says
from tests.service import Client, Json
from tests.trust.ehr import Issuer, client_entry, clients_file, key_set
from tests.trust.process import Process, connected, ended, environment, patiently, spread, started

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="worker processes are looked up in /proc")

CALL: Json = reference_patient.hook_request(reference_patient.prefetch())
ORIGIN = "https://ehr.example"
TOLD = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def clients(folder: Path, issuer: Issuer) -> Path:
    return clients_file(folder, client_entry(folder, issuer))


@pytest.fixture(scope="module")
def two(folder: Path, clients: Path) -> Iterator[Process]:
    """Two workers."""
    with started(environment(folder, clients, WORKERS=2, CORS_ORIGINS=ORIGIN)) as process:
        assert patiently(lambda: process.takes_calls_in(2))
        yield process


@pytest.fixture
def client(two: Process) -> Iterator[Client]:
    with two.service.client() as connection:
        yield connection


def test_of_fifty_uses_at_once_over_two_workers_one_is_the_first(two: Process, issuer: Issuer) -> None:
    bearer = issuer.bearer()
    with spread(two, 50) as clients, ThreadPoolExecutor(50) as threads:
        answers = Counter(threads.map(lambda client: client.post(HOOK, CALL, authorization=bearer).status, clients))
    assert answers == {200: 1, 401: 49}


def test_a_worker_that_dies_is_replaced_and_the_other_goes_on(two: Process, issuer: Issuer) -> None:
    """Fault 20."""
    first, second = two.workers()
    os.kill(first, signal.SIGKILL)

    def served() -> bool:
        try:
            with two.service.client() as client:
                return topics(client.post(HOOK, CALL, authorization=issuer.bearer())) == [MET]
        except OSError:  # it was the dead one's to accept
            return False

    assert patiently(served)
    assert patiently(lambda: len(two.workers()) == 2 and first not in two.workers())
    assert patiently(lambda: two.takes_calls_in(2))
    assert second in two.workers()
    assert served()


@pytest.mark.parametrize(
    "address", ["/", "/docs", "/redoc", "/openapi.json", "/demo/charts", "/demo/fhir/metadata", "/demo/calls/eligible-uk", "/form", "/try"]
)
def test_what_a_demo_shows_is_not_there(client: Client, address: str) -> None:
    assert client.get(address).status == 404


def test_what_needs_a_token_needs_one(client: Client) -> None:
    asked = [client.get("/cds-services"), *(client.post(path, {}) for path in (HOOK, f"{HOOK}/feedback", "/evaluations"))]
    assert {answer.status for answer in asked} == {401}
    assert [client.get(path).status for path in ("/livez", "/readyz", "/source-attributes", "/fhir/PlanDefinition/nice-ta279")] == [200] * 4


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/livez", 200),
        ("GET", "/fhir/ValueSet/marrow-oedema", 200),
        ("GET", "/cds-services", 401),
        ("POST", HOOK, 200),
        ("POST", HOOK, 401),
        ("GET", HOOK, 405),
        ("GET", "/nothing", 404),
    ],
)
def test_every_answer_says_what_may_be_done_with_it(client: Client, issuer: Issuer, method: str, address: str, status: int) -> None:
    token = {"authorization": issuer.bearer(), "content_type": "application/json"} if status == 200 else {}
    answer = client.request(method, address, json.dumps(CALL).encode() if method == "POST" else None, **token)
    assert answer.status == status
    told = {
        name: answer.headers[name] for name in ("x-content-type-options", "referrer-policy", "content-security-policy", "cache-control")
    }
    assert told == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
    }
    assert "server" not in answer.headers


def test_a_listed_origin_may_ask_before_it_is_known_and_reads_its_401(client: Client) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "authorization,content-type"}
    preflight = client.request("OPTIONS", HOOK, None, origin=ORIGIN, **asked)
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (200, ORIGIN)
    refused = client.post(HOOK, {}, origin=ORIGIN)
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)


def test_another_origin_may_not(client: Client) -> None:
    refused = client.request("OPTIONS", HOOK, None, origin="https://evil.example", access_control_request_method="POST")
    assert refused.status == 400
    for answer in (refused, client.post(HOOK, {}, origin="https://evil.example")):
        assert "access-control-allow-origin" not in answer.headers


def test_all_that_is_fetched_comes_by_tls_and_a_stop_cuts_nothing_short(tmp_path: Path, issuer: Issuer) -> None:
    """Fault 19: keys and records from hosts whose certificate is vouched for; told to stop in the midst of eight calls."""
    calls = 8
    tls = self_signed(tmp_path)
    with listening(FaultServer([]), tls) as keys, listening(FaultServer(chart()), tls) as fhir:
        keys.fails(says(200, key_set(issuer.key)))
        fhir.fails(slowly(fhir))
        base = fhir.address.replace("http:", "https:")
        entry = client_entry(
            tmp_path, issuer, jwks_file=None, jwks_url=f"https://127.0.0.1:{keys.port}/keys", fhir_bases=[base], deadline_ms=4_500
        )
        variables = environment(tmp_path, clients_file(tmp_path, entry), WORKERS=2)
        authorization = {"access_token": TOKEN, "token_type": "Bearer"}
        call = {**reference_patient.hook_request({}), "fhirServer": base, "fhirAuthorization": authorization}
        with started({**variables, "SSL_CERT_FILE": str(tmp_path / "certificate")}) as process:
            with connected(process, calls) as clients, ThreadPoolExecutor(calls) as threads:
                asking = [threads.submit(client.post, HOOK, call, authorization=issuer.bearer()) for client in clients]
                assert eventually(lambda: sum(asked.path == "Condition/_search" for asked in fhir.asked) == calls)
                code, log = process.stop()
                answers = [each.result() for each in asking]
            assert [(answer.status, topics(answer)) for answer in answers] == [(200, [MET])] * calls
            assert fhir.tokens() == {f"Bearer {TOKEN}"}
            assert code == 0
            assert {json.loads(line)["level"] for line in log.splitlines()} == {"info"}
            assert not process.is_ready()


def slowly(server: FaultServer):  # type: ignore[no-untyped-def]
    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1.5)
        await server.healthy(asked, writer)

    return reply


def test_a_worker_that_cannot_start_again_stops_no_other(tmp_path: Path, issuer: Issuer) -> None:
    clients = clients_file(tmp_path, client_entry(tmp_path, issuer))
    right = clients.read_text()
    with started(environment(tmp_path, clients, WORKERS=2)) as process:
        assert patiently(lambda: process.takes_calls_in(2))
        first, second = process.workers()
        clients.write_text("wrong")
        os.kill(first, signal.SIGKILL)
        seen = {first, second}

        def one_has_failed_and_another_tries() -> bool:
            seen.update(process.workers())
            return len(seen) >= 4

        assert patiently(one_has_failed_and_another_tries)
        assert process.is_ready()
        clients.write_text(right)
        assert patiently(lambda: process.takes_calls_in(2))
        assert second in process.workers()
        code, log = process.stop()
    assert code == 0
    assert f"does not start. VACDS_CLIENTS_FILE: {clients}: is not TOML" in log


def test_it_does_not_start_with_a_client_that_is_wrong(folder: Path, clients: Path) -> None:
    path = folder / "wrong.toml"
    path.write_text(clients.read_text().replace('"https://ehr.example.org/keys"', '"http://ehr.example.org/keys"'))
    process = ended(environment(folder, path))
    assert (process.returncode, process.stdout) == (2, "")
    why = f'{path}: client "St Example": jku: must be https in production mode'
    assert process.stderr == f"vertebral-augmentation-cds does not start. VACDS_CLIENTS_FILE: {why}\n"


def test_it_does_not_start_with_used_tokens_in_a_memory_of_its_own(folder: Path, clients: Path) -> None:
    process = ended(environment(folder, clients, WORKERS=2, DATABASE_URL="sqlite:///:memory:"))
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (2, "", 1)
    assert process.stderr.startswith("vertebral-augmentation-cds does not start. VACDS_DATABASE_URL: ")
