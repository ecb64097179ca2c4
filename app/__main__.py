"""`python -m app`: read the environment, build the service, serve it."""

import gc
import logging
import sys
from socket import socket

import httptools  # noqa: F401 - asserted: the pure Python parser costs three times as much
import uvicorn
import uvloop  # noqa: F401 - asserted: as above
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import logs
from app.http_protocol import BoundedProtocol
from app.main import create_app
from app.observability.scrape import counted_together
from app.settings import Settings, SettingsError, read_settings
from hooks.patient_view.service import PatientViewService

GRACE_SECONDS = 6  # longer than any answer takes, so that a stop cuts none short
KEEP_ALIVE_SECONDS = 75  # longer than common proxies keep an idle connection, so that they close it and not we
START_SECONDS = 60  # a worker that says nothing for so long is replaced; to begin takes one a few seconds
WORKER = "app.__main__:worker"


def main() -> int:
    logs.install()
    try:
        settings = read_settings()
        app = create_app(settings)
    except SettingsError as error:
        return refuse(error)
    config = uvicorn_config(app if settings.workers == 1 else WORKER, settings.host, settings.port, settings.workers)
    listening = config.bind_socket()
    listening.listen(config.backlog)  # before anybody is told where: calls wait until they are served
    if settings.demo:
        print(welcome(settings, listening.getsockname()[1]), flush=True)
    settle_memory()
    return serve(config, listening)


def serve(config: uvicorn.Config, listening: socket) -> int:
    """One process, or several behind one socket: the supervisor replaces one that dies and passes on the order to stop."""
    if config.workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
        return 0
    supervisor = Multiprocess(config, sockets=[listening])
    with counted_together():
        supervisor.run()
    return STARTUP_FAILURE if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes) else 0


def worker() -> FastAPI:
    """The app of one worker process, which reads everything again. Where that has become unusable the other workers go on."""
    logs.install()
    try:
        app = create_app(read_settings())
    except SettingsError as error:
        sys.exit(refuse(error))
    settle_memory()
    return app


def refuse(error: SettingsError) -> int:
    print(f"vertebral-augmentation-cds does not start. {error}", file=sys.stderr)
    return 2


def uvicorn_config(app: FastAPI | str, host: str, port: int, workers: int = 1) -> uvicorn.Config:
    """How the application is served, wherever it is."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
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
        timeout_worker_healthcheck=START_SECONDS,
    )


def settle_memory() -> None:
    """What start made stays: the collector need not look at it again, and seldom at the rest (13 % of a 1 MB call)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def welcome(settings: Settings, port: int) -> str:
    base = settings.public_url or f"http://localhost:{port}"
    return f"""
Vertebral Augmentation CDS, demo mode: fictitious patients only, {"no authentication" if not settings.auth_required else "with tokens"}.

  Try it     {base}/
  Discovery  {base}/cds-services
  By hand    curl -s {base}/demo/calls/eligible-uk |
             curl -s -H 'Content-Type: application/json' --data-binary @- {base}/cds-services/{PatientViewService.id}
"""


if __name__ == "__main__":
    logging.captureWarnings(capture=True)
    sys.exit(main())
