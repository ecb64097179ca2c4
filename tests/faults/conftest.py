"""The service beside a FHIR server that fails when told to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from app import reference_patient
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import Limits
from app.main import House, build_house, create_app
from app.settings import Mode, Settings
from tests.faults.call import Ehr
from tests.faults.fault_server import FaultServer, listening
from tests.service import serving

PATIENT = Limits(deadline=4.0, breaker_seconds=0.2, retry_needs=0.1)
"""Long enough for a busy machine; what hangs is tried with less."""
IMPATIENT = Limits(deadline=0.5, breaker_seconds=0.2, retry_needs=0.1)

EhrWith = Callable[[Limits], Ehr]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.model_construct(mode=Mode.DEMO)


@pytest.fixture(scope="session")
def house(settings: Settings) -> House:
    return build_house(settings)


@pytest.fixture
def fhir() -> Iterator[FaultServer]:
    """A FHIR server that holds the reference patient's record."""
    with listening(FaultServer(chart())) as server:
        yield server


@pytest.fixture
def ehr_with(fhir: FaultServer, settings: Settings, house: House) -> Iterator[EhrWith]:
    """Makes an EHR whose calls bring no prefetch, with a service of its own that may ask the FHIR server."""
    with ExitStack() as ending:

        def make(limits: Limits) -> Ehr:
            access = FhirAccess(servers_at([fhir.address]), token_needed=True, limits=limits)
            service = ending.enter_context(serving(create_app(settings, lambda: reference_patient.DAY, house, access)))
            return Ehr(service, fhir.address)

        yield make


@pytest.fixture
def ehr(ehr_with: EhrWith) -> Ehr:
    return ehr_with(PATIENT)


@pytest.fixture
def impatient(ehr_with: EhrWith) -> Ehr:
    return ehr_with(IMPATIENT)


def chart() -> list[dict[str, object]]:
    """The reference patient's resources."""
    prefetch = reference_patient.prefetch()
    return [prefetch["patient"], *(entry["resource"] for value in prefetch.values() for entry in value.get("entry", []))]
