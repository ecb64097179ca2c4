"""Servers that cannot be reached, are slow, or fail for a while (trust.md 3, faults 1 to 5)."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import reference_patient
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import Limits
from app.main import House, create_app
from app.settings import Settings
from tests.faults.call import MET, Ehr, gaps, refused, told, topics
from tests.faults.certificate import self_signed
from tests.faults.conftest import PATIENT, EhrWith, chart
from tests.faults.fault_server import FaultServer, Reply, listening, says
from tests.faults.replies import OUTCOME, at_first, drips, endless_headers, hangs, hangs_up, huge
from tests.service import serving

LATE = "the FHIR server did not answer in time."
UNREACHABLE = "the FHIR server cannot be reached."
NOT_CERTIFIED = "the FHIR server cannot prove who it is (TLS)."
OFTEN_FAILED = "the FHIR server has just failed several times and is not asked for a few seconds."


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def ehr_of(address: str, settings: Settings, house: House, ending: ExitStack) -> Ehr:
    access = FhirAccess(servers_at([address]), token_needed=True, limits=PATIENT)
    return Ehr(ending.enter_context(serving(create_app(settings, lambda: reference_patient.DAY, house, access))), address)


def test_nobody_listens(settings: Settings, house: House, ending: ExitStack) -> None:
    """Fault 1."""
    with listening(FaultServer([])) as gone:
        address = gone.address
    answer = ehr_of(address, settings, house, ending).asks()
    assert (refused(answer, "patient", "Patient"), told(answer)) == (UNREACHABLE, "transient")


def test_the_name_is_not_known(settings: Settings, house: House, ending: ExitStack) -> None:
    """Fault 1."""
    answer = ehr_of("http://nowhere.invalid/fhir", settings, house, ending).asks()
    assert refused(answer, "patient", "Patient") in (UNREACHABLE, LATE)
    assert told(answer) == "transient"


def test_the_certificate_is_not_trusted(settings: Settings, house: House, ending: ExitStack, tmp_path: Path) -> None:
    """Fault 1: said, and not tried again."""
    server = ending.enter_context(listening(FaultServer(chart()), self_signed(tmp_path)))
    address = server.address.replace("http:", "https:")
    answer = ehr_of(address, settings, house, ending).asks({"conditions": None})
    assert (refused(answer, "patient", "Patient"), told(answer)) == (NOT_CERTIFIED, "incomplete")
    assert server.asked == []


def test_a_trusted_certificate_is_taken(settings: Settings, house: House, ending: ExitStack, tmp_path: Path) -> None:
    tls = self_signed(tmp_path)
    server = ending.enter_context(listening(FaultServer(chart()), tls))
    address = server.address.replace("http:", "https:")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate"))
    access = FhirAccess(servers_at([address]), token_needed=True, limits=PATIENT, tls=trusting)
    service = ending.enter_context(serving(create_app(settings, lambda: reference_patient.DAY, house, access)))
    assert Ehr(service, address).gets_guidance()


def test_the_server_does_not_speak_tls(settings: Settings, house: House, ending: ExitStack, fhir: FaultServer) -> None:
    """Fault 1."""
    answer = ehr_of(fhir.address.replace("http:", "https:"), settings, house, ending).asks()
    assert refused(answer, "patient", "Patient") in (NOT_CERTIFIED, UNREACHABLE, LATE)


@pytest.mark.parametrize("reply", [hangs, drips], ids=["2 slow", "3 drip"])
def test_what_takes_too_long_is_left(impatient: Ehr, fhir: FaultServer, reply: Reply) -> None:
    fhir.fails(reply, "Condition")
    answer = impatient.asks()
    assert (refused(answer, "conditions", "Condition"), told(answer)) == (LATE, "transient")
    fhir.fails(reply, "Observation")
    answer = impatient.asks()
    assert gaps(answer) == {"Observation": "failed"}
    assert MET not in topics(answer)
    fhir.recovers()
    assert impatient.recovers()


@pytest.mark.parametrize("reply", [endless_headers, huge], ids=["headers", "body"])
def test_what_does_not_end_is_cut_off(ehr: Ehr, fhir: FaultServer, reply: Reply) -> None:
    """Fault 3."""
    fhir.fails(reply, "Condition")
    assert refused(ehr.asks(), "conditions", "Condition") in (UNREACHABLE, LATE, "the FHIR server sent more than is read.")
    fhir.recovers()
    assert ehr.recovers()


@pytest.mark.parametrize("reply", [says(500), says(502), says(503, OUTCOME), hangs_up], ids=["500", "502", "503", "hangs up"])
def test_a_failure_that_passes_is_tried_once_more(ehr: Ehr, fhir: FaultServer, reply: Reply) -> None:
    """Fault 4."""
    fhir.fails(at_first(fhir, reply))
    answer = ehr.asks()
    assert (topics(answer), gaps(answer)) == ([MET], {})
    fhir.fails(at_first(fhir, reply, times=2), "Condition")
    assert refused(ehr.asks(), "conditions", "Condition") in (UNREACHABLE, "the FHIR server failed.")


def test_there_is_no_second_try_without_time_for_it(ehr_with: EhrWith, fhir: FaultServer) -> None:
    """Fault 4."""
    fhir.fails(says(500), "Condition")
    ehr_with(Limits(deadline=4.0, retry_needs=10.0)).asks()
    assert [asked.resource_type for asked in fhir.asked].count("Condition") == 1


def test_a_server_that_always_fails_is_let_alone_and_tried_again(ehr_with: EhrWith, fhir: FaultServer) -> None:
    """Fault 5: after five failed calls none is made for a while; then one call tries."""
    ehr = ehr_with(Limits(deadline=4.0, breaker_seconds=1.0, retry_needs=10.0))
    fhir.fails(says(500))
    reasons = [refused(ehr.asks(), "patient", "Patient") for _ in range(5)]
    assert set(reasons) == {"the FHIR server failed."}
    asked = len(fhir.asked)
    answer = ehr.asks()
    assert (refused(answer, "patient", "Patient"), told(answer)) == (OFTEN_FAILED, "transient")
    assert len(fhir.asked) == asked
    fhir.recovers()
    assert ehr.recovers()
    assert len(fhir.asked) > asked


def test_one_type_that_always_fails_does_not_close_the_others(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 5."""
    fhir.fails(says(500), "ImagingStudy")
    assert all(gaps(ehr.asks()) == {"ImagingStudy": "failed"} for _ in range(7))
