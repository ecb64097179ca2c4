"""Is it there, is it well, what are its codes; and what only the demo has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from app import errors
from app.canary import Canary
from app.main import build_house, create_app
from app.routes import operations
from app.settings import Mode, Settings
from guidelines.ta279.thresholds import PROFILES
from tests.conftest import TODAY
from tests.service import Client, Service, serving

OWN = Path(__file__).parents[2] / "guidelines/ta279"


@pytest.fixture(scope="module")
def production() -> Iterator[Client]:
    settings = Settings.model_construct(mode=Mode.PRODUCTION, public_url="https://cds.example.org")
    with serving(create_app(settings, lambda: TODAY)) as service, service.client() as client:
        yield client


def test_it_is_alive_and_ready(client: Client) -> None:
    assert [(answer.status, answer.json) for answer in map(client.get, ("/livez", "/readyz"))] == [(200, {"status": "ok"})] * 2


def test_it_is_alive_but_not_ready_when_the_canary_is_silent(failing_client: Client) -> None:
    assert [failing_client.get(address).status for address in ("/livez", "/readyz")] == [200, 503]


class Store:
    """Says what is wrong with it, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.why = ""

    async def trouble(self) -> str:
        self.asked += 1
        return self.why


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def looked_into(store: Store) -> Iterator[Service]:
    """A service of which nothing is there but what is asked from inside."""
    app = FastAPI()
    errors.install(app)
    operations.add(app, lambda: True, CollectorRegistry(), [store.trouble])
    with serving(app) as service:
        yield service


def test_however_many_ask_whether_it_is_ready_it_looks_once_a_second(looked_into: Service, store: Store) -> None:
    """Nobody needs a token to ask, and to look is to read every rule and to write to the database."""

    def ask(times: int) -> list[int]:
        with looked_into.client() as asking:
            return [asking.get("/readyz").status for _ in range(times)]

    began = monotonic()
    with ThreadPoolExecutor(8) as many:
        answers = [status for statuses in many.map(ask, [25] * 8) for status in statuses]
    assert answers == [200] * 200
    assert 1 <= store.asked <= 1 + (monotonic() - began) / operations.GOOD_FOR_SECONDS


def test_what_was_looked_up_a_second_ago_is_looked_up_again(looked_into: Service, store: Store) -> None:
    with looked_into.client() as asking:
        for why, status in (("", 200), ("the store is gone", 503), ("", 200)):
            store.why = why
            assert asking.get("/readyz").status == status
            sleep(operations.GOOD_FOR_SECONDS)
    assert store.asked == 3


@pytest.mark.parametrize("profile", sorted(path.stem for path in PROFILES.glob("*.toml")))
def test_the_canary_sings_in_every_profile(profile: str) -> None:
    house = build_house(Settings.model_construct(mode=Mode.DEMO, profile=profile))
    canary = Canary(next(iter(house.registry)))
    assert canary.topics == ["ta279CriteriaMet"]
    assert canary.sings()


@pytest.mark.parametrize("path", sorted(OWN.glob("*/*.json")), ids=lambda path: f"{path.parent.name} {path.stem}")
def test_every_artefact_is_served_as_it_is_on_disk(client: Client, path: Path) -> None:
    kind = {"value_sets": "ValueSet", "code_systems": "CodeSystem", "concept_maps": "ConceptMap"}[path.parent.name]
    answer = client.get(f"/fhir/{kind}/{path.stem}")
    assert (answer.status, answer.media_type) == (200, "application/fhir+json")
    assert answer.body == path.read_bytes()


@pytest.mark.parametrize(
    "address",
    [
        "/fhir/ValueSet/none",
        "/fhir/Patient/example-patient",
        "/fhir/ValueSet/..%2f..%2fprofiles",
        "/fhir/ValueSet",
        "/fhir/Library/nice-ta280",
    ],
)
def test_what_is_no_artefact_is_404(client: Client, address: str) -> None:
    assert client.get(address).status == 404


@pytest.mark.parametrize("address", ["/", "/docs", "/openapi.json", "/demo/fhir/metadata", "/demo/charts", "/redoc"])
def test_production_has_nothing_of_the_demo(production: Client, address: str) -> None:
    assert production.get(address).status == 404


@pytest.mark.parametrize("address", ["/docs", "/openapi.json"])
def test_the_demo_has_its_documentation(client: Client, address: str) -> None:
    assert client.get(address).status == 200


def test_production_is_closed(production: Client) -> None:
    assert production.get("/cds-services").status == 401


def test_the_server_does_not_say_what_it_is(client: Client) -> None:
    assert "server" not in client.get("/livez").headers
