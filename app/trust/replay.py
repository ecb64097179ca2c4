"""Whether a token is used for the first time, by all workers together."""

from typing import Protocol


class StoreUnavailable(Exception):
    """It cannot be told. Whoever asks must refuse."""


class ReplayStore(Protocol):
    async def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Whether this issuer's `jti` was never used before; it is remembered until `expires`, in seconds since 1970."""
        ...


class RememberedUses:
    """In this process only."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    async def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        new = (issuer, jti) not in self._seen
        self._seen.add((issuer, jti))
        return new
