"""The terminology of TA279: value sets, levels and overlays, read once, checked at start (terminology.md; docs/overlays.md)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from clinical.codes import NONE, Terminology, TerminologyError
from clinical.vertebra import VertebralLevel
from guidelines.ta279.terminology_files import CANONICAL, CodeSystem, ConceptMap, MapGroup, Resource, ValueSet, read_folder
from guidelines.ta279.terminology_ids import VALUE_SETS
from guidelines.ta279.terminology_tables import Key, Tables, key_of, targets_of
from guidelines.ta279.terminology_text import text_hints as text_hints

FINDINGS = f"{CANONICAL}/CodeSystem/findings"
LEVELS = f"{CANONICAL}/CodeSystem/vertebral-level"
CARD_TOPICS = f"{CANONICAL}/CodeSystem/card-topic"

PACKAGE = Path(__file__).parent
Kind = TypeVar("Kind", ValueSet, ConceptMap, CodeSystem)


class Addition(NamedTuple):
    """What an overlay's concept map says of one local code: it joins these value sets, it names this vertebra."""

    origin: str
    key: Key
    value_sets: frozenset[str]
    level: str | None


def load_terminology(overlay_dir: Path | None = None, package: Path = PACKAGE) -> Terminology:
    """The packaged terminology, with a site's overlay merged in. Raises TerminologyError with one line that says where and what."""
    own_codes = _own_codes(package)
    tables = Tables(VALUE_SETS, VertebralLevel.__members__)
    for origin, concept_map in _only(ConceptMap, read_folder(package / "concept_maps")):
        tables.add_levels(origin, concept_map)
    value_sets = dict(_only(ValueSet, read_folder(package / "value_sets")))
    for missing in sorted(VALUE_SETS - {value_set.id for value_set in value_sets.values()}):
        raise TerminologyError(f"value_sets/{missing}.json: is missing")
    for origin, value_set in value_sets.items():
        _refuse_wrong_name(origin, value_set)
        _refuse_unknown_own_code(origin, value_set, own_codes)
        tables.add_value_set(origin, value_set)
    if overlay_dir is not None:
        _merge(list(read_folder(overlay_dir)), tables, own_codes)
    return tables.finished()


def _own_codes(package: Path) -> dict[str, frozenset[str]]:
    """Our code systems by address. The levels must be those of clinical.vertebra, in order."""
    systems = dict(_only(CodeSystem, read_folder(package / "code_systems")))
    own = {system.url: [concept.code for concept in system.concept] for system in systems.values()}
    if own.get(LEVELS) != list(VertebralLevel):
        raise TerminologyError("code_systems/vertebral-level.json: does not list the levels C1 to S1 in order")
    return {url: frozenset(codes) for url, codes in own.items()}


def _only(kind: type[Kind], files: Iterable[tuple[str, Resource]]) -> Iterator[tuple[str, Kind]]:
    for origin, resource in files:
        if not isinstance(resource, kind):
            raise TerminologyError(f"{origin}: holds a {type(resource).__name__}, not a {kind.__name__}")
        yield origin, resource


def _refuse_wrong_name(origin: str, value_set: ValueSet) -> None:
    if origin != f"value_sets/{value_set.id}.json" or value_set.url != f"{CANONICAL}/ValueSet/{value_set.id}":
        raise TerminologyError(f"{origin}: id '{value_set.id}' and address '{value_set.url}' do not agree with the name of the file")


def _refuse_unknown_own_code(origin: str, value_set: ValueSet, own_codes: dict[str, frozenset[str]]) -> None:
    if value_set.compose is None:
        return
    for concepts in value_set.compose.include:
        for concept in concepts.concept:
            if concepts.system.startswith(CANONICAL) and concept.code not in own_codes.get(concepts.system, NONE):
                raise TerminologyError(f"{origin}: {concepts.system} {concept.code} is not one of our codes")


def _merge(files: list[tuple[str, Resource]], tables: Tables, own_codes: dict[str, frozenset[str]]) -> None:
    """An overlay adds: value sets first, then what its concept maps mean in the terms known by then."""
    for origin, resource in files:
        if isinstance(resource, CodeSystem):
            raise TerminologyError(f"{origin}: an overlay holds ValueSet and ConceptMap resources, not a CodeSystem")
        if isinstance(resource, ValueSet):
            _refuse_removal(origin, resource)
            _refuse_unknown_own_code(origin, resource, own_codes)
            tables.add_value_set(origin, resource)
    maps = [(origin, resource) for origin, resource in files if isinstance(resource, ConceptMap)]
    for addition in [addition for origin, concept_map in maps for addition in _additions(origin, concept_map, tables)]:
        for value_set in sorted(addition.value_sets):
            tables.add_row(addition.origin, addition.key, value_set)
        if addition.level is not None:
            tables.add_level(addition.origin, addition.key, addition.level)


def _additions(origin: str, concept_map: ConceptMap, tables: Tables) -> Iterator[Addition]:
    for group in concept_map.group:
        for element in group.element:
            key = key_of(origin, group.source, element.code)
            for code in targets_of(origin, element):
                yield Addition(origin, key, *_meaning(origin, group, code, tables))


def _meaning(origin: str, group: MapGroup, code: str, tables: Tables) -> tuple[frozenset[str], str | None]:
    """What the target of a mapping means: a level of ours, or the sets and the level of a code that is known by now."""
    if group.target == LEVELS:
        return frozenset(), code
    concepts, level = tables.meaning(group.target, code)
    if not concepts and level is None:
        raise TerminologyError(f"{origin}: unknown target: {group.target} {code} is in no value set")
    return concepts, level


def _refuse_removal(origin: str, value_set: ValueSet) -> None:
    if value_set.compose is not None and value_set.compose.exclude:
        raise TerminologyError(f"{origin}: an overlay adds codes, it takes none away: compose.exclude is refused")
