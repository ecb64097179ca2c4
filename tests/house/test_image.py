"""The image without an engine to build it: what the final stage copies is enough to start, and its health check says so."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.house.tree import ROOT

FINAL_STAGE = (ROOT / "Dockerfile").read_text().rpartition("FROM ")[2]
COPIES = re.findall(r"^COPY (?!--from)(.+) (\S+)$", FINAL_STAGE, re.MULTILINE)
HEALTH_CHECK = re.search(r'CMD \["python", "-c", "(.*)"\]$', FINAL_STAGE, re.MULTILINE)
START_SECONDS = 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The final stage's working directory."""
    for sources, target in COPIES:
        for source in sources.split():
            copy(ROOT / source, tmp_path / target)
    return tmp_path


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.fixture
def environment() -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("VACDS_", "PYTHON"))}
    return {**inherited, "VACDS_PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def demo(root: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "app"]
    with subprocess.Popen(command, cwd=root, env={**environment, "VACDS_MODE": "demo"}, stdout=subprocess.DEVNULL) as process:
        yield process
        process.terminate()


def test_what_is_copied_starts_and_its_health_check_passes(demo: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
    assert HEALTH_CHECK is not None
    deadline = monotonic() + START_SECONDS
    while subprocess.run([sys.executable, "-c", HEALTH_CHECK[1]], env=environment, stderr=subprocess.DEVNULL, check=False).returncode:
        assert demo.poll() is None, "the service ended"
        assert monotonic() < deadline, "the service is not healthy"
        sleep(0.2)


def test_without_settings_it_refuses_to_start_with_one_line(root: Path, environment: dict[str, str]) -> None:
    refused = subprocess.run([sys.executable, "-m", "app"], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "VACDS_" in refused.stderr
