"""What the cases tell, word for word, is what was last committed."""

from tests.cases.told import TOLD, accepted, blocks, page


def test_every_case_tells_what_was_committed() -> None:
    now, before = dict(blocks()), accepted()
    changed = [f"{name}\n  was: {before.get(name)}\n  is:  {text}" for name, text in now.items() if text != before.get(name)]
    assert changed == [], "read each of these, then: python -m tests.cases.told > tests/cases/told.txt"
    assert page(now.items()) == TOLD.read_text(encoding="utf-8")
