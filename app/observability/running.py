"""What goes on beside the calls while the service runs: the canary is heard, log events are counted, spans leave."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from app import logs
from app.observability import traces
from app.observability.metrics import EventCounter, Metrics

CANARY_SECONDS = 60.0


@asynccontextmanager
async def observed(metrics: Metrics, ready: Callable[[], bool], version: str) -> AsyncIterator[None]:
    counter = EventCounter(metrics.events)
    logging.getLogger().addHandler(counter)
    logs.count_dropped(metrics.lines_dropped.inc)
    listening = asyncio.create_task(listen(ready, metrics))
    try:
        with traces.exported(version):
            yield
    finally:
        logging.getLogger().removeHandler(counter)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def listen(sings: Callable[[], bool], metrics: Metrics, every: float = CANARY_SECONDS) -> None:
    """At once, then every so often."""
    while True:
        metrics.canary.set(sings())
        await asyncio.sleep(every)
