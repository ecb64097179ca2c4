"""The service that most tests ask: in demo mode, with every default, on one fixed day."""

from collections.abc import Iterator
from contextlib import chdir
from copy import deepcopy

import pytest
from hypothesis import settings

from app import reference_patient
from app.openapi import reference_services
from tests.service import Client, Json, Service, serving

TODAY = reference_patient.DAY

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def started_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """By default the database is a file where the service is started: for the tests that is not the tree."""
    with chdir(tmp_path_factory.mktemp("started")):
        yield


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """The reference services of app.openapi, each on a port of its own: open, locked, failing."""
    apps = reference_services(tmp_path_factory.mktemp("reference"))
    with serving(apps["open"]) as opened, serving(apps["locked"]) as locked, serving(apps["failing"]) as failing:
        yield {"open": opened, "locked": locked, "failing": failing}


@pytest.fixture
def client(services: dict[str, Service]) -> Iterator[Client]:
    """A new connection to the open service."""
    with services["open"].client() as connection:
        yield connection


@pytest.fixture
def locked_client(services: dict[str, Service]) -> Iterator[Client]:
    with services["locked"].client() as connection:
        yield connection


@pytest.fixture
def failing_client(services: dict[str, Service]) -> Iterator[Client]:
    with services["failing"].client() as connection:
        yield connection


@pytest.fixture
def eligible() -> Json:
    """Prefetch of a patient who meets every criterion on TODAY; the test's own to change."""
    return deepcopy(reference_patient.prefetch())
