"""What the README promises: every setting, the two commands, links that lead somewhere, no claim that nobody has granted."""

import re
from typing import Any

import pytest

from app.settings import PREFIX, Mode, Settings
from tests.house.tree import ROOT

README = (ROOT / "README.md").read_text()
ROW = re.compile(r"^\| `(VACDS_[A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = {name: (default, meaning) for name, default, meaning in ROW.findall(README)}
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def variables() -> dict[str, Any]:
    """Every variable the service reads, with the default of production mode where the mode decides."""
    settings = Settings.model_construct(mode=Mode.PRODUCTION)
    return {PREFIX + name.upper(): getattr(settings, name) for name in Settings.model_fields}


def test_every_variable_is_documented_and_no_other() -> None:
    assert set(ROWS) == set(variables())
    assert set(re.findall(r"VACDS_[A-Z_]+", README)) == set(variables())


@pytest.mark.parametrize(("name", "default"), [(name, value) for name, value in variables().items() if isinstance(value, str | int)])
def test_a_documented_default_is_the_real_one(name: str, default: str | int) -> None:
    documented = ROWS[name][0].replace(",", "")
    written = str(default).lower() if isinstance(default, bool) else getattr(default, "value", default)
    assert f"`{written}`" in documented


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_both_commands_are_given(command: str) -> None:
    assert re.search(rf"^{command}$", README, re.MULTILINE)


@pytest.mark.parametrize("target", sorted({target for target in LINK.findall(README) if "://" not in target}))
def test_a_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_it_says_what_it_is_not() -> None:
    text = " ".join(README.split())
    for said in ("supports, does not decide", "No regulator has assessed it", "local thresholds", "without stenting", "Regenstrief", "CPT"):
        assert said in text
