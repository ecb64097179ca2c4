"""`python -m tests.supply_chain.audit`: is a vulnerability known of anything in the locks? 0 no, 1 yes, 3 not run.

pip-audit says "No known vulnerabilities found" and succeeds when it could ask about nothing (trust.md 2.7), so what counts here is that
each package of the lock was looked up. Its --strict would stop at the first that was not, and keep to itself what it knows of the others.
"""

import subprocess
import sys
from collections.abc import Collection

import msgspec

from tests.house.tree import ROOT
from tests.supply_chain.locks import LOCKS, pinned

NOTHING_KNOWN, KNOWN, NOT_RUN = 0, 1, 3
LIMIT_SECONDS = 600


class Vulnerability(msgspec.Struct):
    id: str


class Looked(msgspec.Struct):
    name: str
    version: str = ""
    vulns: list[Vulnerability] | None = None
    skip_reason: str = ""


class Report(msgspec.Struct):
    dependencies: list[Looked]


def verdict(report: bytes, packages: Collection[str]) -> tuple[int, str]:
    """What pip-audit's JSON says of these packages: an exit code and a line."""
    try:
        found = msgspec.json.decode(report, type=Report).dependencies
    except msgspec.DecodeError:
        return NOT_RUN, "not run: no report came"
    bad = [f"{each.name} {each.version}: {', '.join(vulnerability.id for vulnerability in each.vulns)}" for each in found if each.vulns]
    if bad:
        return KNOWN, f"{len(bad)} packages with known vulnerabilities: {'; '.join(bad)}"
    looked_up = {each.name for each in found if each.vulns is not None and not each.skip_reason}
    missing = sorted(set(packages) - looked_up)
    if missing or not packages:
        return NOT_RUN, f"not run: {len(missing)} of {len(packages)} packages were not looked up, {', '.join(missing[:3])} among them"
    return NOTHING_KNOWN, f"no known vulnerability in {len(packages)} packages"


def audited(lock: str) -> tuple[int, str]:
    command = ["pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    run = subprocess.run(
        [sys.executable, "-m", *command, "--requirement", lock], cwd=ROOT, capture_output=True, timeout=LIMIT_SECONDS, check=False
    )
    return verdict(run.stdout, pinned(lock))


def main() -> int:
    codes = []
    for lock in LOCKS:
        code, line = audited(lock)
        codes.append(code)
        sys.stdout.write(f"{lock}: {line}\n")
    return KNOWN if KNOWN in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
