"""`make bench`: start the servers, measure, print, write RESULTS.md. Ends with 1 if a goal is missed."""

import os
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import product

import orjson

from bench.measure import Case, measure_all
from bench.report import RESULTS, report
from bench.request import SERVICE, body_of
from bench.server import BARE, Server, cores, running
from bench.stages import stages_of

SIZES = {"60 KB": 60_000, "1 MB": 1_000_000}
GOALS = {("60 KB", False): 0.8, ("1 MB", False): 0.4, ("60 KB", True): 1.4, ("1 MB", True): 0.5}
ELIGIBLE_CARDS = ("ta279CriteriaMet",)


def main() -> int:
    os.sched_setaffinity(0, {cores()[1]})
    with ExitStack() as servers:
        yardstick = servers.enter_context(running(BARE, {}, None))
        services = {explain: servers.enter_context(running(("app",), environment(explain), "/livez")) for explain in (False, True)}
        cases = cases_for(services[False])
        results = measure_all(cases, services, f"/cds-services/{SERVICE}", yardstick)
    stages = {case.title: stages_of(case.body, explain=case.explain) for case in cases}
    text = report(results, stages)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0 if all(result.reached for result in results) else 1


def environment(explain: bool) -> dict[str, str]:
    return {"VACDS_MODE": "demo", "VACDS_EXPLAIN": str(explain).lower()}


def cases_for(service: Server) -> list[Case]:
    """Bodies for the prefetch queries that discovery advertises today."""
    advertised = orjson.loads(service.get("/cds-services"))["services"]
    templates = next(entry["prefetch"] for entry in advertised if entry["id"] == SERVICE)
    today = datetime.now(UTC).date()
    bodies = {
        (size, eligible): body_of(templates, SIZES[size], today, eligible=eligible) for size, eligible in product(SIZES, (False, True))
    }
    return [
        Case(
            title=f"{size}, {'eligible, cards' if eligible else 'no fracture'}{' and Evaluation' if explain else ''}",
            body=bodies[size, eligible],
            explain=explain,
            goal=None if explain else GOALS[size, eligible],
            cards=ELIGIBLE_CARDS if eligible else (),
        )
        for size, eligible, explain in product(SIZES, (False, True), (False, True))
        if eligible or not explain
    ]


if __name__ == "__main__":
    sys.exit(main())
