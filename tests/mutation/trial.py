"""Tries mutants: each in a fork of its own, against every check, the one that killed last first."""

import gc
import os
import resource
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial

from tests.mutation.battery import Check, checks
from tests.mutation.mutants import Mutants, digest
from tests.mutation.record import Trial

CPU_SECONDS = 20
SURVIVED, BY_UNIT_TESTS, BY_FORCE = "survived", "unit tests", "a crash or the time limit"

_UNIT = "tests/unit"
_TERMINOLOGY = tuple(f"{_UNIT}/test_terminology_{of}.py" for of in ("text", "systems", "levels", "roles", "files", "overlay"))
UNIT_TESTS = {
    "clinical/": (f"{_UNIT}/clinical", f"{_UNIT}/test_newest.py", *_TERMINOLOGY[2:4]),
    "guidelines/ta279/terminology": _TERMINOLOGY,
    "fhir_mapping/": tuple(f"{_UNIT}/fhir_mapping/test_{of}.py" for of in ("patient_guard", "links", "patient_bundle")),
}
"""Where the cases do not go: tests that are run besides, by the beginning of the module's path."""


class Trials:
    """The checks, prepared once for every module."""

    def __init__(self) -> None:
        self._checks: list[Check] = list(checks())
        run_pytest("--collect-only", *sorted({test for tests in UNIT_TESTS.values() for test in tests}))
        gc.collect()
        gc.freeze()

    def of_module(self, module: str) -> Trial:
        """RuntimeError if a check fails although nothing was mutated."""
        mutants = Mutants(module)
        unit_tests = [test for start, tests in UNIT_TESTS.items() if module.startswith(start) for test in tests]
        if (failed := self._killer(lambda: None, unit_tests)) != SURVIVED:
            raise RuntimeError(f"{failed} fails without a mutant")
        survived = [name for name in mutants.names if self._killer(partial(mutants.activate, name), unit_tests) == SURVIVED]
        return Trial(digest(module), len(mutants.names), sorted(map(mutants.change, survived)))

    def _killer(self, prepare: Callable[[], None], unit_tests: list[str]) -> str:
        """What fails in a fork in which `prepare` was called."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._try(prepare, unit_tests, writing)
        os.close(writing)
        with os.fdopen(reading, "r") as pipe:
            told = pipe.read() or BY_FORCE
        os.waitpid(child, 0)
        if told.isdecimal():
            self._checks.insert(0, self._checks.pop(int(told)))
            return self._checks[0].name
        return told

    def _try(self, prepare: Callable[[], None], unit_tests: list[str], writing: int) -> None:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            prepare()
            os.write(writing, self._first_failure(unit_tests).encode())
        finally:
            os._exit(0)

    def _first_failure(self, unit_tests: list[str]) -> str:
        for number, check in enumerate(self._checks):
            try:
                held = check.holds()
            except Exception:  # noqa: BLE001  # whatever goes wrong, the mutant was noticed
                held = False
            if not held:
                return str(number)
        return BY_UNIT_TESTS if unit_tests and run_pytest("-x", *unit_tests) else SURVIVED


_prepared: list[Trials] = []


def remember(trials: Trials) -> None:
    """What a worker process inherits."""
    _prepared.append(trials)


def of_module(module: str) -> tuple[str, Trial]:
    return module, _prepared[0].of_module(module)


def run_pytest(*arguments: str) -> int:
    import pytest

    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", *arguments]))
