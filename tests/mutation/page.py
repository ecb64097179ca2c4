"""Writes `docs/mutation.md`, the score and every survivor with why it lives: `python -m tests.mutation.page > docs/mutation.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.mutation.record import Record, Trial, read_record, summary

EXPLAINED = Path(__file__).with_name("explained.yaml")

HEADER = """\
# Mutation testing

A mutant is the code with one small change: `<=` for `<`, another number, an argument left out. A mutant that no test notices is a
question: is a test missing, is the code not needed, or can the change not matter? Every survivor of the last run stands below with
the answer.

Mutated are the rules (`guidelines/`), what they stand on (`clinical/`) and the guard of the patient (`fhir_mapping/named.py`,
`fhir_mapping/patient_guard.py`, `fhir_mapping/references.py`). The mutants are those that [mutmut](https://github.com/boxed/mutmut)
makes. mutmut's own runner opens one pytest session a mutant, about four seconds each here; so `tests/mutation` tries them itself: one
process prepares the checks, and each mutant takes its function's place in a fork.

What must notice a mutant: the clinical cases, verdict by verdict and word for word (`tests/cases/told.txt`), the second opinion on 1,000
generated patients, the decision table, and for terminology, dates and the guard their unit tests. The frozen cohort does not count.

    make mutation                              # all of it; writes tests/mutation/record.json
    python -m tests.mutation clinical/dates.py # one module
    python -m tests.mutation --changed         # what changed since the record; fails where one of them is under 95 %

`make test` does the last of these, so that a module whose source is not the one in the record must reach 95 % there; in a tree that is
as it was recorded only the smallest module is tried. A changed test is not seen by this: run `make mutation` now and then. Names in a
module's head, such as tables and enumerations, are not mutated. This page is generated: `python -m tests.mutation.page > docs/mutation.md`.
"""


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`survivors`: parts of what they change, each of which fits at least one survivor of the module."""

    why: str
    survivors: list[str]

    def fits(self, survivor: str) -> bool:
        return any(part in survivor for part in self.survivors)


Explained = dict[str, list[Explanation]]


def read_explained() -> Explained:
    return msgspec.yaml.decode(EXPLAINED.read_bytes(), type=Explained)


def unexplained(record: Record, explained: Explained) -> list[str]:
    """Survivors without an explanation, and explanations without a survivor."""
    survivors = [
        f"{module}: {survivor}"
        for module, trial in record.items()
        for survivor in trial.survivors
        if not any(each.fits(survivor) for each in explained.get(module, []))
    ]
    idle = [
        f"{module}: explained and not there: {part}"
        for module, explanations in explained.items()
        for each in explanations
        for part in each.survivors
        if module not in record or not any(part in survivor for survivor in record[module].survivors)
    ]
    return survivors + idle


def page(record: Record, explained: Explained) -> str:
    rows = [
        f"| `{module}` | {trial.mutants} | {len(trial.survivors)} | {100 * trial.killed:.1f} % |"
        for module, trial in record.items()
        if trial.mutants
    ]
    table = "\n".join(["| Module | Mutants | Survived | Killed |", "|---|---|---|---|", *rows])
    told = "\n".join(line for module, trial in record.items() for line in _survivors(module, trial, explained.get(module, [])))
    return f"{HEADER}\n**{summary(record)}**\n\n{table}\n\n## Survivors\n{told.rstrip()}\n"


def _survivors(module: str, trial: Trial, explained: list[Explanation]) -> Iterator[str]:
    if trial.survivors:
        yield f"\n### `{module}`\n"
    for each in explained:
        yield f"{each.why}\n"
        yield from (f"- `{survivor.replace('`', '')}`" for survivor in trial.survivors if each.fits(survivor))
        yield ""


if __name__ == "__main__":
    sys.stdout.write(page(read_record(), read_explained()))
