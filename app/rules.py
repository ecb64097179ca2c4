"""The files that decide, as one number: which rules gave an answer, and whether those on disk are still the ones loaded (fault 31).

`python -m app.rules` prints it for the settings of the environment.
"""

import asyncio
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import guidelines.ta279
from app.settings import Settings, SettingsError, read_settings

NO_RULE = (".pyc",)


class Rules:
    """The guideline's code, value sets and thresholds, a profile of the site's own, and its overlay."""

    def __init__(self, settings: Settings) -> None:
        self._places = [Path(guidelines.ta279.__path__[0]), Path(settings.profile), settings.overlay_dir]
        self.hash = self._read()
        if settings.rules_hash not in (None, self.hash):
            raise SettingsError(f"VACDS_RULES_HASH: the rules on disk are others; their hash is {self.hash}")

    async def trouble(self) -> str:
        """Empty where the files are those that were loaded. If not, the next process that starts would answer otherwise than this one."""
        now = await asyncio.to_thread(self._read)
        return "" if now == self.hash else "the rules on disk are not those that were loaded at start"

    def _read(self) -> str:
        digest = sha256()
        for place in self._places:
            for path in files(place):
                content = path.read_bytes()
                name = path.name if place is None or place == path else path.relative_to(place).as_posix()
                digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def files(place: Path | None) -> Iterable[Path]:
    """All of a folder, in one order everywhere; a file alone; nothing where there is neither: a profile that ships goes by its name."""
    if place is None or not place.exists():
        return []
    inside = sorted(place.rglob("*"), key=Path.as_posix) if place.is_dir() else [place]
    return (path for path in inside if path.is_file() and path.suffix not in NO_RULE)


if __name__ == "__main__":
    try:
        sys.stdout.write(Rules(read_settings()).hash + "\n")
    except SettingsError as error:
        sys.exit(str(error))
