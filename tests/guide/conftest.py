"""One build of the guide for all who look at it."""

from pathlib import Path

import pytest

from tests.guide.building import built
from tests.guide.generated import DOCS


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(DOCS, tmp_path_factory.mktemp("site"))
