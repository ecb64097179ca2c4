"""The lock files, read."""

import re
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

RUNTIME, TRACING, DEVELOPMENT = LOCKS = ("requirements.lock", "requirements-otel.lock", "requirements-dev.lock")

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[ ]*(?:;([^\\\n]*))?", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    """Package to version, as far as the lock means this machine."""
    pins = _PIN.findall((ROOT / lock).read_text())
    return {str(canonicalize_name(name)): version for name, version, marker in pins if _is_meant(name, marker)}


def _is_meant(name: str, marker: str) -> bool:
    condition = Requirement(f"{name};{marker}").marker if marker.strip() else None
    return condition is None or condition.evaluate()


def required_by(package: str) -> set[str]:
    """What an installed package declares, its extras included."""
    return {str(canonicalize_name(Requirement(each).name)) for each in requires(package) or ()}
