"""The terminology files as they lie on disk: FHIR R4 ValueSet, ConceptMap and CodeSystem, the members we read.

A concept of a value set may carry the extension `code-prefix` (true): then it stands for every code that begins with it. FHIR has no
such filter for ICD or ATC, whose codes carry their parents. Within one value set the longest row that fits a code decides, so that
an `exclude` row takes a leaf or a branch out of an included family. Each value set can be read alone.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from clinical.codes import TerminologyError

CANONICAL = "https://vertebral-augmentation-cds.example/fhir"
CODE_PREFIX = f"{CANONICAL}/StructureDefinition/code-prefix"


class Extension(msgspec.Struct, frozen=True, rename="camel"):
    url: str
    value_boolean: bool = False


class Concept(msgspec.Struct, frozen=True):
    code: str
    display: str = ""
    extension: tuple[Extension, ...] = ()

    @property
    def is_prefix(self) -> bool:
        return any(extension.url == CODE_PREFIX and extension.value_boolean for extension in self.extension)


class ConceptSet(msgspec.Struct, frozen=True, rename="camel"):
    """`compose.include` or `compose.exclude`: a list of codes of one system. What is not such a list cannot be read here."""

    system: str
    concept: tuple[Concept, ...]
    filter: tuple[object, ...] = ()
    value_set: tuple[object, ...] = ()


class Compose(msgspec.Struct, frozen=True):
    include: tuple[ConceptSet, ...]
    exclude: tuple[ConceptSet, ...] = ()


class ValueSet(msgspec.Struct, frozen=True, tag_field="resourceType"):
    id: str
    status: str
    url: str = ""
    compose: Compose | None = None


class MapTarget(msgspec.Struct, frozen=True):
    code: str
    equivalence: str


class MapElement(msgspec.Struct, frozen=True):
    code: str
    target: tuple[MapTarget, ...] = ()


class MapGroup(msgspec.Struct, frozen=True):
    source: str
    target: str
    element: tuple[MapElement, ...]


class ConceptMap(msgspec.Struct, frozen=True, tag_field="resourceType"):
    status: str
    group: tuple[MapGroup, ...]


class DefinedConcept(msgspec.Struct, frozen=True):
    code: str
    display: str
    definition: str


class CodeSystem(msgspec.Struct, frozen=True, tag_field="resourceType"):
    id: str
    url: str
    status: str
    concept: tuple[DefinedConcept, ...]


Resource = ValueSet | ConceptMap | CodeSystem
_DECODER: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(Resource)


def read_folder(folder: Path) -> Iterator[tuple[str, Resource]]:
    """Each `*.json` of a folder as ('folder/file.json', resource), by name. Raises TerminologyError."""
    if not folder.is_dir():
        raise TerminologyError(f"{folder}: no such folder of terminology files")
    for path in sorted(folder.glob("*.json")):
        yield f"{folder.name}/{path.name}", _read(path, f"{folder.name}/{path.name}")


def _read(path: Path, origin: str) -> Resource:
    try:
        resource = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise TerminologyError(f"{origin}: cannot be read: {error}") from error
    if resource.status not in ("active", "draft"):
        raise TerminologyError(f"{origin}: status is '{resource.status}', not active or draft")
    return resource
