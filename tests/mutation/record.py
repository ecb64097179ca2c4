"""What the last trial of each module found, in `record.json`; and what changed since."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.mutation.mutants import digest, modules

RECORD = Path(__file__).with_name("record.json")
LEAST = 0.95


class Trial(msgspec.Struct, frozen=True):
    """`source`: digest of the module that was mutated. `survivors`: what each surviving mutant changes."""

    source: str
    mutants: int
    survivors: list[str]

    @property
    def killed(self) -> float:
        return 1 - len(self.survivors) / self.mutants if self.mutants else 1.0


Record = Mapping[str, Trial]


def read_record() -> dict[str, Trial]:
    return msgspec.json.decode(RECORD.read_bytes(), type=dict[str, Trial])


def write_record(record: Record) -> None:
    kept = {module: record[module] for module in modules() if module in record}
    RECORD.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


def changed(record: Record) -> list[str]:
    """Modules that are not as they were when they were tried."""
    return [module for module in modules() if module not in record or record[module].source != digest(module)]


def summary(record: Record) -> str:
    mutants = sum(trial.mutants for trial in record.values())
    survivors = sum(len(trial.survivors) for trial in record.values())
    return f"{mutants - survivors} of {mutants} mutants killed: {100 * (1 - survivors / max(mutants, 1)):.2f} %"
