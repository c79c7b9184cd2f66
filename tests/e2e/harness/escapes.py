"""The attempts of tests/e2e/escapes: each file there is one; its README says how."""

import dataclasses
import importlib.util
import pathlib
import types

from .developer import Answer, Developer
from .webhook import merged

# What is in the way of a supervisor that is not the plan's: its name, and what it may do.
OWN_SUPERVISOR = ("reserved-name", "plan-incomplete", "privileged-workspace",
                  "pod-security-privileged")


@dataclasses.dataclass
class Attempt:
    name: str
    module: types.ModuleType

    @property
    def tried(self) -> str:
        return self.module.__doc__ or ""

    @property
    def rules(self) -> tuple[str, ...]:
        """All that must be off for the attempt to get through."""
        return self.module.RULES

    @property
    def refused_by(self) -> str:
        return getattr(self.module, "REFUSED_BY", self.rules[0] if self.rules else "")

    @property
    def told(self) -> str:
        """What else a refusal says: a regular expression."""
        return getattr(self.module, "TOLD", "")

    @property
    def policy(self) -> str:
        """The only guard, where the webhook is not asked: an admission policy."""
        return getattr(self.module, "POLICY", "")

    @property
    def settings(self) -> dict:
        """Where the attempt is refused by an administrator's choice: what was chosen."""
        return getattr(self.module, "SETTINGS", {})

    @property
    def not_ours(self) -> str:
        """What the API server says when we let it through; nothing: it succeeds."""
        return getattr(self.module, "NOT_OURS", "")

    def settings_without(self, rules) -> dict:
        off = dict.fromkeys(rules, "off")
        return merged(self.settings, {"rules": off} if off else {})

    def run(self, user: Developer) -> Answer:
        return self.module.attempt(user)

    def goes_through(self, answer: Answer) -> bool:
        return self.not_ours in answer.text and not answer.ok if self.not_ours else answer.ok


def load(directory: pathlib.Path) -> list[Attempt]:
    found = []
    for path in sorted(directory.glob("*.py")):
        if path.stem == "conftest" or path.stem.startswith("test_"):
            continue
        spec = importlib.util.spec_from_file_location(f"escape_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(Attempt(path.stem, module))
    return found
