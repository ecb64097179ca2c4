"""The other server, started for the tests, with every sample patient in it, a few at each FHIR base."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from app import reference_patient
from app.demo.samples import load_samples

HERE = Path(__file__).parent
TOKEN = "made-up-token"
STOP_SECONDS = 10
TOGETHER = 3


@pytest.fixture(scope="session")
def fhir_servers() -> Iterator[Mapping[str, str]]:
    """Sample patient's id to the FHIR base address where it is."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.skip("needs Node.js 20 and `npm ci` in tests/real_fhir_server")
    samples = load_samples(reference_patient.DAY)
    groups = [samples[start : start + TOGETHER] for start in range(0, len(samples), TOGETHER)]
    charts = [[resource for sample in group for resource in sample.resources] for group in groups]
    process = subprocess.Popen([node, "server.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdin as given:
            given.write(msgspec.json.encode({"token": TOKEN, "charts": charts}))
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        yield {sample.id: f"{address}/{number}" for number, group in enumerate(groups) for sample in group}
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        process.stdout.close()
