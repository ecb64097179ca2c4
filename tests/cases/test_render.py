"""The page for review is the cases as they stand."""

from pathlib import Path

from tests.cases.case import all_paths, load
from tests.cases.render import ORDER, page

PAGE = Path(__file__).parents[2] / "docs" / "clinical-cases.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load(path) for path in all_paths()), (
        "python -m tests.cases.render > docs/clinical-cases.md"
    )


def test_every_case_begins_with_a_subject_that_the_page_has() -> None:
    assert sorted({path.stem.partition("__")[0] for path in all_paths()}) == sorted(ORDER)
