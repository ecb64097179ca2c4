"""How far one call may go. Every number is ours; none comes from a server."""

import msgspec

HARD_DEADLINE = 4.5
"""Seconds. EHRs have given up by then (trust.md 1, Epic and Oracle as clients)."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, bytes and counts. `deadline` is for everything one call asks for, from its first request."""

    deadline: float = 2.0
    pages: int = 10
    resources: int = 2_000
    page_bytes: int = 5_000_000
    call_bytes: int = 20_000_000
    metadata_bytes: int = 262_144
    metadata_seconds: float = 1.0
    metadata_again: float = 60.0
    retry_after: tuple[float, float] = (0.05, 0.2)
    retry_needs: float = 0.3
    breaker_failures: int = 5
    breaker_seconds: float = 5.0
    calls_per_server: int = 32
    requests_per_server: int = 48
    idle_connections: int = 48

    def __post_init__(self) -> None:
        if not 0 < self.deadline <= HARD_DEADLINE:
            raise ValueError(f"the deadline must be at most {HARD_DEADLINE} s")
