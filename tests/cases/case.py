"""A clinical case on disk: the facts that differ from a named patient, and what the guideline makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tests.cases.builder import Chart, build
from tests.cases.expectation import Expectation
from tests.cases.plain_yaml import read_yaml
from tests.cases.when import CaseError

CASES = Path(__file__).with_name("ta279")
BASES = Path(__file__).with_name("bases.yaml")
TODAY = date(2026, 11, 22)

Facts = dict[str, dict[str, Any]]

_MEMBERS = {"base", "as_of", "tz", "site", "profile", "facts", "gaps", "expect", "note"}


@dataclass(frozen=True)
class Case:
    """One file. `differs` is what it says, `facts` the whole patient, `gaps` the resource types that could not be read."""

    name: str
    differs: Facts
    facts: Facts
    expect: Expectation
    base: str = "eligible"
    as_of: date = TODAY
    time_zone: str = "UTC"
    site: str | None = None
    profile: str = "default"
    gaps: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def subject(self) -> str:
        """What the sentence is about: the criterion, flag or topic before the double underscore."""
        return self.name.partition("__")[0]

    @property
    def sentence(self) -> str:
        subject, _, rest = self.name.partition("__")
        return f"{subject}: {rest.replace('_', ' ')}"

    def chart(self, site: str | None = None) -> Chart:
        """The patient in FHIR, as `site` codes things (default: as the case says, else the UK site)."""
        return build(self.facts, self.as_of, site or self.site or "uk")


def load(path: Path) -> Case:
    """Raises CaseError for a member or a criterion that no case may have."""
    said = read_yaml(path)
    if unknown := sorted(set(said) - _MEMBERS):
        raise CaseError(f"{path.name}: {', '.join(unknown)}")
    base = said.get("base", "eligible")
    differs = {str(name): words for name, words in (said.get("facts") or {}).items()}
    return Case(
        name=path.stem,
        differs=differs,
        facts=merge(bases()[base], differs),
        expect=Expectation.of(said["expect"]),
        base=base,
        as_of=date.fromisoformat(str(said.get("as_of", TODAY))),
        time_zone=said.get("tz", "UTC"),
        site=said.get("site"),
        profile=said.get("profile", "default"),
        gaps=said.get("gaps", {}),
        note=said.get("note", ""),
    )


def all_paths() -> list[Path]:
    return sorted(CASES.glob("*.yaml"))


@cache
def bases() -> dict[str, Facts]:
    loaded: dict[str, Facts] = read_yaml(BASES)
    return loaded


def merge(base: Mapping[str, Mapping[str, Any]], differs: Mapping[str, Any]) -> Facts:
    """A fact of the same name is changed word by word; the fact `none` is taken away, and so is a word that is `none`."""
    facts: Facts = {name: dict(words) for name, words in base.items()}
    for name, words in differs.items():
        if words == "none":
            if name not in facts:
                raise CaseError(f"nothing called {name!r} to take away")
            del facts[name]
            continue
        changed = facts.get(name, {}) | (words or {})
        facts[name] = {word: value for word, value in changed.items() if value != "none"}
    return facts
