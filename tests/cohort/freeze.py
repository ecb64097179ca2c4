"""Makes the frozen cohort anew: `python -m tests.cohort.freeze`. New patients need their verdicts accepted (tests.cohort.diff).

Refused while the verdicts on the present cohort are not those accepted: what a rule changed must not be lost among changed patients.
"""

import sys

from tests.cohort.dice import SeededDice
from tests.cohort.frozen import COHORT_DAY, Patient, read_accepted, verdicts_now, write_patients
from tests.cohort.generator import make_chart

PATIENTS = 300


def generated() -> list[Patient]:
    charts = [make_chart(SeededDice(seed), f"p{seed:03}", COHORT_DAY) for seed in range(PATIENTS)]
    return [Patient(chart.patient_id, chart.resources) for chart in charts]


def main() -> int:
    accepted = read_accepted()
    if accepted is not None and accepted.verdicts != verdicts_now():
        sys.stderr.write("Not frozen: verdicts differ from those accepted. See python -m tests.cohort.diff.\n")
        return 1
    write_patients(generated())
    return 0


if __name__ == "__main__":
    sys.exit(main())
