"""The FHIR package in a FHIR tool that we did not write: fetched from a registry, unpacked, indexed, and found by canonical address."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.fhir_package import PACKAGE, VERSION, manifest
from tests.house.tree import ROOT
from tests.knowledge.artefacts import Json, artefacts

TOOL = Path(__file__).parents[1] / "real_fhir_server"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not (TOOL / "node_modules/fhir-package-loader").is_dir(), reason="needs Node.js 20 and `make fhir-server`"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What the loader says of the package, written where a registry has it: /name/-/name-version.tgz."""
    folder = tmp_path_factory.mktemp("registry")
    tarball = folder / PACKAGE / "-" / f"{PACKAGE}-{VERSION}.tgz"
    subprocess.run([sys.executable, "-m", "app.fhir_package", str(tarball)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    urls = [each["url"] for each in artefacts()]
    with registry(folder) as address:
        ran = subprocess.run(
            [str(NODE), "load_package.mjs", address, str(folder / "cache"), PACKAGE, VERSION, *urls],
            cwd=TOOL, check=True, stdout=subprocess.PIPE, timeout=120,
        )  # fmt: skip
    told: Json = json.loads(ran.stdout)
    return told


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """The folder over HTTP on loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_it_loads(loaded: Json) -> None:
    assert loaded["status"] == "LOADED"
    assert loaded["manifest"] == manifest()


def test_every_artefact_is_found_by_its_canonical_address_whole(loaded: Json) -> None:
    assert loaded["found"] == {each["url"]: each for each in artefacts()}


def test_nothing_else_is_in_it(loaded: Json) -> None:
    indexed = {(each["resourceType"], each["id"], each.get("version")) for each in loaded["all"]}
    assert indexed == {(each["resourceType"], each["id"], each.get("version")) for each in artefacts()}
