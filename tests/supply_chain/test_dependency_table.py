"""docs/dependencies.md holds one row for each package that is installed with the service, and each row is true."""

import re
import tomllib
from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT
from tests.supply_chain.locks import RUNTIME, TRACING, pinned, required_by

PAGE = (ROOT / "docs" / "dependencies.md").read_text()
ROW = re.compile(r"^\| (?!package )([a-z0-9-]+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_, DECLARED, BROUGHT, FOR_TRACING = ({name: (licence, why) for name, licence, why in ROW.findall(part)} for part in PAGE.split("\n## "))
ROWS = {**DECLARED, **BROUGHT, **FOR_TRACING}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(each).name)) for each in requirements}


def test_every_package_has_its_row_and_every_row_its_package() -> None:
    assert set(DECLARED) == names(PROJECT["dependencies"])
    assert set(DECLARED) | set(BROUGHT) == set(pinned(RUNTIME))
    assert set(FOR_TRACING) == set(pinned(TRACING)) - set(pinned(RUNTIME))


@pytest.mark.parametrize("package", ROWS)
def test_the_licence_is_the_one_that_the_package_declares(package: str) -> None:
    told, declared = ROWS[package][0], metadata(package)
    (expression,) = declared.get_all("License-Expression") or [""]
    classifiers = [line for line in declared.get_all("Classifier") or () if line.startswith("License")]
    spoken = " ".join([*(declared.get_all("License") or ()), *classifiers])
    assert told == expression if expression else told.partition("-")[0] in spoken


@pytest.mark.parametrize("package", [*BROUGHT, *FOR_TRACING])
def test_who_brings_a_package_along_asks_for_it(package: str) -> None:
    by = {**BROUGHT, **FOR_TRACING}[package][1]
    if by.startswith("declared"):
        assert package in names(PROJECT["optional-dependencies"]["otel"])
    else:
        assert [parent for parent in by.split(", ") if package not in required_by(parent) or parent not in ROWS] == []


def test_every_declared_package_has_a_reason() -> None:
    assert [name for name, (_, why) in DECLARED.items() if len(why.split()) < 3] == []
