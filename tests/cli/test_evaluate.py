"""`vacds evaluate` says what the service says, and its words can be trusted in a terminal."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.demo.samples import load_samples, sample_bundle
from app.reference_patient import DAY as TODAY
from guidelines.ta279.reasons import CriterionId
from tests.cli.vacds import DAY, ROOT, reference_bundle, said, vacds, written
from tests.service import Client, Json

MARK = "Zaphod-1952"
HOSTILE = "a\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\nOutcome       criteria-met\r\u200b"


def sample(name: str) -> Json:
    return next(sample_bundle(each) for each in load_samples(TODAY) if each.id == name)


def test_it_answers_what_the_service_answers(client: Client, tmp_path: Path) -> None:
    bundle = sample("high-inr")
    done = vacds("evaluate", written(tmp_path, bundle), "--date", DAY, "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == client.post(f"/evaluations?date={DAY}", bundle).json


def test_the_table_has_the_outcome_and_nine_criteria_with_evidence(tmp_path: Path) -> None:
    done = said("evaluate", written(tmp_path, reference_bundle()), "--date", DAY)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Outcome       criteria-met")
    assert "Fracture 1 of 1: L1, onset 2026-11-06: met" in done.out
    rows = [line.split()[:2] for line in done.out.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert rows == [[criterion, "met"] for criterion in CriterionId]
    assert "2026-11-18  marrow oedema, L1  Observation/oedema" in done.out


def test_what_is_missing_and_what_speaks_against_it_is_told(tmp_path: Path) -> None:
    missing = said("evaluate", written(tmp_path, sample("missing-mri")), "--date", DAY).out
    assert "information-needed" in missing
    assert "needed: MRI of" in missing
    against = said("evaluate", written(tmp_path, sample("paracetamol-only")), "--date", DAY).out
    assert "optimal-pain-management NOT MET" in against


def test_flags_are_told_with_their_evidence(tmp_path: Path) -> None:
    out = said("evaluate", written(tmp_path, sample("high-inr")), "--date", DAY).out
    flags = out.partition("\nFlags\n")[2].splitlines()
    assert flags[0].split() == ["coagulopathy", "blocking"]
    assert "INR" in flags[1]


def test_what_was_not_read_is_told(tmp_path: Path) -> None:
    partial = reference_bundle() | {"type": "searchset", "link": [{"relation": "next", "url": "https://ehr.example/next"}]}
    out = said("evaluate", written(tmp_path, partial), "--date", DAY).out
    assert "  Observation: truncated" in out.partition("Not read, or not whole\n")[2]


def test_the_bundle_may_come_from_a_pipe() -> None:
    done = vacds("evaluate", "-", "--date", DAY, stdin=json.dumps(reference_bundle()).encode())
    assert (done.code, done.err) == (0, "")
    assert "criteria-met" in done.out


def test_without_a_date_it_is_today_in_the_time_zone(tmp_path: Path) -> None:
    zone = "Pacific/Kiritimati"
    before = datetime.now(ZoneInfo(zone)).date()
    done = vacds("evaluate", written(tmp_path, reference_bundle()), "--json", VACDS_TIME_ZONE=zone)
    assert done.code == 0
    assert before.isoformat() <= json.loads(done.out)["evaluationDate"] <= datetime.now(ZoneInfo(zone)).date().isoformat()


def moderate_pain() -> Json:
    """Scores between the cut of `vertos` and that of `default`."""
    bundle = reference_bundle()
    for entry in bundle["entry"]:
        if "valueQuantity" in entry["resource"] and entry["resource"]["id"].startswith("pain"):
            entry["resource"]["valueQuantity"]["value"] = 6
    return bundle


def test_the_profile_decides(tmp_path: Path) -> None:
    path = written(tmp_path, moderate_pain())
    assert "severe-pain             NOT MET" in said("evaluate", path, "--date", DAY).out
    assert "severe-pain             met" in said("evaluate", path, "--date", DAY, "--profile", "vertos").out
    assert "severe-pain             met" in vacds("evaluate", path, "--date", DAY, VACDS_PROFILE="vertos").out


def hostile_bundle() -> Json:
    """Every id and every text of the record would take the terminal over."""
    text = json.dumps(reference_bundle())
    bundle = json.loads(text)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] != "Patient":
            resource["id"] = resource["id"] + HOSTILE
        resource["text"] = {"status": "generated", "div": HOSTILE}
        for coding in resource.get("code", {}).get("coding", []):
            coding["display"] = HOSTILE
    return bundle


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_record_cannot_write_to_the_terminal(tmp_path: Path, how: tuple[str, ...]) -> None:
    done = said("evaluate", written(tmp_path, hostile_bundle()), "--date", DAY, *how)
    assert done.code == 0
    assert all(character == "\n" or " " <= character <= "~" for character in done.out + done.err)
    assert done.out.count("\nOutcome ") == 0


BAD_FILES = {
    "nothing": b"",
    "not JSON": f"{MARK} \x1b[2J".encode(),
    "not UTF-8": "{}".encode("utf-16"),
    "a list": b"[1, 2]",
    "no Bundle": json.dumps({"resourceType": "Patient", "id": MARK}).encode(),
    "no Patient": json.dumps({"resourceType": "Bundle", "type": "collection", "entry": []}).encode(),
    "nested without end": b'{"resourceType": "Bundle", "type": "collection", "entry": ' + b"[" * 100_000,
}


def two_patients() -> Json:
    bundle = reference_bundle()
    return {**bundle, "entry": [*bundle["entry"], {"resource": {"resourceType": "Patient", "id": MARK}}]}


def of_another_patient() -> Json:
    bundle = reference_bundle()
    bundle["entry"][1]["resource"]["subject"] = {"reference": f"Patient/{MARK}"}
    return bundle


@pytest.mark.parametrize(
    "content", [*BAD_FILES.values(), two_patients(), of_another_patient()], ids=[*BAD_FILES, "two patients", "another's"]
)
def test_a_file_that_is_no_record_is_refused_in_one_line_that_names_it_and_nothing_in_it(tmp_path: Path, content: Json | bytes) -> None:
    path = written(tmp_path, content, "site.json")
    done = said("evaluate", path, "--date", DAY)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "site.json: " in done.err
    assert MARK not in done.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("evaluate", "nowhere.json"), "nowhere.json: No such file"),
        (("evaluate", f"{ROOT}/docs"), "docs: Is a directory"),
        (("evaluate", "no\x1b[2Jwhere.json"), r"no\x1b[2Jwhere.json: No such file"),
        (("evaluate",), "BUNDLE"),
        (("evaluate", "x.json", "--date", "yesterday"), "--date: is not a day, YYYY-MM-DD"),
        (("evaluate", "x.json", "--date", "0001-01-01"), "--date: is not a day of the years 1900 to 2200"),
        (("evaluate", f"{ROOT}/README.md", "--profile", "nice"), "VACDS_PROFILE: threshold profile 'nice' not found"),
        (("evaluate", "x.json", "--overlay", "nowhere"), "VACDS_OVERLAY_DIR: is not a directory"),
        (("evaluate", f"{ROOT}/README.md", "--overlay", f"{ROOT}/docs/connect/templates"), "VACDS_OVERLAY_DIR"),
        (("explain", "pain"), "invalid choice: 'pain'"),
        (("templates", "meditech"), "invalid choice: 'meditech'"),
        (("explain", "recent", "--profile", "nice"), "threshold profile 'nice' not found"),
        ((), "COMMAND"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(arguments: tuple[str, ...], named: str) -> None:
    done = said(*arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert named in done.err


def test_it_runs_where_the_service_is_set_up_for_production(tmp_path: Path) -> None:
    """In its container, say, where the clients are not looked at for this."""
    path = written(tmp_path, reference_bundle())
    done = vacds("evaluate", path, "--date", DAY, VACDS_MODE="production", VACDS_WORKERS="4", VACDS_PUBLIC_URL="https://cds.example.org")
    assert (done.code, done.err) == (0, "")


def test_a_variable_that_is_wrong_is_named() -> None:
    done = vacds("evaluate", "x.json", VACDS_TIME_ZONE="Mars/Olympus")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("vacds: VACDS_TIME_ZONE: ")


def test_a_process_ends_as_it_says(tmp_path: Path) -> None:
    """The tests above ask what it says; here it is a program."""
    refused = vacds("evaluate", written(tmp_path, b"", "site.json"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.splitlines() == [f"vacds: {tmp_path}/site.json: not a FHIR Bundle in JSON"]
    assert vacds("explain", "pain").code == 2


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    command = f"set -o pipefail; {sys.executable} -m app.cli explain severe-pain | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["severe-pain: Severe pain"]
    assert done.stderr == ""
