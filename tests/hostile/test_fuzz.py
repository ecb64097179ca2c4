"""A short run of the coverage-guided fuzzer on each target; `make fuzz` is the long one. What it once found stays found."""

import importlib.util
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.conftest import Tell
from tests.hostile.fuzz_targets import FINDS, SEEDS, TARGETS
from tests.hostile.whole_requests import TOKENS
from tests.house.tree import ROOT

SECONDS = 20
LIMIT_SECONDS = 240
FEWEST_RUNS = 500
WITHOUT = "atheris is not installed: it is there for Python 3.11 on Linux only"


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason=WITHOUT)
@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzer_finds_nothing(name: str, tell: Tell) -> None:
    command = [sys.executable, "-m", "tests.hostile.fuzz", name, str(SECONDS)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    log = run.stderr.decode("utf-8", "replace") + run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, log[-3_000:]
    done = re.search(r"Done (\d+) runs", log)
    assert done is not None
    assert int(done[1]) > FEWEST_RUNS
    tell(f"atheris, {name}: {int(done[1]):,} runs, 0 finds")


@pytest.mark.parametrize(("name", "data"), [(name, data) for name in TARGETS for data in SEEDS[name] + FINDS[name]])
def test_what_was_found_stays_found(name: str, data: bytes) -> None:
    TARGETS[name](data)


pieces = st.binary(max_size=40) | st.text(st.characters(), max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))
SPLICED = st.tuples(st.sampled_from([b"", *TOKENS.values()]), pieces, st.integers(0, 6_000), st.integers(0, 30))


@pytest.mark.parametrize("name", TARGETS)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_neither_does_chance(name: str, data: st.DataObject) -> None:
    """Hypothesis on the same targets: seeds with up to four pieces cut out and others put in."""
    spoilt = data.draw(st.sampled_from([*SEEDS[name], b""]))
    for token, piece, start, length in data.draw(st.lists(SPLICED, max_size=4)):
        at = start % (len(spoilt) + 1)
        spoilt = spoilt[:at] + token + piece + spoilt[at + length :]
    TARGETS[name](spoilt)
