"""A server that keeps failing is not asked for a while, so that nobody waits for it and it can come back (trust.md 3, fault 5)."""

from collections.abc import Callable

from app.fhir_access.limits import Limits


class Breaker:
    """Counts calls, not requests: one call makes many requests at once. `clock` is monotonic, seconds.

    Closed; open after so many failed calls in a row; half open after a while: one call tries, and its end decides.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False

    def admits(self) -> bool:
        """Whether a call may ask. One that may must say how it ended."""
        if self._opened_at is None:
            return True
        if self._trying or self._clock() - self._opened_at < self._limits.breaker_seconds:
            return False
        self._trying = True
        return True

    def ended(self, *, failed: bool | None) -> None:
        """None: the call ended without telling anything of the server, as when its client left."""
        self._trying = False
        if failed is None:
            return
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= self._limits.breaker_failures:
            self._opened_at = self._clock()
        elif not failed:
            self._opened_at = None
