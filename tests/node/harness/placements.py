"""The placements of a supervisor, the profiles of settings.yaml, and what does not hold of them yet."""

import pytest

PLACEMENTS = ("sidecar", "container", "wrap")


def profile(kind: str, placement: str) -> str:
    """The profile's name: sidecar is what is shipped and has no name."""
    return "-".join(word for word in (kind, "" if placement == "sidecar" else placement) if word)


def missing(seen: str):
    """Marks the test of what does not hold yet; `seen` is what the node shows in its place."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=seen)


def each(**seen: str):
    """A parameter `placement` with each placement; `seen` marks those that do not hold yet."""
    return pytest.mark.parametrize("placement", [
        pytest.param(name, marks=[missing(seen[name])] if name in seen else []) for name in PLACEMENTS])
