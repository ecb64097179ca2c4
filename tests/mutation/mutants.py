"""The mutants of one module, as mutmut makes them, each of which can take the place of the function that it was made from."""

import difflib
import hashlib
import inspect
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parents[2]
GUARD = ("fhir_mapping/named.py", "fhir_mapping/patient_guard.py", "fhir_mapping/references.py")


def modules() -> list[str]:
    """Every module that is mutated, as a path below the root: the rules, what they stand on, and the guard of the patient."""
    rules = [path for folder in ("clinical", "guidelines") for path in (ROOT / folder).rglob("*.py")]
    return sorted([*(path.relative_to(ROOT).as_posix() for path in rules), *GUARD])


def digest(module: str) -> str:
    return hashlib.sha256((ROOT / module).read_bytes()).hexdigest()[:16]


class Mutants:
    """Of one module, given as a path below the root."""

    def __init__(self, module: str) -> None:
        self.path = path = ROOT / module
        self._module = import_module(module.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        self._file = mutate_file_contents(module, path.read_text(encoding="utf-8"))
        self._lines = self._file.code.splitlines()
        self._made: dict[str, Any] = {"__name__": self._module.__name__, "__file__": str(path)}
        exec(compile(self._file.code, str(path), "exec"), self._made)  # noqa: S102  # the module once more, with every mutant in it

    @property
    def names(self) -> Sequence[str]:
        return self._file.mutant_names

    def activate(self, mutant: str) -> None:
        """For this process, wherever the function was imported to."""
        function, made = _function(self._module, mutant), _unwrapped(self._made[f"mutants_{_mangled(mutant)}__mutmut"][mutant])
        function.__code__, function.__defaults__, function.__kwdefaults__ = made.__code__, made.__defaults__, made.__kwdefaults__

    def function(self, mutant: str) -> str:
        """The qualified name of the function that was mutated."""
        return ".".join(_path(mutant))

    def change(self, mutant: str) -> str:
        """What the mutant changes: function, lines taken out, lines put in."""
        before, after = (self._body(name) for name in (f"{_mangled(mutant)}__mutmut_orig", mutant))
        changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
        return f"{self.function(mutant)}: {' '.join(' '.join(line.split()) for line in changed)}"

    def _body(self, function: str) -> list[str]:
        span = self._file.line_span_by_function_name[function]
        lines = [line.strip() for line in self._lines[span.start - 1 : span.end]]
        return [line.replace(f"{function}(", f"{_path(function)[-1]}(") for line in lines if line]


def _mangled(mutant: str) -> str:
    return mutant.rpartition("__mutmut_")[0]


def _path(mutant: str) -> list[str]:
    """`x_f__mutmut_1` is `f`, `xǁCǁf__mutmut_1` is `C.f`."""
    return _mangled(mutant).removeprefix("x_").removeprefix("xǁ").split("ǁ")


def _function(holder: Any, mutant: str) -> FunctionType:
    for name in _path(mutant):
        holder = inspect.getattr_static(holder, name)
    return _unwrapped(holder)


def _unwrapped(found: Any) -> FunctionType:
    """The plain function in a property, a method or a decorator's wrapper."""
    while not isinstance(found, FunctionType):
        found = next(getattr(found, name) for name in ("fget", "func", "__func__", "__wrapped__") if getattr(found, name, None))
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType)
    return function
