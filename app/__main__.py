"""`python -m app`: read the environment, build the service, serve it."""

import gc
import logging
import sys

import httptools  # noqa: F401 - asserted: the pure Python parser costs three times as much
import uvicorn
import uvloop  # noqa: F401 - asserted: as above
from fastapi import FastAPI

from app import logs
from app.http_protocol import BoundedProtocol
from app.main import create_app
from app.settings import Settings, SettingsError, read_settings
from hooks.patient_view.service import PatientViewService

GRACE_SECONDS = 6  # longer than any answer takes, so that a stop cuts none short
KEEP_ALIVE_SECONDS = 75  # longer than common proxies keep an idle connection, so that they close it and not we


def main() -> int:
    logs.install()
    try:
        settings = read_settings()
        config = uvicorn_config(create_app(settings), settings.host, settings.port)
    except SettingsError as error:
        print(f"vertebral-augmentation-cds does not start. {error}", file=sys.stderr)
        return 2
    config.load()
    socket = config.bind_socket()
    socket.listen(config.backlog)  # before anybody is told where: calls wait until they are served
    if settings.demo:
        print(welcome(settings, socket.getsockname()[1]), flush=True)
    settle_memory()
    uvicorn.Server(config).run(sockets=[socket])
    return 0


def uvicorn_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How the application is served, wherever it is."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def settle_memory() -> None:
    """What start made stays: the collector need not look at it again, and seldom at the rest (13 % of a 1 MB call)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def welcome(settings: Settings, port: int) -> str:
    base = settings.public_url or f"http://localhost:{port}"
    return f"""
Vertebral Augmentation CDS, demo mode: fictitious patients only, {"no authentication" if not settings.auth_required else "calls refused"}.

  Try it     {base}/
  Discovery  {base}/cds-services
  By hand    curl -s {base}/demo/calls/eligible-uk |
             curl -s -H 'Content-Type: application/json' --data-binary @- {base}/cds-services/{PatientViewService.id}
"""


if __name__ == "__main__":
    logging.captureWarnings(capture=True)
    sys.exit(main())
