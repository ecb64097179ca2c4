"""A service that lets in the clients of a file, with a store of used tokens: as `python -m app` makes it, but on loopback without TLS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app import reference_patient
from app.fhir_access.access import FhirAccess
from app.main import House, build_house, create_app
from app.settings import Auth, Mode, Settings
from app.store.database import Database
from app.store.replay import ReplayStore
from app.trust.clients import read_clients
from app.trust.key_ring import Patience
from app.trust.trust import Trust
from tests.service import Client, Service, serving
from tests.trust.ehr import Issuer, client_entry, clients_file, signing_key

Serve = Callable[..., Service]
"""`serve(entry, ..., patience=..., access=...)`: a service of its own for these clients."""


@pytest.fixture(scope="session")
def house() -> House:
    return build_house(Settings.model_construct(mode=Mode.DEMO))


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer(signing_key("st-example"))


@pytest.fixture
def serve(tmp_path: Path, house: House) -> Iterator[Serve]:
    with ExitStack() as ending:

        def start(*entries: Any, patience: Patience | None = None, access: FhirAccess | None = None) -> Service:
            settings = Settings.model_construct(mode=Mode.DEMO, auth=Auth.REQUIRED)
            clients = read_clients(clients_file(tmp_path, *entries), production=False)
            database = Database(f"sqlite:///{tmp_path / 'used.sqlite3'}")
            trust = Trust(clients, ReplayStore(database), public_only=False, patience=patience)
            return ending.enter_context(serving(create_app(settings, lambda: reference_patient.DAY, house, access, trust)))

        yield start


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer, house: House) -> Iterator[Service]:
    """One service for many tokens of one client."""
    folder = tmp_path_factory.mktemp("door")
    settings = Settings.model_construct(
        mode=Mode.DEMO,
        auth=Auth.REQUIRED,
        clients_file=clients_file(folder, client_entry(folder, issuer)),
        database_url=f"sqlite:///{folder / 'used.sqlite3'}",
    )
    with serving(create_app(settings, lambda: reference_patient.DAY, house)) as service:
        yield service


@pytest.fixture
def client(door: Service) -> Iterator[Client]:
    with door.client() as connection:
        yield connection
