"""The frozen cohort on disk: the patients as they were generated, and the verdicts that were last accepted.

`patients.jsonl.gz`: one patient a line. `verdicts.jsonl`: first the acceptance, then one verdict a line.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from tests.cohort.verdicts import Verdict, verdict_on

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENTS, VERDICTS, CHANGELOG = HERE / "patients.jsonl.gz", HERE / "verdicts.jsonl", ROOT / "CHANGELOG.md"
COHORT_DAY = date(2026, 11, 22)

_UNRELEASED = re.compile(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CLINICAL = re.compile(r"^### Clinical\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^- (.*(?:\n {2}.*)*)", re.MULTILINE)


class Patient(msgspec.Struct, frozen=True):
    id: str
    resources: list[dict[str, Any]]


class Acceptance(msgspec.Struct, frozen=True):
    """`explained`: digests of the lines under Clinical when the verdicts were accepted. `seal`: digest of those and of the verdicts."""

    explained: tuple[str, ...]
    seal: str


class Accepted(msgspec.Struct, frozen=True):
    acceptance: Acceptance
    verdicts: tuple[Verdict, ...]


def read_patients() -> list[Patient]:
    return [msgspec.json.decode(line, type=Patient) for line in gzip.decompress(PATIENTS.read_bytes()).splitlines()]


def write_patients(patients: Iterable[Patient]) -> None:
    """The same bytes for the same patients: no time is written."""
    PATIENTS.write_bytes(gzip.compress(_lines(patients), mtime=0))


def verdicts_now() -> tuple[Verdict, ...]:
    return tuple(verdict_on(patient.id, patient.resources, COHORT_DAY) for patient in read_patients())


def read_accepted() -> Accepted | None:
    """None before anything was ever accepted."""
    if not VERDICTS.exists():
        return None
    first, *rest = VERDICTS.read_bytes().splitlines()
    verdicts = tuple(msgspec.json.decode(line, type=Verdict) for line in rest)
    return Accepted(msgspec.json.decode(first, type=Acceptance), verdicts)


def accepted_with(verdicts: tuple[Verdict, ...], explained: tuple[str, ...]) -> Accepted:
    return Accepted(Acceptance(explained, seal_of(verdicts, explained)), verdicts)


def write_accepted(accepted: Accepted) -> None:
    VERDICTS.write_bytes(_lines([accepted.acceptance, *accepted.verdicts]))


def seal_of(verdicts: tuple[Verdict, ...], explained: tuple[str, ...]) -> str:
    return hashlib.sha256(msgspec.json.encode((explained, verdicts))).hexdigest()


def explanations(changelog: str) -> tuple[str, ...]:
    """A digest of each line under [Unreleased], Clinical; how the lines are broken does not matter."""
    unreleased = _UNRELEASED.search(changelog)
    clinical = _CLINICAL.search(unreleased[1]) if unreleased else None
    entries = _ENTRY.findall(clinical[1]) if clinical else []
    return tuple(sorted(hashlib.sha256(" ".join(entry.split()).encode()).hexdigest()[:12] for entry in entries))


def _lines(values: Iterable[object]) -> bytes:
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)
