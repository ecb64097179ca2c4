"""Whole made-up patients for Hypothesis, and how many of them a run takes.

The default profile takes the same patients every time. `HYPOTHESIS_PROFILE=thorough` takes new ones, and twenty times as many.
"""

import os
from collections.abc import Callable
from datetime import date

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st

from tests.cohort.chart import Chart
from tests.cohort.generator import make_chart
from tests.properties.service import TODAY, Json

DEFAULT_EXAMPLES, THOROUGH_EXAMPLES = 60, 1200
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"

held = settings(
    max_examples=THOROUGH_EXAMPLES if THOROUGH else DEFAULT_EXAMPLES,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=SLOW,
)
"""Decorates every property: `@held`."""


class DrawnDice:
    """Hypothesis makes the choices, and unmakes them towards the first option when it shrinks."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))


@st.composite
def charts(draw: st.DrawFn, today: date = TODAY) -> Chart:
    return make_chart(DrawnDice(draw), "p", today)


def note(evaluation: Json) -> None:
    """Tells Hypothesis' statistics (`--hypothesis-show-statistics`) what kind of patient this was."""
    event(f"outcome {evaluation['outcome']}")
