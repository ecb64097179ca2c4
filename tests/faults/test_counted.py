"""What became of asking FHIR servers, and of calls that were refused, as operators see it (docs/observability.md)."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.fhir_access import troubles
from app.fhir_access.limits import Limits
from hooks.retrieval import Trouble
from tests.faults.call import Ehr
from tests.faults.conftest import EhrWith
from tests.faults.fault_server import FaultServer, says
from tests.faults.replies import hangs
from tests.watch.scraped import Samples, growth, samples


def counted(ehr: Ehr) -> Samples:
    with ehr.service.client() as client:
        return samples(client.get("/metrics").body.decode())


def results(ehr: Ehr, resource_type: str) -> dict[str, float]:
    """By result."""
    found = growth({}, counted(ehr), "vacds_fhir_fetches_total")
    own = f'{{resource_type="{resource_type}",result="'
    return {label.removeprefix(own).removesuffix('"}'): count for label, count in found.items() if label.startswith(own)}


def test_a_fetch_is_counted_by_type_and_result(ehr: Ehr, fhir: FaultServer) -> None:
    assert ehr.gets_guidance()
    fhir.fails(says(403), "Condition")
    ehr.asks()
    assert results(ehr, "Condition") == {"complete": 1.0, "refused": 1.0}


def test_what_was_not_asked_for_is_counted_too(ehr: Ehr, fhir: FaultServer) -> None:
    ehr.asks(fhirServer="https://elsewhere.example/fhir")
    ehr.asks(fhirAuthorization={"token_type": "Bearer"})
    fhir.fails(says(500))
    for _ in range(Limits().breaker_failures + 1):
        ehr.asks()
    assert {"untrusted", "no-token", "often-failed"} <= set(results(ehr, "Condition"))


def test_every_trouble_has_a_word_of_its_own() -> None:
    told = [troubles.result_of(trouble) for trouble in vars(troubles).values() if isinstance(trouble, Trouble)]
    assert len(told) == len(set(told)) > 10
    assert [troubles.result_of(troubles.other_version(version)) for version in ("1.0", "9.9")] == ["other-version"] * 2
    assert troubles.result_of(None) == "complete"


@pytest.fixture
def _our_loggers_speak() -> Iterator[None]:
    """As app.logs.install has them speak."""
    logging.getLogger("app").setLevel(logging.INFO)
    yield
    logging.getLogger("app").setLevel(logging.NOTSET)


@pytest.mark.usefixtures("_our_loggers_speak")
def test_refused_calls_are_counted_as_overload(ehr_with: EhrWith, fhir: FaultServer) -> None:
    """A FHIR server has its share of places; who comes beyond it is told so, and counted."""
    ehr = ehr_with(Limits(deadline=1.0, calls_per_server=2))
    fhir.fails(hangs)
    with ThreadPoolExecutor(8) as clients:
        refused = [answer.status for answer in clients.map(lambda _: ehr.asks(), range(8))].count(503)
    assert refused > 0
    assert growth({}, counted(ehr), "vacds_events_total")['{event="overload"}'] == refused
