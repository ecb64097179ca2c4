"""Prints the decision table's counts: `python -m tests.decision_table`."""

import sys
from collections import Counter
from itertools import product

from guidelines.ta279.recommendation import fracture_outcome
from tests.decision_table import oracle
from tests.decision_table.made_up import statuses_of


def main() -> None:
    counts: Counter[str] = Counter()
    disagreements = 0
    for each in product(("met", "unknown", "not-met"), repeat=len(oracle.CRITERIA)):
        found = fracture_outcome(statuses_of(each)).value
        counts[found] += 1
        disagreements += found != oracle.fracture(each)
    lines = [f"{counts.total()} combinations of {len(oracle.CRITERIA)} statuses, {disagreements} against the oracle"]
    lines += [f"  {outcome}: {number}" for outcome, number in sorted(counts.items())]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
