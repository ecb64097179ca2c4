"""The OpenAPI document: FastAPI's own, with examples whose answers the service gave. `python -m app.openapi` writes it as YAML.

Every answer's example carries `x-request`: what was asked of which service; its body is the request example of the same name, if there
is one. So the document alone suffices to ask again. The reference service behind it is in demo mode with every default and one fixed day.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import yaml
from fastapi import FastAPI
from pydantic import SecretStr

from app import reference_patient
from app.demo_examples import demo_examples
from app.examples import Example, Variant, examples
from app.main import House, build_house, create_app
from app.order_examples import order_examples
from app.settings import Auth, Mode, Settings

PUBLIC_URL = "http://localhost:8000"
CHANCE = ("uuid", "hookInstance")
FIXED_UUID = "7ddb7a35-5e40-4dd2-a5ea-40f7bf8ec54a"
FIRST_WORDS = 15
LINE = 140

ALL_EXAMPLES = (*examples(), *order_examples(), *demo_examples())

Json = dict[str, Any]


def reference_services(folder: str | Path) -> Mapping[Variant, FastAPI]:
    """The service as documented, the same with a closed door, and one that fails. What they keep is in the folder."""
    database_url = f"sqlite:///{folder}/reference.sqlite3"
    settings = Settings.model_construct(mode=Mode.DEMO, public_url=PUBLIC_URL, database_url=database_url)
    locked = Settings.model_construct(
        mode=Mode.DEMO, public_url=PUBLIC_URL, database_url=database_url, auth=Auth.REQUIRED, dashboard_token=SecretStr(token_hex())
    )
    house = build_house(settings)
    return {
        "open": create_app(settings, lambda: reference_patient.DAY, house),
        "locked": create_app(locked, lambda: reference_patient.DAY, house),
        "failing": failing_service(Path(folder), house),
    }


def failing_service(folder: Path, house: House) -> FastAPI:
    """Its clock and its canary are broken, and its database is gone."""
    database = folder / "gone.sqlite3"
    settings = Settings.model_construct(mode=Mode.DEMO, public_url=PUBLIC_URL, database_url=f"sqlite:///{database}")
    app = create_app(settings, _broken_clock, msgspec.structs.replace(house, ready=lambda: False))
    database.unlink()
    return app


def described(app: FastAPI) -> Json:
    """FastAPI's document of an app in demo mode, with our examples of what to ask; `/openapi.json`."""
    schema: Json = msgspec.json.decode(msgspec.json.encode(app.openapi()))
    for example in ALL_EXAMPLES:
        if example.body is not None:
            content = _operation(schema, example)["requestBody"]["content"][example.media_type]
            content.pop("example", None)
            content.setdefault("examples", {})[example.name] = {"summary": example.summary, "value": example.body}
    return schema


async def document() -> Json:
    """The same with what is answered, asked of the reference services; `openapi.yaml`."""
    async with AsyncExitStack() as ending:
        services = reference_services(ending.enter_context(TemporaryDirectory()))
        for service in services.values():
            await ending.enter_async_context(service.router.lifespan_context(service))
        schema = described(services["open"])
        for example in ALL_EXAMPLES:
            await _record(_operation(schema, example), example, services[example.variant])
        return schema


def _operation(schema: Json, example: Example) -> Json:
    operation: Json = schema["paths"][example.operation][example.method.lower()]
    return operation


async def _record(operation: Json, example: Example, service: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url=PUBLIC_URL) as client:
        answer = await client.request(example.method, example.address, headers=example.headers, content=example.content)
    media_type = answer.headers["content-type"].partition(";")[0]
    told = {"summary": example.summary, "value": recorded_value(answer.text, media_type), "x-request": _request(example)}
    _add(operation["responses"][str(answer.status_code)], media_type, example.name, told)


def _add(described: Json, media_type: str, name: str, example: Json) -> None:
    """An example of one media type. What was told of other types before anything was recorded goes: nothing of theirs is ever given."""
    content = described["content"].get(media_type, {"schema": {"type": "object" if media_type.endswith("json") else "string"}})
    content.pop("example", None)
    content.setdefault("examples", {})[name] = example
    described["content"] = {kind: told for kind, told in described["content"].items() if "examples" in told} | {media_type: content}


def recorded_value(text: str, media_type: str) -> Any:
    """What an example shows of an answer: JSON whole, with one uuid for every random one; of anything else the first words."""
    return without_chance(msgspec.json.decode(text)) if media_type.endswith("json") else text[:FIRST_WORDS]


def without_chance(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: FIXED_UUID if name in CHANCE else without_chance(inner) for name, inner in value.items()}
    return [without_chance(inner) for inner in value] if isinstance(value, list) else value


def _request(example: Example) -> Json:
    return {"method": example.method, "address": example.address, "headers": dict(example.headers), "service": example.variant}


def _broken_clock() -> date:
    raise RuntimeError("the clock is broken")


def as_yaml(schema: Json) -> str:
    """Written out in full: a value that occurs twice is not told by reference."""
    copied = msgspec.json.decode(msgspec.json.encode(schema))
    return yaml.safe_dump(copied, sort_keys=False, allow_unicode=True, width=LINE)


if __name__ == "__main__":
    sys.stdout.write(as_yaml(asyncio.run(document())))
