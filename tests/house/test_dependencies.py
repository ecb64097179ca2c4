"""What is installed is what is declared: hashes pinned, locks in step, nothing imported that is not shipped."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from app.main import VERSION
from tests.house.test_purity import imported_roots
from tests.house.tree import ROOMS, ROOT, nodes, where

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str) -> dict[str, Version]:
    return {canonicalize_name(name): Version(pinned) for name, pinned in PINNED.findall((ROOT / lock).read_text())}


RUNTIME = pins("requirements.lock")
DEVELOPMENT = pins("requirements-dev.lock")


@pytest.mark.parametrize("declared", PROJECT["dependencies"])
def test_the_runtime_lock_satisfies_what_is_declared(declared: str) -> None:
    requirement = Requirement(declared)
    assert requirement.specifier.contains(RUNTIME[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("declared", PROJECT["optional-dependencies"]["dev"] + PROJECT["optional-dependencies"]["otel"])
def test_the_development_lock_satisfies_what_is_declared(declared: str) -> None:
    requirement = Requirement(declared)
    assert requirement.specifier.contains(DEVELOPMENT[canonicalize_name(requirement.name)])


def test_tests_run_against_the_versions_that_ship() -> None:
    assert {name: pinned for name, pinned in RUNTIME.items() if DEVELOPMENT.get(name) != pinned} == {}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-otel.lock", "requirements-dev.lock"])
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)[1:]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(PINNED.findall((ROOT / lock).read_text()))


def test_the_rooms_import_only_what_the_runtime_lock_installs() -> None:
    """A development dependency imported by the service would pass every test and fail at a customer's."""
    owners = packages_distributions()
    missing = [
        f"{where(path, node)} {root}"
        for path, node in nodes(*ROOMS)
        for root in imported_roots(node) - {*ROOMS, *sys.stdlib_module_names}
        if not any(canonicalize_name(owner) in RUNTIME for owner in owners.get(root, []))
    ]
    assert missing == []


def test_the_installed_versions_are_the_locked_ones() -> None:
    assert {name: version(name) for name in RUNTIME if Version(version(name)) != RUNTIME[name]} == {}


def test_the_service_tells_the_version_that_is_declared() -> None:
    assert PROJECT["version"] == VERSION
