"""Memberships gathered from value sets and concept maps, checked, and laid out as the tables of clinical.codes.Terminology."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from clinical.codes import Terminology, TerminologyError
from guidelines.ta279.terminology_files import ConceptMap, ConceptSet, MapElement, ValueSet
from guidelines.ta279.terminology_systems import ALIASES, UNDOTTED, WITH_FAMILIES, fails_check_digit, own_spelling

VERTEBRA = "vertebra"
NO_MAPPING = frozenset({"unmatched", "disjoint"})
CURRENT_FRACTURE = (
    "osteoporotic-vertebral-fracture", "osteoporotic-fracture-site-unspecified", "vertebral-compression-fracture",
    "fracture-site-unspecified", "compression-fracture-site-unspecified",
    "vertebral-fracture", "burst-vertebral-fracture", "vertebral-fracture-other-cause", "fracture-other-cause-site-unspecified",
    "neoplastic-vertebral-fracture", "neoplastic-fracture-site-unspecified", "acute-vertebral-fracture",
)  # fmt: skip
CONTRADICTIONS = (
    ("active-malignancy", "inactive-malignancy"), ("spinal-malignancy", "inactive-malignancy"), ("osteoporosis", "spinal-malignancy"),
    ("osteoporotic-vertebral-fracture", "neoplastic-vertebral-fracture"),
    ("osteoporotic-fracture-site-unspecified", "neoplastic-fracture-site-unspecified"),
    ("acute-vertebral-fracture", "healed-vertebral-fracture"), ("low-energy-mechanism", "high-energy-mechanism"),
    ("present", "absent"), ("pregnant", "not-pregnant"), ("severity-severe", "severity-moderate"),
    ("severity-severe", "severity-mild"), ("severity-moderate", "severity-mild"),
    *(("history-of-vertebral-fracture", current) for current in CURRENT_FRACTURE),
)  # fmt: skip


class Key(NamedTuple):
    """A code as the tables spell it, alone or as the beginning of a family."""

    system: str
    code: str
    family: bool = False


class Row(NamedTuple):
    included: bool
    origin: str


class Tables:
    """What every file said so far: for each code or family, the value sets it is in or taken out of, and where that was said."""

    def __init__(self, value_sets: Iterable[str], levels: Iterable[str]) -> None:
        self._value_sets = frozenset(value_sets)
        self._level_names = frozenset(levels)
        self._rows: dict[Key, dict[str, Row]] = {}
        self._levels: dict[Key, tuple[str, str]] = {}

    def add_value_set(self, origin: str, value_set: ValueSet) -> None:
        if value_set.id not in self._value_sets:
            raise TerminologyError(f"{origin}: unknown value set '{value_set.id}'")
        if value_set.compose is None:
            return
        for concepts in value_set.compose.include:
            self._add_concepts(origin, value_set.id, concepts, included=True)
        for concepts in value_set.compose.exclude:
            self._add_concepts(origin, value_set.id, concepts, included=False)

    def add_levels(self, origin: str, concept_map: ConceptMap) -> None:
        """The map of single vertebrae: every target is a code of vertebral-level."""
        for group in concept_map.group:
            for element in group.element:
                for level in targets_of(origin, element):
                    self.add_level(origin, key_of(origin, group.source, element.code), level)

    def add_level(self, origin: str, key: Key, level: str) -> None:
        if level not in self._level_names:
            raise TerminologyError(f"{origin}: unknown target '{level}' for {_named(key)}: no vertebral level")
        if key in self._levels:
            known, said = self._levels[key]
            kind = "duplicate code" if known == level else "contradiction"
            raise TerminologyError(f"{origin}: {kind}: {_named(key)} is {level} here and {known} in {said}")
        self._levels[key] = (level, origin)

    def add_row(self, origin: str, key: Key, value_set: str, *, included: bool = True) -> None:
        rows = self._rows.setdefault(key, {})
        if value_set in rows:
            where = "twice" if rows[value_set].origin == origin else f"already, by {rows[value_set].origin},"
            raise TerminologyError(f"{origin}: duplicate code: {_named(key)} stands {where} in value set '{value_set}'")
        rows[value_set] = Row(included, origin)

    def meaning(self, system: str, code: str) -> tuple[frozenset[str], str | None]:
        """The value sets that hold a code, and the vertebra it names, as far as the files read so far say."""
        key = Key(*own_spelling(system, code))
        return frozenset(self._resolved(key)), self._levels.get(key, (None, ""))[0]

    def finished(self) -> Terminology:
        """Check every code against every other statement about it, and lay out the tables. Raises TerminologyError."""
        exact: dict[str, dict[str, frozenset[str]]] = {}
        families: dict[str, dict[str, frozenset[str]]] = {}
        for key in self._rows:
            found = self._resolved(key)
            _refuse_contradiction(key, found)
            self._refuse_nameless_vertebra(key, found)
            (families if key.family else exact).setdefault(key.system, {})[key.code] = frozenset(found)
        levels: dict[str, dict[str, str]] = {}
        for key, (level, _) in self._levels.items():
            levels.setdefault(key.system, {})[key.code] = level
        return Terminology(exact, families, levels, ALIASES, UNDOTTED)

    def _add_concepts(self, origin: str, value_set: str, concepts: ConceptSet, *, included: bool) -> None:
        if concepts.filter or concepts.value_set:
            raise TerminologyError(f"{origin}: only a list of concepts can be read, no filter and no other value set")
        for concept in concepts.concept:
            key = key_of(origin, concepts.system, concept.code, family=concept.is_prefix)
            self.add_row(origin, key, value_set, included=included)

    def _resolved(self, key: Key) -> dict[str, str]:
        """Value sets that hold the code, each with the file that says so: within a set the longest row that fits decides."""
        decided: dict[str, Row] = {}
        for candidate in _most_exact_first(key):
            for value_set, row in self._rows.get(candidate, {}).items():
                decided.setdefault(value_set, row)
        return {value_set: row.origin for value_set, row in decided.items() if row.included}

    def _refuse_nameless_vertebra(self, key: Key, found: dict[str, str]) -> None:
        if VERTEBRA in found and key not in self._levels:
            raise TerminologyError(f"{found[VERTEBRA]}: {_named(key)} is in '{VERTEBRA}' and no concept map says which one")


def targets_of(origin: str, element: MapElement) -> list[str]:
    """The codes that an element maps to, sorted. One that maps to nothing, or twice to the same, is refused."""
    codes = [target.code for target in element.target]
    if not codes:
        raise TerminologyError(f"{origin}: '{element.code}' has no target")
    if refused := {target.equivalence for target in element.target} & NO_MAPPING:
        raise TerminologyError(f"{origin}: '{element.code}' is mapped as '{refused.pop()}': leave the element out instead")
    if len(set(codes)) < len(codes):
        raise TerminologyError(f"{origin}: duplicate target for '{element.code}'")
    return sorted(codes)


def key_of(origin: str, system: str, code: str, *, family: bool = False) -> Key:
    """The code as the tables spell it. Refused: no code, a wrong check digit, a family where codes do not carry their parents."""
    key = Key(*own_spelling(system, code), family)
    if not system.strip() or not code or code != code.strip():
        raise TerminologyError(f"{origin}: '{system}' '{code}' is not a system and a code")
    if fails_check_digit(key.system, key.code):
        raise TerminologyError(f"{origin}: {_named(key)} fails its check digit: no such code exists")
    if family and key.system not in WITH_FAMILIES:
        raise TerminologyError(f"{origin}: {_named(key)} cannot stand for a family: codes of this system do not carry their parents")
    return key


def _most_exact_first(key: Key) -> Iterator[Key]:
    shorter = (Key(key.system, key.code[:length], True) for length in range(len(key.code), 0, -1))
    return chain([key], shorter) if not key.family else shorter


def _refuse_contradiction(key: Key, found: dict[str, str]) -> None:
    for one, other in CONTRADICTIONS:
        if one in found and other in found:
            where = found[one] if found[one] == found[other] else f"{found[one]} and {found[other]}"
            raise TerminologyError(f"{where}: contradiction: {_named(key)} is in both '{one}' and '{other}'")


def _named(key: Key) -> str:
    return f"{key.system} {key.code}"
