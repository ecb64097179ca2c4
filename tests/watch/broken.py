"""The service with a part that fails as nobody foresaw, and quotes in its exception what it was given. `python -m tests.watch.broken`."""

import sys
from typing import Any
from unittest.mock import patch

from app.__main__ import main
from app.reference_patient import PATIENT_ID
from clinical.assessment import Assessment
from hooks.assessor import Assessor

assess = Assessor.assess


def quoting(self: Assessor, sections: Any, *, patient_id: str, **more: Any) -> Assessment:
    """The canary is well; everybody else's record is too much."""
    if patient_id != PATIENT_ID:
        raise RuntimeError(f"{patient_id} {sections!r} {more!r}")
    return assess(self, sections, patient_id=patient_id, **more)


if __name__ == "__main__":
    with patch.object(Assessor, "assess", quoting):
        sys.exit(main())
