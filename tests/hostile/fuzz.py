"""`python -m tests.hostile.fuzz TARGET SECONDS [FOLDER]`: atheris on one target until the time is up or a find is made.

A find is printed with its bytes and ends the run with an error. FOLDER keeps what was learnt for a later run.
"""

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]
import msgspec

with atheris.instrument_imports(include=["app", "cards", "fhir_mapping", "hooks"]):
    from tests.hostile.fuzz_targets import FINDS, SEEDS, TARGETS
    from tests.hostile.whole_requests import HOLE, HOLE_BYTES, TOKENS, at, places, replaced

TOKEN_BYTES = list(TOKENS.values())
LONGEST = 20_000


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """JSON stays JSON most of the time: one place holds a token, or what another place holds. Else, bytes as the fuzzer likes."""
    chance = Random(seed)
    try:
        whole = msgspec.json.decode(data)
        paths = list(places(whole))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        paths = []
    if not paths or chance.random() < 0.3:
        return bytes(atheris.Mutate(data, max_size))
    there = chance.choice(paths)
    token = chance.choice(TOKEN_BYTES) if chance.random() < 0.5 else msgspec.json.encode(at(whole, chance.choice(paths)))
    return msgspec.json.encode(replaced(whole, there, HOLE)).replace(HOLE_BYTES, token)[:max_size]


def main() -> None:
    name, seconds, *kept = sys.argv[1:]
    corpus = Path(kept[0] if kept else tempfile.mkdtemp())
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name] + FINDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=3000", "-print_final_stats=1"]
    options.append(f"-artifact_prefix={tempfile.mkdtemp()}/")
    mutator = {"custom_mutator": mutated} if name == "body" else {}
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name], **mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
