"""Which vertebra, or which part of the body (contract 6.13, guideline.md G7, terminology.md 3e)."""

import pytest

from clinical.record import BodySite, Site
from clinical.vertebra import VertebralLevel
from tests.unit.fhir_mapping.given import (
    C5,
    CERVICAL,
    DISC,
    FEMUR,
    FRACTURE,
    KNEE,
    L1,
    L1_BODY,
    L2,
    LUMBAR,
    OF_A_PAIR,
    OF_L1,
    SACRUM,
    T12,
    Json,
    concept,
    condition,
    record,
)


def at(name: str) -> BodySite:
    return BodySite(Site.LEVEL, VertebralLevel(name))


def disputed(name: str) -> BodySite:
    return BodySite(Site.LEVEL, VertebralLevel(name), disputed=True)


ABSENT, SPINE, OUT, HIP = (BodySite(site) for site in (Site.ABSENT, Site.SPINE, Site.OUT_OF_SCOPE, Site.HIP))
OTHER, UNREAD = BodySite(Site.OTHER), BodySite(Site.UNREAD)


def site_of(*sites: Json, code: tuple[str, str] = FRACTURE) -> BodySite:
    (fact,) = record(condition(code=concept(code), bodySite=list(sites) or None)).conditions
    return fact.site


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        ((), ABSENT),
        ((concept(),), ABSENT),
        ((concept(L1),), at("L1")),
        ((concept(L1_BODY),), at("L1")),
        ((concept(L1, L1_BODY, text="L1"),), at("L1")),
        ((concept(L1), concept(L1_BODY)), at("L1")),
        ((concept(T12, LUMBAR),), at("T12")),
        ((concept(C5),), at("C5")),
        ((concept(L1, text="L2"),), at("L1")),
        ((concept(L1), concept(text="L2")), at("L1")),
        ((concept(L1), concept(SACRUM)), at("L1")),
        ((concept(L1, L2),), SPINE),
        ((concept(L1), concept(L2)), SPINE),
        ((concept(LUMBAR),), SPINE),
        ((concept(CERVICAL),), OUT),
        ((concept(SACRUM), concept(LUMBAR)), SPINE),
        ((concept(KNEE),), UNREAD),
        ((concept(FEMUR),), HIP),
        ((concept(KNEE), concept(FEMUR)), UNREAD),
        ((concept(FEMUR), concept(SACRUM)), OUT),
        (({"coding": [{"display": "Lumbar spine"}]},), SPINE),
        (({"coding": [{"code": "37", "display": "Lumbar spine"}]},), SPINE),
        (({"coding": [{"code": "37", "display": "Right wrist"}]},), OTHER),
        ((concept(SACRUM), concept(KNEE)), OUT),
        ((concept(KNEE), concept(text="left knee")), UNREAD),
        ((concept(DISC),), UNREAD),
        ((concept(DISC, text="T12/L1 disc of the lumbar spine"),), SPINE),
    ],
)
def test_coded_sites(sites: tuple[Json, ...], expected: BodySite) -> None:
    assert site_of(*sites) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L1", at("L1")),
        ("D12", at("T12")),
        ("Th12 vertebra", at("T12")),
        ("first lumbar vertebra", at("L1")),
        ("C5", at("C5")),
        ("L1-L2", SPINE),
        ("L4/5", SPINE),
        ("old L1", SPINE),
        ("C5-C6", OUT),
        ("C7-T1", SPINE),
        ("left hip, L1-L2", SPINE),
        ("left leg, L5 dermatome", UNREAD),
        ("L-spine", SPINE),
        ("LSPINE", SPINE),
        ("C-spine", OUT),
        ("lower disc", SPINE),
        ("optic disc", OTHER),
        ("distal femur", OTHER),
        ("skull", OTHER),
        ("ward 7", UNREAD),
        ("Lumbar spine", SPINE),
        ("LOWER BACK", SPINE),
        ("thoracic", SPINE),
        ("lumbosacral", SPINE),
        ("vertebral column", SPINE),
        ("spine", SPINE),
        ("neck", OUT),
        ("cervical spine", OUT),
        ("sacrum", OUT),
        ("coccyx", OUT),
        ("neck and back", SPINE),
        ("back of the neck", OUT),
        ("Left hip", HIP),
        ("total hips", HIP),
        ("neck of femur", HIP),
        ("femoral neck", HIP),
        ("left hip and lower back", SPINE),
        ("hippocampus", UNREAD),
        ("back of left hand", OTHER),
        ("left knee", OTHER),
        ("backache clinic", UNREAD),
        ("", ABSENT),
    ],
)
def test_a_site_in_words_only(text: str, expected: BodySite) -> None:
    assert site_of(concept(text=text)) == expected


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (concept(LUMBAR, text="L1"), SPINE),
        (concept(KNEE, text="L1"), SPINE),
        ({"coding": [{"code": "local"}], "text": "L1"}, SPINE),
        ({"coding": [{"display": "Lumbar spine"}], "text": "L1"}, at("L1")),
        ({"coding": [{"system": "http://snomed.info/sct", "display": "Lumbar spine"}, None], "text": "L1"}, at("L1")),
        (concept(KNEE, text="C5"), OUT),
        (concept(KNEE, text="lower back"), SPINE),
        (concept(KNEE, text="knee"), OTHER),
        (concept(LUMBAR, text="knee"), SPINE),
        (concept(CERVICAL, text="C5"), OUT),
        (concept(CERVICAL, text="L1"), OUT),
        (concept(SACRUM, text="lower back"), OUT),
    ],
)
def test_a_text_beside_a_code_that_gives_no_level(site: Json, expected: BodySite) -> None:
    assert site_of(site) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L1".rjust(200), at("L1")),
        ("L1".rjust(201), SPINE),
        ("of the " * 28 + "L1", at("L1")),
        ("of the " * 29 + "L1", SPINE),
        ("lumbar".rjust(2_000), SPINE),
        ("lumbar".rjust(2_001), UNREAD),
    ],
)
def test_words_without_end_name_no_vertebra_and_are_not_read_to_their_end(text: str, expected: BodySite) -> None:
    assert site_of(concept(text=text)) == expected


@pytest.mark.parametrize("coded", [LUMBAR, KNEE])
def test_a_code_of_one_site_takes_the_level_from_the_words_of_another(coded: tuple[str, str]) -> None:
    assert site_of(concept(coded), concept(text="L1")) == SPINE


def test_words_of_the_neck_and_of_a_vertebra_are_no_level() -> None:
    assert site_of(concept(text="neck"), concept(text="L1")) == SPINE


def test_two_levels_in_words_are_no_level() -> None:
    assert site_of(concept(text="L1"), concept(text="L2")) == SPINE


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        ((), at("L1")),
        ((concept(LUMBAR),), at("L1")),
        ((concept(LUMBAR, text="L2"),), at("L1")),
        ((concept(L2),), disputed("L2")),
        ((concept(text="L2"),), disputed("L2")),
        ((concept(L1),), at("L1")),
        ((concept(text="L1"),), at("L1")),
        ((concept(L2), concept(T12)), SPINE),
        ((concept(text="L2"), concept(text="T12")), SPINE),
        ((concept(text="L3-L5"),), SPINE),
        ((concept(text="L2"), concept(text="L3-L5")), SPINE),
        ((concept(KNEE),), UNREAD),
        ((concept(CERVICAL),), OUT),
    ],
)
def test_the_own_code_names_the_level_only_where_no_site_does(sites: tuple[Json, ...], expected: BodySite) -> None:
    assert site_of(*sites, code=OF_L1) == expected


def test_a_code_for_a_pair_of_vertebrae_is_no_level() -> None:
    assert site_of(code=OF_A_PAIR) == ABSENT
