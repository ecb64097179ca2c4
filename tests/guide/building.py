"""The guide as `make docs` builds it."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT


def built(source: Path, target: Path) -> Path:
    """The folder of the site; the test fails on a warning."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "-b", "html", str(source), str(target)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return target
