"""The demo's addresses on an app. Called in demo mode only: production has none of them."""

from collections.abc import Callable
from datetime import date
from typing import Protocol

from fastapi import FastAPI

from app.demo.calls import Calls, calls_router
from app.demo.charts import Charts
from app.demo.fhir_face import FhirFace, fhir_router
from app.demo.page import TryIt, page_router
from app.demo.profiles import Registries, profiles_router
from app.demo.smart import Smart, smart_router
from app.trust.gate import Gate


class DemoSettings(Protocol):
    """What the demo reads of the settings."""

    @property
    def public_url(self) -> str | None: ...
    @property
    def profile(self) -> str: ...


def mount_demo(app: FastAPI, settings: DemoSettings, today: Callable[[], date], registries: Registries, gate: Gate) -> None:
    """Adds the try-it page, the sample charts and `/demo/fhir` to the app; `today` answers with the service's day when asked.

    `registries` are the services under each threshold profile that the page can switch to.
    """
    charts = Charts(today)
    app.include_router(page_router(TryIt(charts, settings.profile)))
    app.include_router(profiles_router(registries, gate, today))
    app.include_router(calls_router(Calls(charts, settings.public_url)))
    app.include_router(smart_router(Smart(charts, settings.public_url)))
    app.include_router(fhir_router(FhirFace(charts, settings.public_url)))
