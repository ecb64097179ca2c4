"""Which code names one vertebra, and what the seventh character of an ICD-10-CM fracture changes."""

import pytest

from clinical.vertebra import VertebralLevel
from guidelines.ta279.terminology import load_terminology
from guidelines.ta279.terminology_systems import SNOMED
from tests.unit.terminology_reference import CM, WHO, meta, snomed_levels

TERMINOLOGY = load_terminology()
THORACIC, LUMBAR = [f"T{number}" for number in range(1, 13)], [f"L{number}" for number in range(1, 6)]
VERTEBRAE = [
    "64864005", "53733008", "1626008", "73071006", "56401006", "45296009", "62487009", "11068009", "82687006", "7610001", "12989004",
    "23215003", "66794005", "14293000", "36470004", "11994002", "49668003",
]  # fmt: skip
SINGLE = {
    "S22.01": "T1", "S22.02": "T2", "S22.03": "T3", "S22.04": "T4",
    "S32.01": "L1", "S32.02": "L2", "S32.03": "L3", "S32.04": "L4", "S32.05": "L5",
}  # fmt: skip
TYPES = {
    "0": "vertebral-compression-fracture", "1": "burst-vertebral-fracture", "2": "burst-vertebral-fracture",
    "8": "vertebral-fracture", "9": "vertebral-fracture",
}  # fmt: skip
OF_NO_SINGLE_LEVEL = ["S22.00", "S22.05", "S22.06", "S22.07", "S22.08", "S32.00"]
SEVENTH = {"M80.08X": "ADGKP", "M80.88X": "ADGKP", "M84.58X": "ADGKP", "M84.48X": "ADGKP", "M84.68X": "ADGKP", "M48.56X": "ADG"}
FAMILIES = {
    "M80.08X": {"osteoporotic-vertebral-fracture"}, "M80.88X": {"osteoporotic-vertebral-fracture"},
    "M84.58X": {"neoplastic-fracture-site-unspecified"}, "M84.48X": {"fracture-site-unspecified"},
    "M84.68X": {"fracture-other-cause-site-unspecified"}, "M48.56X": {"vertebral-compression-fracture"},
}  # fmt: skip


@pytest.mark.parametrize(("code", "level"), list(zip(VERTEBRAE, THORACIC + LUMBAR, strict=True)))
def test_the_vertebrae_of_the_guideline_have_their_level(code: str, level: str) -> None:
    assert TERMINOLOGY.level(SNOMED, code) == level
    assert TERMINOLOGY.concepts(SNOMED, code) == {"vertebra"}


def test_every_vertebra_and_vertebral_body_has_the_level_of_the_reference_list() -> None:
    assert {code: TERMINOLOGY.level(SNOMED, code) for code in meta()["snomed_level"]} == meta()["snomed_level"]


def test_every_level_from_c1_to_s1_has_a_code_and_from_t1_to_l5_two() -> None:
    named = list(snomed_levels().values())
    assert {level: named.count(level) for level in VertebralLevel} == {level: 2 if level.in_scope else 1 for level in VertebralLevel}


@pytest.mark.parametrize("code", ["243917006", "243926009", "243923001", "122496007", "421060004", "35769007", "54735007"])
def test_discs_and_regions_name_no_vertebra(code: str) -> None:
    assert TERMINOLOGY.level(SNOMED, code) is None


@pytest.mark.parametrize(("stem", "level"), list(SINGLE.items()))
def test_a_traumatic_fracture_code_names_its_vertebra_in_every_form(stem: str, level: str) -> None:
    forms = [stem, *(stem + kind for kind in TYPES), *(stem + kind + letter for kind in TYPES for letter in "ABDGKS")]
    assert {TERMINOLOGY.level(CM, form) for form in (*forms, *(form.replace(".", "").lower() for form in forms))} == {level}


@pytest.mark.parametrize("stem", OF_NO_SINGLE_LEVEL)
def test_pairs_and_unspecified_levels_name_no_vertebra(stem: str) -> None:
    assert {TERMINOLOGY.level(CM, stem + kind + letter) for kind in TYPES for letter in "ABDGKS"} == {None}
    assert TERMINOLOGY.level(CM, stem) is None


def test_the_same_letters_in_icd_10_of_the_who_name_no_vertebra() -> None:
    assert TERMINOLOGY.level(WHO, "S22.01") is None
    assert TERMINOLOGY.level(WHO, "S32.01") is None


@pytest.mark.parametrize("stem", [*SINGLE, *OF_NO_SINGLE_LEVEL])
@pytest.mark.parametrize(("kind", "value_set"), list(TYPES.items()))
def test_the_sixth_character_is_the_type_and_s_is_history(stem: str, kind: str, value_set: str) -> None:
    assert {TERMINOLOGY.concepts(CM, stem + kind + letter) for letter in "ABDGK"} == {frozenset({value_set})}
    assert TERMINOLOGY.concepts(CM, stem + kind) == {value_set}
    assert TERMINOLOGY.concepts(CM, stem + kind + "S") == {"history-of-vertebral-fracture"}
    assert TERMINOLOGY.concepts(CM, stem) == {"vertebral-fracture"}


@pytest.mark.parametrize(("stem", "meaning"), list(FAMILIES.items()))
def test_the_seventh_character_by_family(stem: str, meaning: set[str]) -> None:
    assert {TERMINOLOGY.concepts(CM, stem + letter) for letter in SEVENTH[stem]} == {frozenset(meaning)}
    assert TERMINOLOGY.concepts(CM, stem) == TERMINOLOGY.concepts(CM, stem[:-1]) == meaning
    assert TERMINOLOGY.concepts(CM, stem + "S") == {"history-of-vertebral-fracture"}


@pytest.mark.parametrize(("region", "out"), [("0", 0), ("1", 1), ("2", 1), ("3", 0), ("4", 0), ("5", 0), ("6", 0), ("7", 0), ("8", 1)])
def test_collapsed_vertebra_is_out_of_scope_in_neck_and_sacrum_only(region: str, out: int) -> None:
    expected = {"vertebral-compression-fracture"} | ({"out-of-scope-vertebral-fracture"} if out else set())
    for form in (f"M48.5{region}", f"M48.5{region}X", f"M48.5{region}XA", f"M48.5{region}XG"):
        assert TERMINOLOGY.concepts(CM, form) == expected
    assert TERMINOLOGY.concepts(CM, f"M48.5{region}XS") == {"history-of-vertebral-fracture"}


@pytest.mark.parametrize(
    ("code", "value_set"), [("S22.0", "vertebral-fracture"), ("S32.0", "vertebral-fracture"), ("M48.5", "vertebral-compression-fracture")]
)
def test_a_bare_family_keeps_what_is_certain(code: str, value_set: str) -> None:
    assert TERMINOLOGY.concepts(CM, code) == {value_set}
