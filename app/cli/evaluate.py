"""`vacds evaluate`: one patient's Bundle from a file, as `POST /evaluations` answers it."""

import json
import sys
from datetime import date, datetime
from pathlib import Path

import msgspec

from app.cli.report import report
from app.cli.terminal import Refused, say
from app.main import build_assessor
from app.routes.evaluations import evaluate
from app.settings import Mode, Settings, SettingsError, read_settings
from clinical.assessment import Assessment
from fhir_mapping.errors import MappingError, PatientUnusable
from hooks.assessor import Assessor
from hooks.errors import CallError

STANDARD_INPUT = "-"


def run(name: str, day: date | None, settings: Settings, *, as_json: bool) -> None:
    """`name` is a file's, or - for the standard input; the day is today in the settings' time zone unless given."""
    found = evaluated(read(name), name, day or datetime.now(settings.zone).date(), assessor_for(settings))
    if as_json:
        say(json.dumps(json.loads(found), indent=2).split("\n"))
    else:
        say(report(msgspec.json.decode(found, type=Assessment)))


def evaluated(body: bytes, name: str, day: date, assessor: Assessor) -> bytes:
    """The Evaluation; Refused where the file holds no Bundle of one patient."""
    try:
        return evaluate(assessor, body, day)
    except PatientUnusable:
        raise Refused(f"{name}: must hold one Patient that can be read") from None
    except (MappingError, CallError) as error:
        raise Refused(f"{name}: {error}") from None


def read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise Refused(f"{name}: {error.strerror}") from None


def settings_from(profile: str | None, overlay: str | None) -> Settings:
    """The service's own variables, but for what is given here. How it is served does not matter: nothing is."""
    given = {"profile": profile, "overlay_dir": overlay}
    try:
        return read_settings(mode=Mode.DEMO, workers=1, **{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        raise Refused(str(error)) from None


def assessor_for(settings: Settings) -> Assessor:
    try:
        return build_assessor(settings)
    except SettingsError as error:
        raise Refused(str(error)) from None
