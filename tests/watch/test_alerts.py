"""The alert rules sound when they should, as Prometheus itself reads them."""

import shutil
import subprocess

import pytest

from tests.house.tree import ROOT

PROMTOOL = shutil.which("promtool") or ""

pytestmark = pytest.mark.skipif(not PROMTOOL, reason="promtool is not there (Debian: package prometheus)")


@pytest.mark.parametrize("command", [("check", "rules", "deploy/prometheus-alerts.yaml"), ("test", "rules", "tests/watch/alerts.yaml")])
def test_promtool_agrees(command: tuple[str, ...]) -> None:
    said = subprocess.run([PROMTOOL, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
