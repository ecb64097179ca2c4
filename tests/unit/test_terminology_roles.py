"""What codes mean: each in its role, none in a role that contradicts it, the wrong codes of the wild refused."""

import re

import pytest

from guidelines.ta279.terminology import load_terminology
from guidelines.ta279.terminology_ids import VALUE_SETS
from guidelines.ta279.terminology_systems import SNOMED
from guidelines.ta279.terminology_tables import CONTRADICTIONS
from tests.unit.terminology_reference import ATC, CM, CTV3, LOINC, PCS, READ2, RXNORM, WHO, listed, meta, rows, snomed_levels

TERMINOLOGY = load_terminology()


def means(system: str, code: str) -> set[str]:
    return set(TERMINOLOGY.concepts(system, code))


@pytest.mark.parametrize("value_set", sorted(VALUE_SETS))
def test_each_code_is_in_the_set_that_lists_it_and_out_of_the_set_that_excludes_it(value_set: str) -> None:
    lines = [line for line in listed() if line.value_set == value_set]
    assert [line for line in lines if (value_set in means(line.system, line.code)) != line.included] == []


def test_no_listed_code_is_in_two_sets_that_contradict() -> None:
    assert [line for line in listed() if any(means(line.system, line.code).issuperset(pair) for pair in CONTRADICTIONS)] == []


WRONG_IN_THE_WILD = [
    (SNOMED, "207957008", {"vertebral-fracture"}),  # circulates as a compression fracture
    (SNOMED, "207938004", {"vertebral-fracture"}),
    (SNOMED, "443165006", {"osteoporotic-fracture-site-unspecified"}),  # any bone
    (SNOMED, "165581004", set()),  # INR, CRP or prothrombin time, depending on whom one asks
    (SNOMED, "64859006", {"osteoporosis"}),  # not osteopenia
    (RXNORM, "1037042", {"anticoagulant"}),
    (RXNORM, "1599538", {"anticoagulant"}),
    (LOINC, "1988-8", set()),
    (LOINC, "33914-3", set()),  # not CRP
    (LOINC, "75259-0", set()),
    (LOINC, "38265-5", {"dxa-t-score"}),
    (LOINC, "38264-8", {"dxa-t-score"}),
    (LOINC, "24701-5", set()),
    (LOINC, "46278-8", set()),  # bone density in g/cm2
    (SNOMED, "293586001", set()),  # aspirin allergy, sent as codeine allergy
    (SNOMED, "386858008", set()),
    (SNOMED, "387494007", {"opioid-agent"}),  # codeine, sent as other drugs
    (SNOMED, "86290005", set()),
    (LOINC, "97816-3", {"asa-class"}),
    (LOINC, "77565-0", set()),  # pain interference
    (LOINC, "75261-8", set()),  # pain from 1 to 5
    (SNOMED, "391076004", set()),  # osteopenia
    (SNOMED, "293583009", set()),  # NON-opioid analgesic allergy
    (SNOMED, "294275005", set()),  # opioid ANTAGONIST allergy
    (SNOMED, "126906006", set()),  # behaviour of the tumour not stated
    (SNOMED, "243926009", set()),  # a disc
    (SNOMED, "6411000179107", set()),  # marrow oedema of any bone
]


@pytest.mark.parametrize(("system", "code", "meaning"), WRONG_IN_THE_WILD)
def test_codes_that_are_used_wrongly_mean_what_they_are_or_nothing(system: str, code: str, meaning: set[str]) -> None:
    assert means(system, code) == meaning


def test_every_wrong_code_of_the_reference_list_is_looked_at_here() -> None:
    named = {code for entry in meta()["wrong_in_the_wild"] for code in re.findall(r"\d[\d-]+", entry["code"])}
    assert named - {code for _, code, _ in WRONG_IN_THE_WILD} == set()


@pytest.mark.parametrize(("system", "code"), [(SNOMED, "739301006"), (WHO, "M82.0"), (WHO, "M82.08"), (WHO, "m820")])
def test_osteoporosis_from_myeloma_is_malignancy_and_not_osteoporosis(system: str, code: str) -> None:
    assert means(system, code) == {"spinal-malignancy", "active-malignancy"}


@pytest.mark.parametrize("code", ["M82.1", "M82.8", "M81.9", "M81.05"])
def test_osteoporosis_from_other_diseases_stays_osteoporosis(code: str) -> None:
    assert means(WHO, code) == {"osteoporosis"}


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("C50.911", {"active-malignancy"}), ("C4A.9", {"active-malignancy"}), ("C7A.00", {"active-malignancy"}),
        ("C7B.03", {"active-malignancy"}), ("D45", {"active-malignancy"}), ("D47.1", {"active-malignancy"}),
        ("C44.91", {"inactive-malignancy"}), ("D05.1", {"inactive-malignancy"}), ("Z85.3", {"inactive-malignancy"}),
        ("C90.00", {"active-malignancy", "spinal-malignancy"}), ("C90.02", {"active-malignancy", "spinal-malignancy"}),
        ("C90.0", {"active-malignancy", "spinal-malignancy"}), ("C79.51", {"active-malignancy", "spinal-malignancy"}),
        ("C41.2", {"active-malignancy", "spinal-malignancy"}), ("C41.4", {"active-malignancy"}),
        ("C90.01", {"inactive-malignancy"}), ("C90.21", {"inactive-malignancy"}), ("C90.31", {"inactive-malignancy"}),
        ("C90.10", {"active-malignancy"}), ("C90.11", {"inactive-malignancy"}), ("C81.0A", {"inactive-malignancy"}),
        ("C84.7B", {"inactive-malignancy"}), ("C84.7A", {"active-malignancy"}), ("D47.2", set()), ("D48.0", set()), ("D18.09", set()),
        ("D3A.00", set()), ("D37.1", set()), ("Z51.11", set()),
    ],
)  # fmt: skip
def test_cancer_in_icd_10_cm(code: str, meaning: set[str]) -> None:
    assert means(CM, code) == meaning


@pytest.mark.parametrize("system", [WHO, CM])
def test_the_families_of_cancer_agree_with_the_expressions_of_the_reference_list(system: str) -> None:
    """For every row of the list and ten codes below it; remission is tested on its own."""
    rules = meta()["prefix_rules"]["2h-malignancy"]
    key = "ICD10" if system == WHO else "ICD10CM"
    active, not_active = re.compile(rules["active"][key]), re.compile(rules["not_active_first"]["both"])
    ask = re.compile("|".join(rules["ask"][part] for part in ("both", key)) + "|^D47[029]|^D3A")
    families = {row["code"].replace(".", "") for row in rows() if row["system"] == system and re.match(r"[CD]\d|Z8[05]|Z08", row["code"])}
    for code in sorted(stem + digit for stem in families if len(stem) == 3 for digit in "0123456789"):
        found = means(system, code)
        expected = bool(active.match(code)) and not not_active.match(code) and not ask.match(code)
        assert ("active-malignancy" in found) == expected, code
        assert ("inactive-malignancy" in found) == (bool(not_active.match(code)) and not ask.match(code)), code


def test_every_remission_code_of_the_reference_list_is_inactive() -> None:
    remission = [row for row in rows() if "in remission" in row.get("role", "") or "remission: NOT" in row.get("role", "")]
    assert len(remission) > 100
    assert [row["code"] for row in remission if means(row["system"], row["code"]) != {"inactive-malignancy"}] == []


@pytest.mark.parametrize(
    ("system", "code", "meaning"),
    [
        (WHO, "W00", {"low-energy-mechanism"}), (CM, "W00.0XXA", {"low-energy-mechanism"}), (CM, "W00.1XXA", set()),
        (CM, "W00.2XXA", {"high-energy-mechanism"}), (WHO, "W05", set()), (CM, "W05.0XXA", {"low-energy-mechanism"}),
        (CM, "W10.1XXA", {"low-energy-mechanism"}), (CM, "W10.0XXA", set()), (WHO, "W10", set()),
        (CM, "W18.30XA", {"low-energy-mechanism"}),
        (CM, "W18.40XA", set()), (WHO, "W18", {"low-energy-mechanism"}), (CM, "W19.XXXA", set()), (WHO, "W19", set()),
        (CM, "W11.XXXA", {"high-energy-mechanism"}), (CM, "V43.52XA", {"high-energy-mechanism"}), (CM, "V00.811A", set()),
        (CM, "V00.01XA", {"high-energy-mechanism"}), (WHO, "V89.2", {"high-energy-mechanism"}), (CM, "W16.211A", set()),
        (CM, "W16.011A", {"high-energy-mechanism"}), (WHO, "X59.0", set()), (SNOMED, "33036003", {"low-energy-mechanism"}),
        (SNOMED, "1912002", set()), (SNOMED, "414190009", set()), (SNOMED, "429482004", {"high-energy-mechanism"}),
    ],
)  # fmt: skip
def test_mechanism_of_injury(system: str, code: str, meaning: set[str]) -> None:
    assert means(system, code) == meaning


@pytest.mark.parametrize(
    ("system", "code", "meaning"),
    [
        (SNOMED, "443395009", {"compression-fracture-site-unspecified"}), (SNOMED, "207986006", {"fracture-site-unspecified"}),
        (WHO, "S32.7", {"fracture-site-unspecified"}), (WHO, "S32.8", {"fracture-site-unspecified"}),
        (WHO, "S32.0", {"vertebral-fracture"}), (WHO, "T08", {"vertebral-fracture"}), (WHO, "T91.1", {"history-of-vertebral-fracture"}),
        (WHO, "M80.08", {"osteoporotic-fracture-site-unspecified"}), (WHO, "M80.9", {"osteoporotic-fracture-site-unspecified"}),
        (WHO, "M49.5", {"vertebral-fracture-other-cause"}), (WHO, "M90.7", {"neoplastic-fracture-site-unspecified"}),
        (CM, "M84.68XA", {"fracture-other-cause-site-unspecified"}), (CM, "M84.68XS", {"history-of-vertebral-fracture"}),
        (SNOMED, "473120007", set()), (SNOMED, "391094005", {"history-of-vertebral-fracture"}),
        (SNOMED, "306171000000106", {"osteoporotic-fracture-site-unspecified", "low-energy-mechanism"}),
        (SNOMED, "203452006", {"osteoporotic-vertebral-fracture", "out-of-scope-vertebral-fracture"}),
        (SNOMED, "11311721000119107", {"neoplastic-vertebral-fracture", "out-of-scope-vertebral-fracture"}),
        (SNOMED, "274158004", {"vertebral-fracture", "neurological-compromise"}),
        (SNOMED, "207940009", {"vertebral-compression-fracture"}), (SNOMED, "207951009", {"vertebral-compression-fracture"}),
        (SNOMED, "314667001", {"burst-vertebral-fracture"}),
        (SNOMED, "713425003", {"neurological-compromise", "spinal-malignancy", "active-malignancy"}),
        (SNOMED, "94222008", {"spinal-malignancy", "active-malignancy"}), (SNOMED, "94704006", {"inactive-malignancy"}),
        (SNOMED, "60168000", {"osteomyelitis-site-unspecified"}), (SNOMED, "302215000", {"thrombocytopenia"}),
        (CM, "Z79.01", {"long-term-antithrombotic"}), (CM, "I50.9", set()), (CM, "I50.84", {"cardiopulmonary-or-positioning"}),
        (SNOMED, "420913000", set()), (SNOMED, "413498004", {"asa-4-or-5", "cardiopulmonary-or-positioning"}),
        (SNOMED, "413497009", set()), (SNOMED, "413500003", set()), (SNOMED, "12584003", set()), (SNOMED, "282743009", set()),
        (CM, "G89.11", set()), (LOINC, "52129-4", set()), (LOINC, "11039-5", set()), (LOINC, "76486-0", set()),
        (LOINC, "30522-7", {"crp"}), (LOINC, "38266-3", set()), (LOINC, "80944-2", set()), (SNOMED, "77386006", {"pregnancy", "pregnant"}),
        (SNOMED, "146799005", set()), (CM, "T40.2X5A", {"opioid-intolerance"}), (CM, "T40.2X5S", set()), (CM, "Z88.6", set()),
        (PCS, "0PS43ZZ", set()), (PCS, "0PS434Z", set()), (PCS, "XNU4356", {"kyphoplasty-with-stent"}),
        (SNOMED, "7874003", set()), (SNOMED, "1217257000", {"spine-site"}), (SNOMED, "122494005", {"out-of-scope-site"}),
    ],
)  # fmt: skip
def test_where_a_code_was_put_with_thought(system: str, code: str, meaning: set[str]) -> None:
    assert means(system, code) == meaning


FLAGGED = {
    "spinal-infection": {CM: "G06.1 A18.01 M46.50 M46.56 M46.59", WHO: "G06.1 M49.0 M49.08 M46.5 M46.56"},
    "systemic-infection": {
        CM: "A40.3 A40.9 A41 A41.01 A41.51 A41.9 A02.1 A22.7 A26.7 A32.7 A42.7 A54.86 B37.7 R65.20 R65.21 T81.44XA T81.44XD",
        WHO: "A40 A40.2 A41.0 A41.9 A02.1 A22.7 A26.7 A32.7 A42.7 B37.7",
    },
    "neurological-compromise": {
        CM: "G83.4 G95.20 G95.29 G99.2 M47.10 M47.14 M50.00 M50.021 M51.04 S14.101A S14.129D S24.103A S24.154D S34.101A S34.132D S34.3XXA",
        WHO: "G83.4 G95.2 G99.2 M47.1 M47.14 M50.0 M51.0 S14.1 S24.1 S34.1 S34.3",
    },
    "radiculopathy": {CM: "M54.10 M54.16 M51.14 M51.17", WHO: "M54.1 M54.16 M51.1 G55.1"},
    "coagulopathy": {CM: "D65 D66 D67 D68.00 D68.04 D68.1 D68.2 D68.4", WHO: "D65 D66 D67 D68.0 D68.1 D68.2 D68.4"},
    "iodinated-contrast-allergy": {CM: "Z91.041"},
}
NOT_FLAGGED = {
    CM: "A18.02 G06.0 R65.10 R65.11 R78.81 A54.81 A49.9 T81.44XS T81.49XA S14.101S S14.129S S24.154S S34.139S S34.3XXS S34.4XXA"
    " G82.20 G82.21 M47.816 M50.20 M51.26 M54.30 M54.2 G55 G54.4 D68.51 D68.61 Z91.040 Z91.048",
    WHO: "G06.0 R65.2 T81.4 A54.8 A49.9 G82.2 G55.0 M51.2 M54.3 D68.5 D68.6 Z91.0 T91.3",
}  # fmt: skip
"""Neighbours of another meaning: R65.2 of the WHO is inflammation without infection, G82 no new deficit, D68.5 clots too well."""


@pytest.mark.parametrize(
    ("meaning", "system", "code"),
    [(name, system, code) for name, lists in FLAGGED.items() for system, codes in lists.items() for code in codes.split()],
)
def test_a_diagnosis_that_raises_a_flag_in_icd_10(meaning: str, system: str, code: str) -> None:
    assert means(system, code) == {meaning}


@pytest.mark.parametrize(("system", "code"), [(system, code) for system, codes in NOT_FLAGGED.items() for code in codes.split()])
def test_its_neighbours_in_icd_10_raise_none(system: str, code: str) -> None:
    assert means(system, code) & FLAGGED.keys() == set()


def test_the_place_of_pain_is_a_question_of_its_own() -> None:
    assert means(LOINC, "38204-4") == {"pain-location"}


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("993781", {"paracetamol", "weak-opioid"}),  # paracetamol 300, codeine 30
        ("993770", {"paracetamol"}),  # paracetamol 300, codeine 15: step 1
        ("997170", {"weak-opioid"}),  # codeine 15 alone
        ("994237", set()), ("1431286", set()),  # butalbital
        ("991486", set()), ("992656", set()), ("1087459", set()), ("995868", set()),  # cough
        ("836395", {"paracetamol", "weak-opioid"}), ("2588478", {"nsaid", "weak-opioid"}),
        ("857005", {"paracetamol", "strong-opioid"}), ("858798", {"nsaid", "strong-opioid"}),
        ("848768", {"nsaid", "antiplatelet", "strong-opioid"}),  # aspirin, oxycodone
        ("351266", set()), ("351265", set()), ("864978", set()),  # for dependence
        ("904870", {"strong-opioid"}), ("863845", {"strong-opioid"}), ("312289", {"strong-opioid"}),  # patch; against misuse
        ("830196", set()),  # opium tincture
        ("827751", {"paracetamol", "weak-opioid"}),  # propoxyphene
        ("6813", {"strong-opioid", "opioid-agent"}), ("6754", {"strong-opioid", "opioid-agent"}),  # ingredients
        ("7814", {"strong-opioid", "opioid-agent"}), ("8001", {"strong-opioid", "opioid-agent"}),
        ("7238", {"strong-opioid", "opioid-agent"}), ("1841", {"strong-opioid", "opioid-agent"}),
        ("8785", {"weak-opioid", "opioid-agent"}), ("7676", {"opioid-agent"}),  # opium: preparations are left out
        ("817579", {"paracetamol", "weak-opioid"}), ("352362", {"paracetamol", "weak-opioid"}),
        ("214182", {"paracetamol", "strong-opioid"}), ("214183", {"paracetamol", "strong-opioid"}),
        ("214256", {"nsaid", "antiplatelet", "strong-opioid"}),
        ("310431", {"gabapentinoid"}), ("197805", {"nsaid"}), ("855332", {"anticoagulant"}), ("5640", set()),  # ingredient not verified
    ],
)  # fmt: skip
def test_products_count_by_what_they_contain_and_what_they_are_for(code: str, meaning: set[str]) -> None:
    assert means(RXNORM, code) == meaning


def test_a_combination_class_of_atc_is_a_weak_opioid_and_implies_no_paracetamol() -> None:
    assert means(ATC, "N02AJ06") == {"weak-opioid"}
    assert means(ATC, "M01AC06") == {"nsaid"}
    assert means(ATC, "M01B") == set()


def test_the_atc_class_of_opioids_is_step_two_unless_the_drug_is_listed_as_strong() -> None:
    assert {
        code for code in ("N02A", "N02AA08", "N02AB02", "N02AC04", "N02AG", "N02AX02", "N02AJ13") if means(ATC, code) != {"weak-opioid"}
    } == set()
    strong = ("N02AA01", "N02AA05", "N02AB03", "N02AE01", "N02AX06")
    assert {code for code in strong if means(ATC, code) != {"strong-opioid"}} == set()
    assert means(ATC, "N02B") == means(ATC, "N07BC02") == set()  # other analgesics; methadone for dependence


@pytest.mark.parametrize("code", ["N331G00", "N331G"])
def test_read_version_2_in_seven_and_in_five_characters(code: str) -> None:
    assert means(READ2, code) == {"vertebral-compression-fracture"}


def test_read_codes_with_dots_and_synonyms() -> None:
    assert means(READ2, "S10..") == means(READ2, "S10..00") == means(READ2, "S10..12") == {"vertebral-fracture"}
    assert means(READ2, "N331.14") == {"osteoporotic-vertebral-fracture"}
    assert means(READ2, "N331.") == set()
    assert means(CTV3, "N331.") == {"fracture-site-unspecified"}


def test_the_vertebrae_are_those_of_the_level_map() -> None:
    assert {line.code for line in listed() if line.value_set == "vertebra"} == set(snomed_levels())
