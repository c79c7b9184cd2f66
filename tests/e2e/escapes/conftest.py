"""Says after the tests how many escapes there are, and what became of them."""

import pathlib

import pytest

from harness.escapes import load

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def cluster(new_cluster):
    """One of its own: an API server that was without all bindings of the policies for a while does not
    notice later changes of their parameters (seen with 1.36.3)."""
    with new_cluster() as cluster:
        yield cluster


def pytest_terminal_summary(terminalreporter):
    def passed(test: str) -> int:
        return sum(f"test_escapes.py::{test}[" in report.nodeid
                   for report in terminalreporter.stats.get("passed", []))

    if not (refused := passed("test_an_escape_is_refused")):
        return  # this run is about something else
    terminalreporter.section("escapes")
    terminalreporter.line(
        f"{len(load(HERE))} attempts: {refused} escapes refused, "
        f"{passed('test_the_webhook_alone_refuses_it')} by the webhook alone; "
        f"{passed('test_it_goes_through_with_its_rules_off')} let through with their rules off")
