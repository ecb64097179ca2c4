"""The audit record leaves the house as FHIR R4 AuditEvents that a FHIR library takes."""

import json
import os
import subprocess
import sys
from copy import deepcopy

from fhir.resources.R4B.auditevent import AuditEvent

from app import reference_patient
from tests.house.tree import ROOT
from tests.service import Json
from tests.store import kept
from tests.store.kept import ask, client


def exported(url: str) -> list[Json]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    command = [sys.executable, "-m", "app.store.audit_export"]
    done = subprocess.run(
        command, cwd=ROOT, env={**clean, "VACDS_MODE": "demo", "VACDS_DATABASE_URL": url}, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_record_is_an_audit_event(url: str) -> None:
    resources = reference_patient.prefetch()
    foreign = deepcopy({key: resources[key] for key in ("patient", "conditions")})
    foreign["conditions"]["entry"][1]["resource"]["subject"]["reference"] = "Patient/somebody-else"
    with client(url) as connection:
        ask(connection)
        ask(connection, kept.call(foreign))
        ask(connection, kept.call(context={"patientId": reference_patient.PATIENT_ID, "userId": "RelatedPerson/x"}))
    answered, refused, by_a_relative = exported(url)
    for event in (answered, refused, by_a_relative):
        AuditEvent.model_validate(event)
    assert [event["outcome"] for event in (answered, refused, by_a_relative)] == ["0", "8", "0"]
    assert answered["agent"][0]["who"]["identifier"]["value"] == "Practitioner/example"
    assert answered["agent"][1]["who"]["identifier"]["value"] == "https://st-example.example/fhir"
    assert [agent["requestor"] for agent in answered["agent"]] == [True, False]
    counted = {entity["type"]["code"]: entity["detail"][0]["valueString"] for entity in answered["entity"] if "detail" in entity}
    assert counted["Condition"] == "2"
    assert {entity["type"]["code"] for entity in refused["entity"]} == {"Condition"}
    assert len(by_a_relative["agent"][0]["who"]["identifier"]["value"]) == 64


def test_where_there_is_no_database_url_that_holds_it_says_so_in_one_line() -> None:
    environment = {**os.environ, "VACDS_MODE": "demo", "VACDS_DATABASE_URL": "mysql://u:hunter2@x/y"}
    command = [sys.executable, "-m", "app.store.audit_export"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "VACDS_DATABASE_URL: must be a sqlite or postgresql URL\n"
