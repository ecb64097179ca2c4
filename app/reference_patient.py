"""One made-up patient who meets every criterion on one day, in every profile: the canary's and the documentation's example."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

PATIENT_ID = "example-patient"
DAY = date(2026, 11, 22)

Json = dict[str, Any]


def prefetch() -> Json:
    """Resources by the prefetch keys of patient-view."""
    found: Json = msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes())
    return found


def hook_request(resources: Mapping[str, Any]) -> Json:
    """A patient-view call about the reference patient with these prefetch keys."""
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": PATIENT_ID, "userId": "Practitioner/example"},
        "prefetch": dict(resources),
    }


def bundle(resources: Mapping[str, Any]) -> Json:
    """The same resources as one collection Bundle, for /evaluations."""
    inner = [entry for value in resources.values() for entry in value.get("entry", [])]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resources["patient"]}, *inner]}
