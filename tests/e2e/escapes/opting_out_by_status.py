"""Opting out through the status subresource, which writes labels too and seldom has a guard."""

from harness.developer import OPTED_OUT

RULES = ("cvm-opt-out",)


def attempt(user):
    return user.patch("dev/status", {"metadata": {"labels": OPTED_OUT}})
