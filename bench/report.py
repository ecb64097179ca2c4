"""The figures as text: for the terminal and for RESULTS.md."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from bench.measure import CPU_SECONDS_PER_ROUND, ROUNDS, Result

RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "msgspec", "orjson")
MICROSECONDS = 1e6

INTRODUCTION = """\
# What a call costs

CPU time of the server process for one patient-view call, beside that of a bare ASGI app which reads the same bytes and runs
`orjson.loads` on them: same run, same core, same server (uvicorn with uvloop and httptools), in turn. The ratio is what carries over to
another machine; the microseconds do not. Written by `make bench`.
"""


def report(results: Sequence[Result], stages: Mapping[str, Mapping[str, float]]) -> str:
    return "\n".join([INTRODUCTION, machine(), table(results), method(), stage_table(stages)])


def machine() -> str:
    installed = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{processor()}, {platform.system()}, Python {platform.python_version()}; {installed}.\n"


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(results: Sequence[Result]) -> str:
    head = ["| call | body, bytes | service, µs | bare, µs | ratio | median ratio | goal | |", "|---|---:|---:|---:|---:|---:|---:|---|"]
    return "\n".join([*head, *(row(result) for result in results), ""])


def row(result: Result) -> str:
    goal = "" if result.case.goal is None else f"{result.case.goal:.1f}"
    verdict = "" if result.case.goal is None else "reached" if result.reached else "missed"
    times = f"{result.service * MICROSECONDS:,.0f} | {result.yardstick * MICROSECONDS:,.0f}"
    ratios = f"{result.ratio:.2f} | {result.paired_ratio:.2f}"
    return f"| {result.case.title} | {len(result.case.body):,} | {times} | {ratios} | {goal} | {verdict} |"


def method() -> str:
    return (
        f"Best of {ROUNDS} rounds each, about {CPU_SECONDS_PER_ROUND} s of CPU time a round; beside it the median of the rounds taken in\n"
        "pairs. One connection, the client on another core where there is one. The charts are made by `bench/chart.py`; an answer without\n"
        "the cards it must hold is not timed.\n"
    )


def stage_table(stages: Mapping[str, Mapping[str, float]]) -> str:
    """Microseconds and shares of the pure function from bytes to answer, without HTTP."""
    names = list(next(iter(stages.values())))
    lines = ["## Where the time goes, from bytes to answer, without HTTP", "", "| call | " + " | ".join(names) + " | sum, µs |"]
    lines.append("|---|" + "---:|" * (len(names) + 1))
    for title, spent in stages.items():
        total = sum(spent.values())
        cells = [f"{seconds * MICROSECONDS:,.0f} ({seconds / total:.0%})" for seconds in spent.values()]
        lines.append(f"| {title} | " + " | ".join(cells) + f" | {total * MICROSECONDS:,.0f} |")
    return "\n".join([*lines, ""])
