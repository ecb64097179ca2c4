"""What is counted, and that it is counted once."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from app import reference_patient
from app.examples import HOOK
from app.observability.metrics import Metrics
from app.observability.running import listen
from app.observability.scrape import FOLDER, counted_together
from app.order_examples import SIGN, draft, order_call
from guidelines.ta279.reasons import CriterionId
from tests.faults.fault_server import eventually
from tests.service import Client, Json
from tests.watch.process import Process, running
from tests.watch.scraped import Samples, growth, labels, samples, types

PATIENT_VIEW = HOOK.rpartition("/")[2]
Scrape = Callable[[], Samples]


@pytest.fixture
def scrape(client: Client) -> Scrape:
    return lambda: samples(client.get("/metrics").body.decode())


def ask(client: Client, resources: Json) -> int:
    return client.post(HOOK, reference_patient.hook_request(resources)).status


def test_an_answer_is_counted_by_outcome_card_and_criterion(client: Client, scrape: Scrape, eligible: Json) -> None:
    before = scrape()
    assert ask(client, eligible) == 200
    after = scrape()
    assert growth(before, after, "vacds_answers_total") == {f'{{client="anybody",outcome="criteria-met",service="{PATIENT_VIEW}"}}': 1.0}
    assert growth(before, after, "vacds_cards_total") == {f'{{indicator="info",service="{PATIENT_VIEW}",topic="ta279CriteriaMet"}}': 1.0}
    verdicts = growth(before, after, "vacds_criteria_total")
    assert sum(verdicts.values()) == len(CriterionId)
    assert all('status="met"' in verdict for verdict in verdicts)
    assert growth(before, after, "vacds_requests_total")[f'{{route="{HOOK}",status="200"}}'] == 1.0
    assert growth(before, after, "vacds_request_seconds_count")[f'{{route="{HOOK}"}}'] == 1.0


def test_what_was_not_read_is_counted_by_type_and_reason(client: Client, scrape: Scrape, eligible: Json) -> None:
    before = scrape()
    ask(client, {key: eligible[key] for key in ("patient", "conditions")})
    gaps = growth(before, scrape(), "vacds_data_gaps_total")
    assert gaps['{reason="not-supported",resource_type="Observation"}'] >= 1.0


def test_an_order_that_is_no_augmentation_is_counted_as_not_looked_at(client: Client, scrape: Scrape) -> None:
    before = scrape()
    other = draft({"system": "http://loinc.org", "code": "30679-5"})
    assert client.post(SIGN, order_call("order-sign", other, resources={})).json == {"cards": []}
    (label,) = growth(before, scrape(), "vacds_answers_total")
    assert 'outcome="not-looked-at"' in label


def test_a_refusal_is_an_event_and_a_status(client: Client, scrape: Scrape, eligible: Json) -> None:
    eligible["conditions"]["entry"][0]["resource"]["subject"]["reference"] = "Patient/somebody-else"
    before = scrape()
    assert ask(client, eligible) == 400
    after = scrape()
    assert growth(before, after, "vacds_events_total") == {'{event="another-patient"}': 1.0}
    assert growth(before, after, "vacds_requests_total")[f'{{route="{HOOK}",status="400"}}'] == 1.0


@pytest.mark.parametrize("address", ["/demo/charts/eligible-uk", "/demo/fhir/Patient/eligible-uk", "/demo/charts/who", "/eligible-uk/who"])
def test_a_route_is_told_by_its_template(client: Client, scrape: Scrape, address: str) -> None:
    before = scrape()
    client.get(address)
    grown = {label for label in growth(before, scrape(), "vacds_requests_total") if "/metrics" not in label}
    assert len(grown) == 1
    assert not any("eligible-uk" in label or "who" in label for label in grown)


def test_the_canary_is_heard_at_once_and_again() -> None:
    metrics = Metrics()
    before: list[float] = []

    def sings() -> bool:
        before.extend(sample.value for family in metrics.canary.collect() for sample in family.samples)
        return len(before) != 2

    async def hear() -> None:
        listening = asyncio.create_task(listen(sings, metrics, every=0.0))
        while len(before) < 3:
            await asyncio.sleep(0)
        listening.cancel()

    asyncio.run(hear())
    assert before[:3] == [0.0, 1.0, 0.0]


def test_it_starts_with_a_canary_that_sings(scrape: Scrape) -> None:
    assert eventually(lambda: scrape()["vacds_canary_ok"] == 1.0)


@pytest.fixture
def together() -> Iterator[str]:
    """Where two workers count together."""
    with counted_together():
        yield os.environ[FOLDER]
    assert FOLDER not in os.environ


def test_workers_count_together_and_what_a_dead_one_counted_stays(together: str, tmp_path: Path) -> None:
    with ExitStack() as ending:
        one, other = (ending.enter_context(running(folder(tmp_path, name), {"VACDS_MODE": "demo"})) for name in ("one", "other"))
        for worker, calls in ((one, 2), (other, 3)):
            for _ in range(calls):
                worker.get("/livez")
        with half_sent(other.port()):
            assert eventually(lambda: counted(one)["vacds_requests_in_flight"] == 2.0)  # that call and this scrape
            other.kill()
            assert counted(one)["vacds_requests_in_flight"] == 1.0
        told = counted(one)
    assert told['vacds_requests_total{route="/livez",status="200"}'] == 5.0
    assert told["vacds_canary_ok"] == 1.0
    assert not Path(together).joinpath(f"gauge_livesum_{other.pid}.db").exists()


def folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made


def counted(worker: Process) -> Samples:
    return samples(worker.get("/metrics").decode())


def half_sent(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{".encode())
    return connection


def test_one_worker_and_several_expose_the_same(client: Client, tmp_path: Path) -> None:
    """All but what has not been counted yet: the shared files know no metric before its first value."""
    alone = client.get("/metrics").body.decode()
    with counted_together(), running(tmp_path, {"VACDS_MODE": "demo"}) as worker:
        assert eventually(lambda: counted(worker).get("vacds_canary_ok") == 1.0)
        shared = worker.get("/metrics").decode()
    assert types(shared).items() <= types(alone).items()
    gauges = {"vacds_build_info", "vacds_canary_ok", "vacds_requests_in_flight"}
    assert {name: labels(shared)[name] for name in gauges} == {name: labels(alone)[name] for name in gauges}


def test_the_scrape_is_text_for_prometheus(client: Client) -> None:
    answer = client.get("/metrics")
    assert (answer.status, answer.media_type) == (200, "text/plain")
    assert msgspec.json.encode(answer.headers).find(b"version=0.0.4") > 0
