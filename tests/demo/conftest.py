"""The whole service in demo mode on a port of its own, on a day that does not change."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from app.demo.samples import Sample, load_samples
from app.main import create_app
from app.settings import Mode, Settings
from tests.service import serving

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def service() -> Iterator[httpx.Client]:
    """A client whose addresses are relative to the service's."""
    app = create_app(Settings(mode=Mode.DEMO), today=lambda: TODAY)
    with serving(app) as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}") as client:
        yield client


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    return load_samples(TODAY)
