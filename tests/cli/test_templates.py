"""`vacds templates` gives discovery's templates, fitted to what an EHR's FHIR server declares."""

import json

import pytest

from app.cli.templates import EHRS
from tests.cli.vacds import ROOT, said
from tests.service import Client

OVERLAY = str(ROOT / "docs" / "overlay-example")
LOCAL = "https://codes.st-example.example/examination|SPINAL-PERCUSSION-TENDERNESS"


def printed(ehr: str, *more: str) -> dict[str, str]:
    done = said("templates", ehr, *more)
    assert done.code == 0
    queries: dict[str, str] = json.loads(done.out)
    return queries


def test_the_standard_ones_are_those_of_discovery(client: Client) -> None:
    assert printed("standard") == client.get("/cds-services").json["services"][0]["prefetch"]


@pytest.mark.parametrize("ehr", sorted(EHRS))
def test_what_is_left_out_or_put_more_simply_is_never_required(ehr: str) -> None:
    required = {"patient": "Patient/{{context.patientId}}", "conditions": "Condition?patient={{context.patientId}}"}
    assert printed(ehr).items() >= required.items()


@pytest.mark.parametrize("ehr", ["epic", "oracle"])
def test_no_query_holds_what_these_servers_do_not_declare(ehr: str) -> None:
    queries = printed(ehr)
    assert "medicationStatements" not in queries
    assert not [query for query in queries.values() if "_sort" in query or "questionnaire=" in query]
    assert ("imagingStudies" in queries) is (ehr == "epic")
    assert "code=" not in queries["conditions"]


def test_what_is_left_out_is_told_beside_the_templates() -> None:
    told = said("templates", "oracle").err
    assert "imagingStudies (the FHIR server declares no ImagingStudy)" in told


def test_a_sites_own_codes_are_asked_for() -> None:
    assert LOCAL not in printed("epic")["observations"]
    assert LOCAL in printed("epic", "--overlay", OVERLAY)["observations"]


@pytest.mark.parametrize("ehr", sorted(EHRS))
def test_the_guide_shows_the_command_s_own_words(ehr: str) -> None:
    """`vacds templates EHR > docs/connect/templates/EHR.json` writes them."""
    page = ROOT / "docs" / "connect" / "templates" / f"{ehr}.json"
    assert page.read_text(encoding="utf-8") == said("templates", ehr).out
