"""The text of `GET /metrics`, of one worker or of several that count together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@contextmanager
def counted_together() -> Iterator[None]:
    """For whoever starts several workers: the directory in which they keep their counts, named before they begin, removed at the end."""
    with TemporaryDirectory(prefix="vacds-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def exposition(registry: CollectorRegistry) -> bytes:
    """`registry` is this worker's, and not looked at where workers count together."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(registry)
    forget_the_dead(Path(folder))
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def forget_the_dead(folder: Path) -> None:
    """What a worker was doing when it ended is over; what it has counted stays."""
    for kept in folder.glob("gauge_live*.db"):
        if not Path("/proc", kept.stem.rpartition("_")[2]).exists():
            kept.unlink(missing_ok=True)
