"""From a case's words to codes: `osteoporotic fracture` at a UK or a US site, `snomed 240198002` anywhere, `L1` as a body site."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.cases.plain_yaml import read_yaml
from tests.cases.resource import Resource, UnknownWordError

WORDS = Path(__file__).with_name("words.yaml")
SITES = ("uk", "us")


@cache
def dictionary() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(WORDS)
    return loaded


class Words:
    """The dictionary of one site."""

    def __init__(self, site: str) -> None:
        if site not in SITES:
            raise UnknownWordError(f"site {site!r}")
        self._site = site

    def concept(self, meaning: object) -> Resource:
        """A CodeableConcept; a list of words is one concept in several codings; `text ...` is text without a code."""
        if isinstance(meaning, str) and meaning.startswith("text "):
            return {"text": meaning.removeprefix("text ")}
        return {"coding": [coding for each in _as_list(meaning) for coding in self._codings(str(each))]}

    def concepts(self, meanings: object) -> list[Resource]:
        return [self.concept(each) for each in _as_list(meanings)]

    def site(self, place: str) -> Resource:
        """A body site: a vertebra (`L1`), its body (`body L1`), text (`text D12`), a word (`back`), or both (`L1 + text L2`)."""
        if " + " in place:
            merged: Resource = {}
            for part in place.split(" + "):
                found = self.site(part)
                merged.setdefault("coding", []).extend(found.pop("coding", []))
                merged.update(found)
            return {key: value for key, value in merged.items() if value}
        table, _, level = place.rpartition(" ")
        codes = dictionary()["vertebral body" if table == "body" else "vertebra"]
        if table in ("", "body") and level in codes:
            return {"coding": [_coding(f"snomed {codes[level]}")]}
        return self.concept(place)

    def _codings(self, meaning: str) -> list[Resource]:
        found = dictionary()["words"].get(meaning)
        if found is None:
            return [_coding(meaning)]
        if isinstance(found, dict):
            found = found[self._site]
        return [_coding(each) for each in _as_list(found)]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _coding(text: str) -> Resource:
    system, _, code = text.partition(" ")
    if system not in dictionary()["systems"] or not code:
        raise UnknownWordError(f"neither a word nor a code: {text!r}")
    return {"system": dictionary()["systems"][system], "code": code}
