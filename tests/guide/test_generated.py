"""What the guide takes from the code is what the code says now. `make guide` writes it anew."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from app.settings import Settings
from guidelines.ta279.reasons import FlagId
from tests.cases.case import all_paths, load
from tests.cases.paths import by_patient_view
from tests.guide import architecture
from tests.guide.generated import DOCS, PARTS, SEVERITIES, filled, pages
from tests.house.tree import ROOT, files_in, text_of

MARK = re.compile(r"<!-- generated: ([a-z0-9-]+) -->")
CODE = re.compile(r"`([^`]+)`")
CONTRACT = next(each for each in architecture.CONTRACT["contracts"] if each["id"] == "direction")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_s_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == filled(text), "make guide"


def test_every_part_has_its_place_and_every_place_its_part() -> None:
    assert sorted(name for page in pages() for name in MARK.findall(page.read_text(encoding="utf-8"))) == sorted(PARTS)


def test_the_picture_shows_the_imports_that_there_are() -> None:
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.picture(), "make guide"


def test_the_picture_has_a_way_for_every_import_that_the_contract_allows() -> None:
    rows = [[room.strip() for room in layer.split("|")] for layer in CONTRACT["layers"]]
    allowed = {(upper, lower) for place, row in enumerate(rows) for upper in row for below in rows[place + 1 :] for lower in below}
    assert set(architecture.ROUTES) == allowed


def test_the_flags_are_listed_with_every_severity_that_a_case_shows() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for case in map(load, all_paths()):
        for flag in by_patient_view(case, case.chart())[0].get("flags", ()):
            seen[flag["flag"]].add(flag["severity"])
    assert {name: severities - set(SEVERITIES[name]) for name, severities in seen.items() if severities - set(SEVERITIES[name])} == {}
    assert list(SEVERITIES) == list(FlagId)


def rows_of(page: str, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without their heads."""
    section = (DOCS / page).read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in section.splitlines() if line.strip().startswith("|")]
    return [row for row in rows if not set("".join(row)) <= {"-"}]


SAID = "\n".join(text_of(path) for path in files_in("app", "hooks", "fhir_mapping")) + text_of(Path("openapi.yaml"))


@pytest.mark.parametrize("row", rows_of("operate/troubleshoot.md", "## Error bodies")[1:], ids=lambda row: row[1])
def test_an_error_that_the_guide_explains_is_one_that_the_service_gives(row: list[str]) -> None:
    status, diagnostics, _ = row
    words = CODE.findall(diagnostics)[0].rpartition(": ")[2]
    assert words in SAID
    assert re.fullmatch(r"[45]\d\d(, [45]\d\d)*", status)


def test_every_variable_that_the_guide_names_is_one() -> None:
    known = {f"VACDS_{name.upper()}" for name in Settings.model_fields}
    named = {name for page in DOCS.rglob("*.md") for name in re.findall(r"VACDS_[A-Z]+(?:_[A-Z]+)*", page.read_text(encoding="utf-8"))}
    assert named - known == set()


def test_every_path_of_the_repository_that_the_guide_names_is_there() -> None:
    named = {
        path
        for page in DOCS.rglob("*.md")
        for path in re.findall(r"`((?:docs|deploy|tests|bench|guidelines|app)/[A-Za-z0-9_./-]+)`", page.read_text(encoding="utf-8"))
    }
    assert [path for path in sorted(named) if not (ROOT / path.partition("::")[0]).exists()] == []
