"""Which value sets hold a code, and which vertebra it names: by list, by the longest row, in one spelling of the system."""

import pytest

from clinical.codes import NONE, Coding, Terminology

LOCAL, ICD, OLD = "https://hospital.example/codes", "http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3"
ONE, FAMILY, BRANCH = frozenset({"one"}), frozenset({"family"}), frozenset({"branch"})


@pytest.fixture
def terminology() -> Terminology:
    return Terminology(
        exact={LOCAL: {"a.1": ONE, "b": frozenset()}, ICD: {"C509": ONE}},
        prefixes={ICD: {"C": FAMILY, "C50": BRANCH}},
        levels={LOCAL: {"SPINE-L1": "L1"}, ICD: {"S32": "L2"}},
        aliases={OLD: ICD},
        undotted=frozenset({ICD}),
    )


@pytest.mark.parametrize(
    ("system", "code", "concepts"),
    [
        (LOCAL, "a.1", ONE),
        (LOCAL, "A.1", NONE),
        (LOCAL, "a1", NONE),
        (LOCAL, "b", NONE),
        (LOCAL, "C50", NONE),
        (ICD, "c50.9", ONE),
        (ICD, "C50.8", BRANCH),
        (ICD, "C5", FAMILY),
        (ICD, "C", FAMILY),
        (ICD, "D", NONE),
        (OLD, "C50.9", ONE),
        ("https://nobody.example", "a.1", NONE),
    ],
)
def test_the_longest_row_that_fits_decides_and_an_exact_one_before_all(
    terminology: Terminology, system: str, code: str, concepts: frozenset[str]
) -> None:
    assert terminology.concepts(system, code) == concepts
    assert terminology.concepts(system, code) == concepts, "asked again"


def test_a_code_names_its_vertebra_under_every_spelling_of_its_system(terminology: Terminology) -> None:
    assert [terminology.level(*asked) for asked in ((LOCAL, "SPINE-L1"), (ICD, "s3.2"), (OLD, "S32"), (ICD, "S33"), ("nobody", "S32"))] == [
        "L1", "L2", "L2", None, None,
    ]  # fmt: skip


def test_the_exact_codes_of_a_value_set_are_listed_in_order(terminology: Terminology) -> None:
    assert terminology.codes_in("one") == [Coding(ICD, "C509"), Coding(LOCAL, "a.1")]
    assert terminology.codes_in("family") == []
