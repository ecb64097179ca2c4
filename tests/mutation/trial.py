"""Tries mutants: each in a fork of its own, against every check, the one that killed last first."""

import gc
import os
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from tempfile import TemporaryDirectory

from tests.mutation.battery import Check, checks
from tests.mutation.mutants import Mutants, digest
from tests.mutation.record import Trial

CPU_SECONDS = 20
SURVIVED, BY_FORCE = "survived", "a crash or the time limit"

_UNIT = "tests/unit"
_TERMINOLOGY = tuple(f"{_UNIT}/test_terminology_{of}.py" for of in ("text", "systems", "levels", "roles", "files", "overlay"))
UNIT_TESTS = {
    "clinical/": (f"{_UNIT}/clinical", f"{_UNIT}/test_newest.py", *_TERMINOLOGY[2:4]),
    "guidelines/ta279/analgesia": (f"{_UNIT}/guidelines/test_analgesia.py",),
    "guidelines/ta279/case": (f"{_UNIT}/test_newest.py",),
    "guidelines/ta279/thresholds": (f"{_UNIT}/guidelines/test_thresholds.py",),
    "guidelines/ta279/red_flags": (f"{_UNIT}/guidelines/test_consent.py",),
    "guidelines/ta279/guideline": (f"{_UNIT}/guidelines/test_guideline.py",),
    "guidelines/ta279/terminology": _TERMINOLOGY,
    "fhir_mapping/": tuple(
        f"{_UNIT}/fhir_mapping/test_{of}.py" for of in ("named", "whose_it_is", "patient_guard", "references", "links", "patient_bundle")
    ),
}
"""Where the cases do not go: tests that are run besides, by the beginning of the module's path."""


Reached = set[tuple[str, str]]
"""Functions, as the file and the qualified name."""


class Trials:
    """The checks, prepared once for every module; of each, the functions that it reaches."""

    def __init__(self, modules: Sequence[str]) -> None:
        kinds = {is_rule(module) for module in modules}
        self._checks = {kind: [(check, reached_by(check)) for check in checks(of_rules=kind)] for kind in kinds}
        run_pytest("--collect-only", *sorted({test for tests in UNIT_TESTS.values() for test in tests}))
        gc.collect()
        gc.freeze()

    def of_module(self, module: str) -> Trial:
        """RuntimeError if a check fails although nothing was mutated."""
        mutants = Mutants(module)
        files = [file for start, some in UNIT_TESTS.items() if module.startswith(start) for file in some]
        unit_tests = [Check(file, partial(passes, file)) for file in files]
        if (failed := Killers(list(unit_tests)).kill(lambda: None)) != SURVIVED:
            raise RuntimeError(f"{failed} does not hold, and nothing was mutated")
        killers: dict[str, Killers] = {}
        survived = []
        for name in mutants.names:
            function = mutants.function(name)
            if function not in killers:
                reaching = [check for check, reached in self._checks[is_rule(module)] if (str(mutants.path), function) in reached]
                killers[function] = Killers([*unit_tests, *reaching])
            if killers[function].kill(partial(mutants.activate, name)) == SURVIVED:
                survived.append(name)
        return Trial(digest(module), len(mutants.names), sorted(map(mutants.change, survived)))


def is_rule(module: str) -> bool:
    """Not the reading of codes, of dates or of resources."""
    return module.startswith("guidelines/") and "terminology" not in module


def reached_by(check: Check) -> Reached:
    """RuntimeError where it does not hold, although nothing was mutated."""
    reached: Reached = set()
    sys.setprofile(lambda frame, event, _: reached.add((frame.f_code.co_filename, frame.f_code.co_qualname)) if event == "call" else None)
    try:
        held = check.holds()
    finally:
        sys.setprofile(None)
    if not held:
        raise RuntimeError(f"{check.name} does not hold, and nothing was mutated")
    return reached


class Killers:
    """The checks that reach one function, the one that killed last first."""

    def __init__(self, in_order: list[Check]) -> None:
        self._checks = in_order

    def kill(self, prepare: Callable[[], None]) -> str:
        """What fails in a fork in which `prepare` was called."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._try(prepare, writing)
        os.close(writing)
        with os.fdopen(reading, "r") as pipe:
            told = pipe.read() or BY_FORCE
        os.waitpid(child, 0)
        if told.isdecimal():
            self._checks.insert(0, self._checks.pop(int(told)))
            return self._checks[0].name
        return told

    def _try(self, prepare: Callable[[], None], writing: int) -> None:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            prepare()
            os.write(writing, self._first_failure().encode())
        finally:
            os._exit(0)

    def _first_failure(self) -> str:
        for number, check in enumerate(self._checks):
            try:
                held = check.holds()
            except Exception:  # noqa: BLE001  # whatever goes wrong, the mutant was noticed
                return str(number)
            if not held:
                return str(number)
        return SURVIVED


_prepared: list[Trials] = []


def remember(trials: Trials) -> None:
    """What a worker process inherits."""
    _prepared.append(trials)


def of_module(module: str) -> tuple[str, Trial]:
    return module, _prepared[0].of_module(module)


def passes(test: str) -> bool:
    return run_pytest("-x", test) == 0


def run_pytest(*arguments: str) -> int:
    """In this process, and in a folder of its own: many run at a time. These tests need nothing of tests/conftest.py."""
    import pytest

    with TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", "--noconftest", f"--basetemp={folder}/tests", *arguments]))
