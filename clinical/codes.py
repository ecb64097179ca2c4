"""Codes, value sets and what a code means here. Matching is by list, never by display and never by subsumption."""

from collections.abc import Mapping

import msgspec

NONE: frozenset[str] = frozenset()


class Coding(msgspec.Struct, frozen=True, gc=False):
    """FHIR Coding, system and code only: displays drift and are never compared (terminology.md, trap 8)."""

    system: str
    code: str


class TerminologyError(Exception):
    """A value set, concept map or code system on disk is not what it must be. Refuse to start."""


class Terminology:
    """Which of our value sets a (system, code) belongs to, and which vertebra it names.

    `exact` maps system -> code -> value-set ids. `prefixes` maps system -> code prefix (dots removed) -> value-set ids, for the
    classifications whose codes carry their parents (ICD, ATC): the longest matching row wins, an exact row beats every prefix.
    `levels` maps system -> code -> vertebra name. `aliases` maps another spelling of a system URI to the one used here.
    `undotted` are the systems whose codes are compared without dots and in upper case.
    """

    def __init__(
        self,
        exact: Mapping[str, Mapping[str, frozenset[str]]],
        prefixes: Mapping[str, Mapping[str, frozenset[str]]],
        levels: Mapping[str, Mapping[str, str]],
        aliases: Mapping[str, str],
        undotted: frozenset[str],
    ) -> None:
        self._exact = exact
        self._prefixes = prefixes
        self._levels = levels
        self._aliases = aliases
        self._undotted = undotted
        self._remembered: dict[tuple[str, str], frozenset[str]] = {}

    def concepts(self, system: str, code: str) -> frozenset[str]:
        """Ids of the value sets that hold this code; empty if none does."""
        key = (system, code)
        found = self._remembered.get(key)
        if found is None:
            found = self._look_up(system, code)
            if len(self._remembered) < REMEMBERED_CODES:
                self._remembered[key] = found
        return found

    def level(self, system: str, code: str) -> str | None:
        """The one vertebra that this code names, as 'L1'; None for regions, pairs and discs."""
        system = self._aliases.get(system, system)
        return self._levels.get(system, {}).get(self._normalised(system, code))

    def codes_in(self, value_set: str) -> list[Coding]:
        """Every exact code of a value set, sorted; for prefetch templates and examples."""
        return sorted(
            (Coding(system, code) for system, codes in self._exact.items() for code, ids in codes.items() if value_set in ids),
            key=lambda coding: (coding.system, coding.code),
        )

    def _look_up(self, system: str, code: str) -> frozenset[str]:
        system = self._aliases.get(system, system)
        code = self._normalised(system, code)
        exact = self._exact.get(system, {}).get(code)
        if exact is not None:
            return exact
        prefixes = self._prefixes.get(system)
        if prefixes is None:
            return NONE
        for length in range(len(code), 0, -1):
            if (found := prefixes.get(code[:length])) is not None:
                return found
        return NONE

    def _normalised(self, system: str, code: str) -> str:
        return code.replace(".", "").upper() if system in self._undotted else code


REMEMBERED_CODES = 20_000
