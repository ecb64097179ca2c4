"""Mutation testing: `python -m tests.mutation` tries every module and writes the record; with paths, those modules.

`--changed` tries what changed since the record, writes nothing, and fails where fewer than 95 % of a module's mutants are killed.
"""

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence

from tests.mutation.mutants import modules
from tests.mutation.record import LEAST, Trial, changed, read_record, summary, write_record


def main(arguments: Sequence[str]) -> int:
    record, only_changed = read_record(), "--changed" in arguments
    named = [argument for argument in arguments if not argument.startswith("-")]
    wanted = sorted({*changed(record), *named}) if only_changed else named or modules()
    weak = False
    for module, trial in tried(wanted):
        record[module] = trial
        weak |= trial.killed < LEAST
        say(f"{module}: {trial.mutants - len(trial.survivors)} of {trial.mutants} killed, {100 * trial.killed:.1f} %")
        if only_changed:
            say(*(f"  survived: {survivor}" for survivor in trial.survivors))
        else:
            write_record(record)
    say(summary(record))
    return int(weak)


def tried(wanted: Sequence[str]) -> Iterator[tuple[str, Trial]]:
    """Each module with its trial, as they end; as many at a time as there are processors. Nothing is prepared for nothing."""
    if not wanted:
        return
    from tests.mutation.trial import Trials, of_module, remember

    with multiprocessing.get_context("fork").Pool(os.cpu_count(), initializer=remember, initargs=(Trials(wanted),)) as pool:
        yield from pool.imap_unordered(of_module, wanted)


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # which of several a set gives first may decide whether a mutant is noticed
        os.execve(sys.executable, [sys.executable, "-m", "tests.mutation", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    sys.exit(main(sys.argv[1:]))
