"""`python -m app` as a person starts it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.examples import HOOK
from tests.service import Client

SETTINGS = {"VACDS_MODE": "demo", "VACDS_PORT": "0", "PYTHONUNBUFFERED": "1"}
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    started = subprocess.Popen(
        [sys.executable, "-m", "app"],
        cwd=PROJECT,
        env={**clean, **SETTINGS, "VACDS_DATABASE_URL": f"sqlite:///{tmp_path}/kept.sqlite3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


def welcome(process: subprocess.Popen[str]) -> str:
    """What is printed up to the command to try."""
    assert process.stdout is not None
    lines: list[str] = []
    while HOOK not in "".join(lines):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        lines.append(line)
    return "".join(lines)


def test_it_says_where_to_look_answers_and_stops(process: subprocess.Popen[str]) -> None:
    words = welcome(process)
    (port,) = set(re.findall(r"http://localhost:(\d+)/", words))
    assert {f"http://localhost:{port}/\n", f"http://localhost:{port}/cds-services\n"} <= {
        line.split()[-1] + "\n" for line in words.splitlines() if line
    }
    client = Client(int(port))
    call = client.get(re.findall(r"(/demo/calls/\S+)", words)[0]).body
    answer = client.post(HOOK, call)
    assert [card["source"]["topic"]["code"] for card in answer.json["cards"]] == ["ta279CriteriaMet"]
    client.close()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=15)
    assert process.returncode in (0, -signal.SIGTERM)
    assert [json.loads(line)["level"] for line in log.splitlines()] == ["info"] * len(log.splitlines())
    assert "eligible-uk" not in log
