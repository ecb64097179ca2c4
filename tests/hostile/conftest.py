"""What the suites counted, printed at the end of the run."""

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]

_told: list[str] = []


@pytest.fixture(scope="session")
def tell() -> Tell:
    """Takes a line for the end of the run."""
    return _told.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _told:
        terminalreporter.section("hostile input")
        for line in _told:
            terminalreporter.write_line(line)
