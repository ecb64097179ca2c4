"""A site's own codes: what an overlay adds, and each way in which it, or a damaged package, is refused."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.valueset import ValueSet

from clinical.codes import TerminologyError
from guidelines.ta279.terminology import FINDINGS, LEVELS, PACKAGE, load_terminology
from guidelines.ta279.terminology_files import CODE_PREFIX
from guidelines.ta279.terminology_systems import SNOMED
from tests.unit.terminology_reference import CM, LOINC, load

EXAMPLE = Path(__file__).parents[2] / "docs" / "overlay-example"
LOCAL = "https://codes.st-example.example/examination"
BODY_SITES = "https://codes.st-example.example/body-site"
PROBLEMS = "https://codes.st-example.example/problem"


def value_set(identifier: str, system: str, codes: Sequence[str], **more: Any) -> dict[str, Any]:
    include = [{"system": system, "concept": [{"code": code, "display": "ours"} for code in codes]}]
    return {"resourceType": "ValueSet", "id": identifier, "status": "active", "compose": {"include": include, **more}}


def concept_map(target: str, *mappings: tuple[str, str], source: str = LOCAL, equivalence: str = "equivalent") -> dict[str, Any]:
    elements = [{"code": code, "target": [{"code": to, "equivalence": equivalence}]} for code, to in mappings]
    return {"resourceType": "ConceptMap", "status": "active", "group": [{"source": source, "target": target, "element": elements}]}


def family(identifier: str, system: str, code: str) -> dict[str, Any]:
    concept = {"extension": [{"url": CODE_PREFIX, "valueBoolean": True}], "code": code, "display": "ours"}
    return value_set(identifier, system, []) | {"compose": {"include": [{"system": system, "concept": [concept]}]}}


def write(folder: Path, *resources: dict[str, Any]) -> Path:
    site = folder / "site"
    site.mkdir()
    for number, resource in enumerate(resources, start=1):
        (site / f"{number}.json").write_text(json.dumps(resource), encoding="utf-8")
    return site


def refusal(folder: Path, *resources: dict[str, Any]) -> str:
    with pytest.raises(TerminologyError) as refused:
        load_terminology(write(folder, *resources))
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_the_documented_example_turns_unknown_codes_into_concepts() -> None:
    before, after = load_terminology(), load_terminology(EXAMPLE)
    assert before.concepts(LOCAL, "SPINAL-PERCUSSION-TENDERNESS") == frozenset()
    assert after.concepts(LOCAL, "SPINAL-PERCUSSION-TENDERNESS") == {"vertebral-tenderness"}
    assert after.concepts(LOCAL, "MRI-STIR-BRIGHT") == {"marrow-oedema"}
    assert after.concepts(PROBLEMS, "COLLAPSED-VERTEBRA") == {"vertebral-compression-fracture"}
    assert after.concepts(PROBLEMS, "NERVE-ROOT-PAIN") == {"radiculopathy"}
    assert before.level(BODY_SITES, "SPINE-D12") is None
    assert after.level(BODY_SITES, "SPINE-D12") == "T12"


def test_the_documented_example_shows_the_place_of_licensed_codes_and_holds_none() -> None:
    (block,) = load(EXAMPLE / "licensed-procedure-codes.json")["compose"]["include"]
    for concept in block["concept"]:
        assert concept["code"].startswith("PLACEHOLDER-")
        assert load_terminology(EXAMPLE).concepts(block["system"], concept["code"]) == {"vertebroplasty"}


@pytest.mark.parametrize("path", sorted(EXAMPLE.glob("*.json")), ids=lambda path: path.name)
def test_the_documented_example_is_valid_fhir(path: Path) -> None:
    kinds: dict[str, Any] = {"ValueSet": ValueSet, "ConceptMap": ConceptMap}
    assert kinds[load(path)["resourceType"]].model_validate(load(path)).status == "active"


def test_an_overlay_changes_nothing_else() -> None:
    before, after = load_terminology(), load_terminology(EXAMPLE)
    assert after.codes_in("osteoporosis") == before.codes_in("osteoporosis")
    assert set(before.codes_in("vertebroplasty")) < set(after.codes_in("vertebroplasty"))


def test_an_empty_folder_adds_nothing_and_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("not JSON")
    assert load_terminology(tmp_path).codes_in("inr") == load_terminology().codes_in("inr")


def test_an_added_code_keeps_what_its_family_says(tmp_path: Path) -> None:
    site = write(tmp_path, value_set("spinal-malignancy", CM, ["C50.911"]))
    assert load_terminology(site).concepts(CM, "C50.911") == {"active-malignancy", "spinal-malignancy"}


def test_an_added_family_counts_for_all_its_codes(tmp_path: Path) -> None:
    terminology = load_terminology(write(tmp_path, family("radiculopathy", CM, "M47.2")))
    assert terminology.concepts(CM, "M47.26") == {"radiculopathy"}
    assert terminology.concepts(CM, "M47.8") == frozenset()


def test_a_local_code_that_means_a_vertebra_names_its_level(tmp_path: Path) -> None:
    terminology = load_terminology(write(tmp_path, concept_map(SNOMED, ("L-1", "66794005"), source=BODY_SITES)))
    assert terminology.level(BODY_SITES, "L-1") == "L1"
    assert terminology.concepts(BODY_SITES, "L-1") == {"vertebra"}


def test_a_local_code_joins_every_set_of_its_target(tmp_path: Path) -> None:
    terminology = load_terminology(write(tmp_path, concept_map(SNOMED, ("X", "274158004"))))
    assert terminology.concepts(LOCAL, "X") == {"vertebral-fracture", "neurological-compromise"}


def test_a_map_may_lead_to_a_code_that_a_value_set_of_the_overlay_adds(tmp_path: Path) -> None:
    site = write(tmp_path, concept_map(PROBLEMS, ("ROOT", "NERVE")), value_set("radiculopathy", PROBLEMS, ["NERVE"]))
    assert load_terminology(site).concepts(LOCAL, "ROOT") == {"radiculopathy"}


def test_a_local_code_may_be_mapped_twice_to_different_things(tmp_path: Path) -> None:
    site = write(tmp_path, concept_map(FINDINGS, ("X", "retropulsion")), concept_map(FINDINGS, ("X", "vertebra-plana")))
    assert load_terminology(site).concepts(LOCAL, "X") == {"retropulsion", "vertebra-plana"}


WHOLE = {
    "twice in one file": (
        value_set("radiculopathy", LOCAL, ["A", "A"]),
        f"site/1.json: duplicate code: {LOCAL} A stands twice in value set 'radiculopathy'",
    ),
    "packaged already": (
        value_set("osteoporosis", SNOMED, ["64859006"]),
        f"site/1.json: duplicate code: {SNOMED} 64859006 stands already, by value_sets/osteoporosis.json, in value set 'osteoporosis'",
    ),
    "the same level twice": (
        concept_map(LEVELS, ("66794005", "L1"), source=SNOMED),
        f"site/1.json: duplicate code: {SNOMED} 66794005 is L1 here and L1 in concept_maps/vertebral-level.json",
    ),
    "contradiction within one file": (
        concept_map(FINDINGS, ("X", "low-energy-mechanism"), ("X", "high-energy-mechanism")),
        f"site/1.json: contradiction: {LOCAL} X is in both 'low-energy-mechanism' and 'high-energy-mechanism'",
    ),
}


@pytest.mark.parametrize(("resource", "message"), list(WHOLE.values()), ids=list(WHOLE))
def test_the_one_line_says_where_and_what(tmp_path: Path, resource: dict[str, Any], message: str) -> None:
    assert refusal(tmp_path, resource) == message


def test_a_draft_is_read_as_an_active_one_is(tmp_path: Path) -> None:
    site = write(tmp_path, value_set("radiculopathy", LOCAL, ["A"]) | {"status": "draft"})
    assert load_terminology(site).concepts(LOCAL, "A") == {"radiculopathy"}


REFUSED = {
    "unknown value set": (value_set("spinal-malignancies", CM, ["C41.2"]), "unknown value set 'spinal-malignancies'"),
    "unknown finding": (concept_map(FINDINGS, ("X", "tenderness")), "unknown target"),
    "unknown code of a known system": (concept_map(SNOMED, ("X", "138875005")), "unknown target"),
    "unknown system": (concept_map("https://nobody.example", ("X", "Y")), "unknown target"),
    "unknown level": (concept_map(LEVELS, ("X", "L6")), "unknown target 'L6'"),
    "code twice": (value_set("radiculopathy", LOCAL, ["A", "A"]), "duplicate code"),
    "code twice in two spellings": (value_set("radiculopathy", CM, ["M54.16", "m5416"]), "duplicate code"),
    "code packaged already": (value_set("osteoporosis", SNOMED, ["64859006"]), "already, by value_sets/osteoporosis.json"),
    "target twice": (concept_map(FINDINGS, ("X", "retropulsion"), ("X", "retropulsion")), "duplicate code"),
    "cancer both active and not": (value_set("inactive-malignancy", CM, ["C50.911"]), "contradiction"),
    "family both active and not": (family("inactive-malignancy", CM, "C50"), "contradiction"),
    "osteoporosis and myeloma": (value_set("osteoporosis", SNOMED, ["739301006"]), "contradiction"),
    "present and absent": (value_set("absent", SNOMED, ["52101004"]), "contradiction"),
    "pregnant and not": (value_set("pregnant", SNOMED, ["60001007"]), "contradiction"),
    "low and high energy": (concept_map(FINDINGS, ("X", "low-energy-mechanism"), ("X", "high-energy-mechanism")), "contradiction"),
    "past and current": (value_set("history-of-vertebral-fracture", SNOMED, ["240198002"]), "contradiction"),
    "second level": (concept_map(LEVELS, ("66794005", "L2"), source=SNOMED), "contradiction: http://snomed.info/sct 66794005 is L2 here"),
    "level twice": (concept_map(LEVELS, ("66794005", "L1"), source=SNOMED), "duplicate code"),
    "vertebra of no level": (value_set("vertebra", LOCAL, ["X"]), "no concept map says which one"),
    "SNOMED check digit": (value_set("radiculopathy", SNOMED, ["294163004"]), "fails its check digit"),
    "LOINC check digit": (value_set("pain-nrs", LOINC, ["75259-0"]), "fails its check digit"),
    "check digit by alias": (value_set("pain-nrs", "urn:oid:2.16.840.1.113883.6.1", ["75259-0"]), "fails its check digit"),
    "check digit in a map": (concept_map(FINDINGS, ("294163004", "retropulsion"), source=SNOMED), "fails its check digit"),
    "family of SNOMED": (family("radiculopathy", SNOMED, "240198002"), "cannot stand for a family"),
    "our code that is none": (value_set("radiculopathy", FINDINGS, ["numb-leg"]), "is not one of our codes"),
    "empty code": (value_set("radiculopathy", LOCAL, [""]), "is not a system and a code"),
    "blank code": (value_set("radiculopathy", LOCAL, ["A "]), "is not a system and a code"),
    "empty system": (value_set("radiculopathy", " ", ["A"]), "is not a system and a code"),
    "unmatched": (concept_map(FINDINGS, ("X", "retropulsion"), equivalence="unmatched"), "mapped as 'unmatched'"),
    "disjoint": (concept_map(FINDINGS, ("X", "retropulsion"), equivalence="disjoint"), "mapped as 'disjoint'"),
    "taking away": (
        value_set("radiculopathy", LOCAL, ["A"], exclude=[{"system": LOCAL, "concept": [{"code": "B"}]}]), "adds codes, it takes none away"
    ),
    "no kind of ours": ({"resourceType": "Patient", "id": "x"}, "cannot be read"),
    "code system": (load(PACKAGE / "code_systems" / "findings.json"), "not a CodeSystem"),
    "retired": (value_set("radiculopathy", LOCAL, ["A"]) | {"status": "retired"}, "status is 'retired'"),
    "no id": ({"resourceType": "ValueSet", "status": "active"}, "cannot be read"),
    "R5 map": (
        {"resourceType": "ConceptMap", "status": "active", "group": [
            {"source": LOCAL, "target": FINDINGS, "element": [{"code": "X", "target": [{"code": "retropulsion", "relationship": "x"}]}]}
        ]}, "cannot be read"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "message"), list(REFUSED.values()), ids=list(REFUSED))
def test_a_wrong_overlay_is_refused_in_one_line_that_names_the_file(tmp_path: Path, resource: dict[str, Any], message: str) -> None:
    said = refusal(tmp_path, resource)
    assert message in said
    assert "site/1.json" in said


@pytest.mark.parametrize("key", ["filter", "valueSet"])
def test_what_is_not_a_list_of_codes_is_refused(tmp_path: Path, key: str) -> None:
    resource = value_set("radiculopathy", LOCAL, ["A"])
    resource["compose"]["include"][0][key] = ["anything"]
    assert "only a list of concepts can be read" in refusal(tmp_path, resource)


def test_an_element_without_or_with_a_repeated_target_is_refused(tmp_path: Path) -> None:
    resource = concept_map(FINDINGS, ("X", "retropulsion"))
    (element,) = resource["group"][0]["element"]
    element["target"] *= 2
    (tmp_path / "twice").mkdir()
    assert "duplicate target for 'X'" in refusal(tmp_path / "twice", resource)
    element["target"] = []
    assert "'X' has no target" in refusal(tmp_path, resource)


def test_a_contradiction_between_two_files_names_both(tmp_path: Path) -> None:
    said = refusal(tmp_path, value_set("pregnant", LOCAL, ["P"]), value_set("not-pregnant", LOCAL, ["P"]))
    assert said == f"site/1.json and site/2.json: contradiction: {LOCAL} P is in both 'pregnant' and 'not-pregnant'"


def test_a_file_that_is_not_json_or_not_text_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate((b"{", b"", b"\xff\xfe", b"[" * 5000, b'"ValueSet"')):
        site = tmp_path / str(number)
        site.mkdir()
        (site / "broken.json").write_bytes(content)
        with pytest.raises(TerminologyError, match=r"^\d/broken\.json: cannot be read: .+$"):
            load_terminology(site)


def test_a_folder_that_is_not_there_or_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="no such folder"):
        load_terminology(tmp_path / "absent")
    (tmp_path / "file").write_text("")
    with pytest.raises(TerminologyError, match="no such folder"):
        load_terminology(tmp_path / "file")


def damaged(folder: Path) -> Path:
    for part in ("value_sets", "concept_maps", "code_systems"):
        shutil.copytree(PACKAGE / part, folder / part)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


DAMAGE = [
    ("value_sets/spinal-infection.json", None, "", "value_sets/spinal-infection.json: is missing"),
    ("value_sets/inr.json", '"id": "inr"', '"id": "crp"', "value_sets/inr.json: is missing"),
    ("value_sets/inr.json", "fhir/ValueSet/inr", "fhir/ValueSet/crp", "do not agree with the name of the file"),
    ("value_sets/retropulsion.json", '{"code": "retropulsion"', '{"code": "retropulse"',
     r"^value_sets/retropulsion\.json: .* is not one of our codes$"),
    ("value_sets/osteoporosis.json", '"M82.0"', '"M82.9"', "contradiction"),
    ("value_sets/active-malignancy.json", '"C90.01"', '"C90.09"', "contradiction"),
    ("value_sets/vertebral-compression-fracture.json", '"S32.010S"', '"S32.010T"', "contradiction"),
    ("value_sets/vertebra.json", '"66794005"', '"66794006"', "fails its check digit"),
    ("concept_maps/vertebral-level.json", '"code": "L5", "equivalence"', '"code": "L6", "equivalence"',
     r"^concept_maps/vertebral-level\.json: .*'L6'"),
    ("concept_maps/vertebral-level.json", '"66794005"', '"66794006"', r"^concept_maps/vertebral-level\.json: .* fails its check digit"),
    ("concept_maps/vertebral-level.json", '"equivalent"', '"unmatched"', r"^concept_maps/vertebral-level\.json: .* mapped as 'unmatched'"),
    ("concept_maps/vertebral-level.json", '"resourceType": "ConceptMap"', '"resourceType": "Basic"', "cannot be read"),
    ("code_systems/vertebral-level.json", '"code": "L5"', '"code": "L6"', "does not list the levels C1 to S1 in order"),
    (
        "code_systems/vertebral-level.json", None, "",
        r"^code_systems/vertebral-level\.json: does not list the levels C1 to S1 in order$",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), DAMAGE)
def test_a_damaged_package_is_refused(tmp_path: Path, file: str, old: str | None, new: str, message: str) -> None:
    package = damaged(tmp_path)
    load_terminology(package=package)
    if old is None:
        (package / file).unlink()
    else:
        edit(package / file, old, new)
    with pytest.raises(TerminologyError, match=message):
        load_terminology(package=package)


def test_a_file_in_the_wrong_folder_is_refused(tmp_path: Path) -> None:
    package = damaged(tmp_path)
    shutil.copy(package / "code_systems" / "findings.json", package / "value_sets" / "findings.json")
    with pytest.raises(TerminologyError, match=r"value_sets/findings\.json: holds a CodeSystem, not a ValueSet"):
        load_terminology(package=package)
