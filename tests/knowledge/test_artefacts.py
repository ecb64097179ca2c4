"""Questionnaire, PlanDefinition, Library and the rest: valid R4, whole among themselves, and in step with the service."""

import base64
import re

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_mapping import assessment_form
from fhir_mapping.resources.questionnaire_response import QUESTIONNAIRE
from guidelines.ta279.guideline import ta279
from guidelines.ta279.terminology import FINDINGS, PACKAGE, load_terminology
from guidelines.ta279.terminology_systems import fails_check_digit
from tests.knowledge.artefacts import CANONICAL, Json, artefact, artefacts, items, strings
from tests.service import Client

FORM = artefact("Questionnaire", "ta279-assessment")
PLAN = artefact("PlanDefinition", "nice-ta279")
LIBRARY = artefact("Library", "nice-ta279")
CONDITIONS = [condition["expression"] for condition in PLAN["action"][0]["condition"]]
TERMINOLOGY = load_terminology()
OURS = re.compile(rf"{re.escape(CANONICAL)}/([A-Za-z]+)/([A-Za-z0-9\-]+)")
QUESTIONS = [item for item in items(FORM) if item["type"] != "group"]


def named(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize("resource", artefacts(), ids=named)
def test_each_is_valid_r4_under_its_own_address(resource: Json) -> None:
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert resource["url"] == f"{CANONICAL}/{named(resource)}"


@pytest.mark.parametrize("resource", [each for each in artefacts() if each["resourceType"] != "StructureDefinition"], ids=named)
def test_each_is_served(client: Client, resource: Json) -> None:
    answer = client.get(f"/fhir/{named(resource)}")
    assert (answer.status, answer.media_type) == (200, "application/fhir+json")
    assert answer.json == resource


def test_every_address_of_ours_that_is_mentioned_exists() -> None:
    known = {(each["resourceType"], each["id"]) for each in artefacts()}
    mentioned = {match for each in artefacts() for text in strings(each) for match in OURS.findall(text)}
    assert mentioned - known == set()


def test_the_plan_answers_the_three_hooks_with_the_nine_criteria_in_order() -> None:
    assert [trigger["name"] for trigger in PLAN["action"][0]["trigger"]] == ["patient-view", "order-select", "order-sign"]
    assert [expression["name"] for expression in CONDITIONS] == [criterion.id for criterion in ta279().criteria]
    assert PLAN["type"]["coding"][0]["code"] == "eca-rule"
    assert PLAN["library"] == [LIBRARY["url"]]


@pytest.mark.parametrize("expression", CONDITIONS, ids=lambda expression: expression["name"])
def test_an_expression_is_the_same_in_its_file_the_plan_and_the_library(expression: Json) -> None:
    written = (PACKAGE / f"expressions/{expression['name']}.fhirpath").read_text()
    (content,) = [each for each in LIBRARY["content"] if each["title"] == expression["name"]]
    assert written.strip() == expression["expression"] == base64.b64decode(content["data"]).decode().strip()
    assert (expression["language"], content["contentType"]) == ("text/fhirpath", "text/fhirpath")


def test_the_library_depends_on_all_terminology_and_names_every_variable() -> None:
    needed = {dependency["resource"] for dependency in LIBRARY["relatedArtifact"] if dependency["type"] == "depends-on"}
    terminology = {each["url"] for each in artefacts() if each["resourceType"] in ("ValueSet", "CodeSystem")}
    assert terminology - needed == {f"{CANONICAL}/CodeSystem/card-topic"}
    used = {name for expression in CONDITIONS for name in re.findall(r"%([A-Za-z]+)", expression["expression"])}
    assert used - {"context"} == {parameter["name"] for parameter in LIBRARY["parameter"]}  # %context, the Bundle, is FHIRPath's own


def test_the_form_is_the_one_whose_answers_are_read() -> None:
    assert FORM["url"] == QUESTIONNAIRE
    groups = {item["linkId"] for item in items(FORM) if any(inner["type"] != "group" for inner in item.get("item", ()))}
    assert groups == set(assessment_form._GROUPS)


def test_every_question_has_a_link_of_its_own_below_its_group_s() -> None:
    links = [item["linkId"] for item in items(FORM)]
    assert len(set(links)) == len(links)
    assert [
        item["linkId"] for item in items(FORM) for inner in item.get("item", ()) if not inner["linkId"].startswith(item["linkId"] + ".")
    ] == []


def test_a_question_about_a_finding_of_ours_carries_its_code_and_ends_with_it() -> None:
    codes = {concept["code"] for concept in artefact("CodeSystem", "findings")["concept"]}
    asked = {item["linkId"]: item["code"][0]["code"] for item in QUESTIONS if item["code"][0]["system"] == FINDINGS}
    assert {link: code for link, code in asked.items() if link.rpartition(".")[2] != code} == {}
    assert [item["linkId"] for item in QUESTIONS if item["linkId"].rpartition(".")[2] in codes and item["linkId"] not in asked] == []
    chosen = {option["valueCoding"]["code"] for item in QUESTIONS for option in item.get("answerOption", ())}
    assert codes - set(asked.values()) - chosen == {"kyphoplasty-with-stent"}


def test_every_code_of_the_form_is_defined() -> None:
    systems = [each for each in artefacts() if each["resourceType"] == "CodeSystem"]
    defined = {(system["url"], concept["code"]) for system in systems for concept in system["concept"]}
    options = [option["valueCoding"] for item in QUESTIONS for option in item.get("answerOption", ())]
    used = {(coding["system"], coding["code"]) for coding in options + [coding for item in items(FORM) for coding in item["code"]]}
    assert {(system, code) for system, code in used if system.startswith(CANONICAL)} - defined == set()
    assert [code for system, code in used if fails_check_digit(system, code)] == []


def test_each_level_offered_is_that_vertebra() -> None:
    options = [option["valueCoding"] for item in QUESTIONS if item["linkId"].endswith(".level") for option in item["answerOption"]]
    assert [coding for coding in options if TERMINOLOGY.level(coding["system"], coding["code"]) != coding["display"]] == []
    assert len(options) == 3 * 17


def test_each_other_answer_means_something_here() -> None:
    ours = f"{CANONICAL}/CodeSystem/assessment"
    options = [option["valueCoding"] for item in QUESTIONS for option in item.get("answerOption", ())]
    silent = [coding for coding in options if coding["system"] != ours and not TERMINOLOGY.concepts(coding["system"], coding["code"])]
    assert silent == []
    assert {coding["code"] for coding in options if coding["system"] == ours} == assessment_form.ANALGESICS


def test_the_overlay_template_maps_to_every_finding_of_ours() -> None:
    (group,) = artefact("ConceptMap", "overlay-template")["group"]
    targets = {target["code"] for element in group["element"] for target in element["target"]}
    assert targets == {concept["code"] for concept in artefact("CodeSystem", "findings")["concept"]}
