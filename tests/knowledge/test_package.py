"""The FHIR package: laid out as packages are, whole, and the same every time."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

from app.fhir_package import package, resources
from guidelines.ta279.terminology import PACKAGE
from tests.knowledge.artefacts import Json, artefacts


def unpacked(packed: bytes) -> dict[str, Json]:
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        members = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: json.load(member) for name, member in members.items() if member is not None}


FILES = unpacked(package(artefacts()))


def test_every_artefact_is_in_it_and_in_its_index() -> None:
    names = {f"{each['resourceType']}-{each['id']}.json": each for each in artefacts()}
    assert {name: body for name, body in FILES.items() if name.removeprefix("package/") in names} == {
        f"package/{name}": each for name, each in names.items()
    }
    index = FILES["package/.index.json"]
    assert index["index-version"] == 1
    assert {entry["filename"]: (entry["resourceType"], entry["id"], entry["url"]) for entry in index["files"]} == {
        name: (each["resourceType"], each["id"], each["url"]) for name, each in names.items()
    }


def test_the_manifest_says_what_it_is() -> None:
    manifest = FILES["package/package.json"]
    assert manifest["fhirVersions"] == ["4.0.1"]
    assert manifest["dependencies"] == {"hl7.fhir.r4.core": "4.0.1"}
    assert all(each["url"].startswith(manifest["canonical"] + "/") for each in artefacts())
    assert {"name", "version", "type", "license", "description", "author"} <= manifest.keys()


def test_the_same_artefacts_give_the_same_bytes(tmp_path: Path) -> None:
    written = tmp_path / "package.tgz"
    subprocess.run([sys.executable, "-m", "app.fhir_package", str(written)], check=True, cwd=PACKAGE.parents[1])
    assert written.read_bytes() == package(resources(PACKAGE)) == package(resources(PACKAGE))
