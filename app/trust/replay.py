"""Whether a token is used for the first time, by all workers together."""

from typing import Protocol


class Replay(Protocol):
    async def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """True once, for all who ask. `expires`, in seconds since 1970: from when on the token is refused for its age alone.

        StoreUnavailable where that cannot be told: then nobody is let in.
        """
        ...


class RememberedUses:
    """In this process only."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    async def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        new = (issuer, jti) not in self._seen
        self._seen.add((issuer, jti))
        return new
