"""`/demo/profiles`: the same hook call answered under another threshold profile, so that the try-it page can compare them."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Path

from app.errors import NothingThere
from app.outcomes import JSON
from app.routes.bytes_route import Described, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.gate import Gate
from guidelines.ta279.thresholds import PROFILES, shipped_profiles
from hooks.messages import CDSRequest, CDSResponse
from hooks.registry import Registry

Registries = Mapping[str, Registry]

Profile = Annotated[str, Path(description="A threshold profile that ships with the service.", examples=["msac-au"])]
ServiceId = Annotated[str, Path(description="The id of a service in discovery.")]


def descriptions() -> Mapping[str, str]:
    """What each shipped profile stands for, by name, the service's defaults first."""
    names = sorted(shipped_profiles(), key=lambda name: (name != "default", name))
    return {name: tomllib.loads((PROFILES / f"{name}.toml").read_text(encoding="utf-8"))["description"] for name in names}


def profiles_router(registries: Registries, gate: Gate, today: Callable[[], date]) -> APIRouter:
    router = APIRouter(prefix="/demo/profiles", tags=["try it"])

    async def call_under_profile(
        body: Annotated[bytes, Body(media_type=JSON), Described(CDSRequest)], profile: Profile, service_id: ServiceId
    ) -> bytes:
        """A hook call that brings all its prefetch, answered under that profile. Nothing is fetched."""
        for service in registries.get(profile, ()):
            if service.id == service_id:
                return service.answer(body, today())
        raise NothingThere("there is no such profile, or no service of this id")

    router.add_api_route(
        "/{profile}/{service_id}",
        call_under_profile,
        methods=["POST"],
        route_class_override=bytes_route(gate),
        response_model=CDSResponse,
        dependencies=[CLIENT_TOKEN],
        responses=errors(400, 401, 404, 412, 413, 415),
    )
    return router
