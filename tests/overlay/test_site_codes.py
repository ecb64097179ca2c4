"""The documented overlay, loaded as a site loads it: the service is started with VACDS_OVERLAY_DIR and asked over HTTP."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.cases.builder import Chart, build
from tests.cases.case import bases
from tests.house.tree import ROOT
from tests.service import Client

EXAMPLE = ROOT / "docs" / "overlay-example"
EVALUATION = "vertebral-augmentation-cds.evaluation"
PERCUSSION = {"system": "https://codes.st-example.example/examination", "code": "SPINAL-PERCUSSION-TENDERNESS"}
LICENSED = {"system": "https://replace-by-the-address-of-the-licensed-system.example", "code": "PLACEHOLDER-VERTEBROPLASTY-LUMBAR"}

Json = Any


@contextmanager
def started(**variables: str) -> Iterator[Client]:
    """`python -m app` with these settings, on a port of its own choice."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    settings = {"VACDS_MODE": "demo", "VACDS_PORT": "0", "PYTHONUNBUFFERED": "1", **variables}
    command = [sys.executable, "-m", "app"]
    with subprocess.Popen(command, cwd=ROOT, env={**clean, **settings}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = next((found for line in process.stdout if (found := re.search(r"http://localhost:(\d+)/", line))), None)
        assert told is not None, "the service did not start"
        client = Client(int(told[1]))
        try:
            yield client
        finally:
            client.close()
            process.terminate()


@pytest.fixture(scope="module")
def plain() -> Iterator[Client]:
    """The service without an overlay."""
    with started() as client:
        yield client


@pytest.fixture(scope="module")
def overlaid() -> Iterator[Client]:
    """The service of a site that has the documented overlay."""
    with started(VACDS_OVERLAY_DIR=str(EXAMPLE)) as client:
        yield client


def today() -> date:
    return datetime.now(UTC).date()


def examined_in_local_words() -> Chart:
    """Everything is met at L1, but the site writes the examination down as its own code."""
    chart = build(bases()["eligible"], today())
    (examination,) = chart.references["exam"]
    (resource,) = (each for each in chart.resources if f"{each['resourceType']}/{each['id']}" == examination)
    resource["code"] = {"coding": [PERCUSSION]}
    return chart


def prefetched(client: Client, service: str, chart: Chart) -> Json:
    """What this service's own templates ask for, answered from the chart."""
    (found,) = (each for each in client.get("/cds-services").json["services"] if each["id"] == service)
    kinds = {key: re.split(r"[/?]", template)[0] for key, template in found["prefetch"].items()}
    return {key: chart.resources[0] if kind == "Patient" else searchset(kind, chart) for key, kind in kinds.items()}


def searchset(kind: str, chart: Chart) -> Json:
    entries = [{"resource": each} for each in chart.resources if each["resourceType"] == kind]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def ask(client: Client, hook: str, chart: Chart, **context: Json) -> tuple[list[str], Json]:
    """Topics of the cards, and the whole answer."""
    service = f"vertebral-augmentation-{hook}"
    call = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": chart.patient_id, **context},
        "prefetch": prefetched(client, service, chart),
    }
    answer = client.post(f"/cds-services/{service}", call)
    assert answer.status == 200, answer.body
    return [card["source"]["topic"]["code"] for card in answer.json["cards"]], answer.json


def order(chart: Chart) -> Json:
    """A draft order of a vertebroplasty at L1, in the licensed code."""
    resource = {
        "resourceType": "ServiceRequest", "id": "draft-1", "status": "draft", "intent": "order",
        "subject": {"reference": f"Patient/{chart.patient_id}"}, "code": {"coding": [LICENSED]},
        "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "66794005"}]}],
    }  # fmt: skip
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}


def examination(answer: Json) -> Json:
    (fracture,) = answer["extension"][EVALUATION]["fractures"]
    (finding,) = (each for each in fracture["criteria"] if each["criterion"] == "examination-at-level")
    return finding


def test_a_local_code_for_percussion_tenderness_means_nothing_without_the_overlay(plain: Client) -> None:
    topics, answer = ask(plain, "patient-view", examined_in_local_words())
    finding = examination(answer)
    assert (finding["status"], finding["reasonCode"]) == ("unknown", "examination-not-recorded")
    assert finding["needed"]
    assert answer["extension"][EVALUATION]["outcome"] == "information-needed"
    assert topics == ["ta279InformationNeeded"]


def test_with_the_overlay_the_same_record_meets_the_criterion_by_that_examination(overlaid: Client) -> None:
    chart = examined_in_local_words()
    topics, answer = ask(overlaid, "patient-view", chart)
    finding = examination(answer)
    assert (finding["status"], finding["reasonCode"]) == ("met", "tender-at-level")
    assert [each["reference"] for each in finding["evidence"]] == chart.references["exam"]
    assert answer["extension"][EVALUATION]["outcome"] == "criteria-met"
    assert topics == ["ta279CriteriaMet"]


def test_a_licensed_procedure_code_is_no_order_of_ours_without_the_overlay(plain: Client) -> None:
    chart = build(bases()["eligible"], today())
    assert ask(plain, "order-sign", chart, draftOrders=order(chart)) == ([], {"cards": []})


def test_with_the_overlay_the_licensed_code_is_an_order_that_is_answered(overlaid: Client) -> None:
    chart = build(bases()["eligible"], today())
    topics, answer = ask(overlaid, "order-sign", chart, draftOrders=order(chart))
    assert topics == ["ta279CriteriaMet"]
    assert answer["extension"][EVALUATION]["outcome"] == "criteria-met"
