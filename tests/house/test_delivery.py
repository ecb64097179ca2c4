"""How the service is built and started: the Makefile, the CI script and the image, as far as reading them can tell."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, files, text_of

PROMISED = ("run", "test", "check", "openapi", "bench", "hostile", "fuzz", "chain", "sbom", "audit", "lock", "clean")
README = Path("README.md")
CI = Path(".ci/run")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instructions(name: str) -> list[str]:
    """Every Dockerfile instruction of one kind, continuation lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name}\s+(.*)$", joined, re.MULTILINE)


@pytest.mark.parametrize("target", PROMISED)
def test_make_knows_the_promised_targets(target: str) -> None:
    make = shutil.which("make")
    assert make is not None
    planned = subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr


def test_make_starts_the_demo_by_default_and_obeys_the_environment() -> None:
    assert 'VACDS_MODE="$${VACDS_MODE:-demo}"' in (ROOT / "Makefile").read_text()


def test_installation_checks_hashes() -> None:
    assert "--require-hashes" in (ROOT / "Makefile").read_text()
    assert all("--require-hashes" in run for run in instructions("RUN") if "pip install" in run)


def test_ci_stops_at_the_first_failure_and_calls_the_command_of_the_readme() -> None:
    script = text_of(CI)
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in script
    assert script.rstrip().endswith("make test")
    assert "make test" in text_of(README)
    assert (ROOT / CI).stat().st_mode & 0o111


def test_ci_is_valid_shell() -> None:
    assert subprocess.run(["bash", "-n", str(ROOT / CI)], check=False).returncode == 0


def test_the_image_is_built_in_two_stages_from_a_slim_python() -> None:
    assert instructions("FROM") == ["python:3.11-slim AS build", "python:3.11-slim"]


def test_the_image_runs_the_service_and_not_as_root() -> None:
    final = DOCKERFILE.rpartition("FROM ")[2]
    user = re.search(r"^USER (\d+)$", final, re.MULTILINE)
    assert user is not None
    assert int(user[1]) > 0
    assert final.index("USER ") < final.index("CMD [")
    assert instructions("CMD") == ['["python", "-m", "app"]']


def test_the_image_asks_the_service_whether_it_lives() -> None:
    (check,) = instructions("HEALTHCHECK")
    code = re.search(r'"-c", "(.*)"\]$', check)
    assert code is not None
    assert "/livez" in code[1]
    compile(code[1], "HEALTHCHECK", "exec")


def test_the_final_stage_holds_every_room_and_no_build_tool() -> None:
    final = DOCKERFILE.rpartition("FROM ")[2]
    for room in ROOMS:
        assert f"\nCOPY {room} {room}\n" in final
        assert f"\n!{room}\n" in (ROOT / ".dockerignore").read_text()
    assert not re.search(r"apt-get|\bpip\b|\bgcc\b|build-essential", final)


def test_the_image_carries_no_secret_and_no_mode() -> None:
    assert not re.search(
        r"password|secret|token|api[_-]?key|VACDS_MODE|VACDS_AUTH|^ADD |^COPY \. ", DOCKERFILE, re.IGNORECASE | re.MULTILINE
    )
    assert text_of(Path(".dockerignore")).startswith("*\n")


def test_nothing_private_is_tracked() -> None:
    private = [str(path) for path in files() if path.suffix in {".pem", ".key", ".sqlite3"} or path.name == ".env"]
    assert private == []
