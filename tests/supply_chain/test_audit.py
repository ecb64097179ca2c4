"""A question that was not answered is never told as an answer (trust.md 2.7)."""

import os
import subprocess
import sys

import msgspec
import pytest

from tests.house.tree import ROOT
from tests.service import Json
from tests.supply_chain.audit import KNOWN, NOT_RUN, NOTHING_KNOWN, verdict
from tests.supply_chain.locks import LOCKS, pinned

CLEAN: Json = {"name": "a", "version": "1", "vulns": []}
CLEAN_TOO: Json = {"name": "b", "version": "2", "vulns": []}
SKIPPED: Json = {"name": "b", "skip_reason": "not found"}
BAD: Json = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": []}]}
DEAD_PROXY = "http://127.0.0.1:9"
LIMIT_SECONDS = 300


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([CLEAN, CLEAN_TOO], NOTHING_KNOWN),
        ([CLEAN, BAD], KNOWN),
        ([{"name": "a", "skip_reason": "not found"}, BAD], KNOWN),
        ([CLEAN, SKIPPED], NOT_RUN),
        ([CLEAN], NOT_RUN),
        ([], NOT_RUN),
    ],
    ids=["all clean", "one bad", "one bad and one skipped", "one skipped", "one missing", "nothing"],
)
def test_only_what_was_looked_up_counts(found: Json, code: int) -> None:
    told = verdict(msgspec.json.encode({"dependencies": found, "fixes": []}), ["a", "b"])
    assert told[0] == code
    assert told[1].startswith("not run") == (code == NOT_RUN)


@pytest.mark.parametrize("report", [b"", b"{}", b"No known vulnerabilities found"])
def test_no_report_is_no_answer(report: bytes) -> None:
    assert verdict(report, ["a"]) == (NOT_RUN, "not run: no report came")
    assert verdict(b'{"dependencies":[]}', [])[0] == NOT_RUN


def test_without_the_vulnerability_service_it_is_not_run() -> None:
    """The real tool, behind a proxy that is not there."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), DEAD_PROXY)
    unreached = {**os.environ, **proxies, "NO_PROXY": "", "no_proxy": ""}
    run = subprocess.run(
        [sys.executable, "-m", "tests.supply_chain.audit"], cwd=ROOT, env=unreached, capture_output=True, text=True,
        timeout=LIMIT_SECONDS, check=False,
    )  # fmt: skip
    assert run.returncode == NOT_RUN
    assert [line.partition(": ")[2].partition(":")[0] for line in run.stdout.splitlines()] == ["not run"] * len(LOCKS)


def test_the_list_of_materials_names_every_package_with_its_hashes(tmp_path: object) -> None:
    target = f"{tmp_path}/sbom.json"
    command = ["make", "sbom", f"SBOM={target}"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    assert made.returncode == 0, made.stderr
    with open(target, "rb") as file:
        components = msgspec.json.decode(file.read())["components"]
    everywhere = {each["name"]: each["version"] for each in components}
    assert everywhere.items() >= pinned("requirements.lock").items()
    assert [each["name"] for each in components if not each["externalReferences"][0]["hashes"]] == []
