"""The guideline's artefacts as one NPM-style FHIR package: `python -m app.fhir_package [FILE]` writes it.

Layout as in the FHIR package specification: `package/package.json`, `package/.index.json`, one file per resource. The same artefacts
give the same bytes: no clock, owner or order of the disk gets in.
"""

import gzip
import io
import sys
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

import guidelines.ta279

PACKAGE = "vertebral-augmentation-cds.nice-ta279"
VERSION = "1.0.0"
CANONICAL = "https://vertebral-augmentation-cds.example/fhir"
INDEXED = ("resourceType", "id", "url", "version", "kind", "type")
FILE_MODE = 0o644

Resource = dict[str, Any]


def manifest() -> Resource:
    """package.json."""
    return {
        "name": PACKAGE,
        "version": VERSION,
        "type": "Conformance",
        "fhirVersions": ["4.0.1"],
        "canonical": CANONICAL,
        "title": "NICE TA279 as computable FHIR",
        "description": "PlanDefinition, Library, Questionnaire, value sets, code systems and maps for NICE TA279.",
        "author": "Vertebral Augmentation CDS",
        "license": "Apache-2.0",
        "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
    }


def resources(folder: Path) -> list[Resource]:
    """Every FHIR resource under a guideline's folder, by type and id."""
    read = (msgspec.json.decode(path.read_bytes()) for path in folder.rglob("*.json"))
    return sorted((each for each in read if "resourceType" in each), key=lambda each: (each["resourceType"], each["id"]))


def package(found: Iterable[Resource]) -> bytes:
    """The .tgz."""
    files = {f"{each['resourceType']}-{each['id']}.json": each for each in found}
    index = {"index-version": 1, "files": [_indexed(name, each) for name, each in files.items()]}
    return _archive({"package.json": manifest(), ".index.json": index, **files})


def _indexed(name: str, resource: Resource) -> Resource:
    return {"filename": name} | {member: resource[member] for member in INDEXED if isinstance(resource.get(member), str)}


def _archive(files: Mapping[str, Resource]) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in files.items():
            body = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(body), FILE_MODE
            archive.addfile(entry, io.BytesIO(body))
    return packed.getvalue()


def main() -> None:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else f"dist/{PACKAGE}-{VERSION}.tgz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(package(resources(Path(guidelines.ta279.__path__[0]))))
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
