"""What the generated workflows take from GitHub: environments, secrets, variables, a branch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mergeline.errors import UsageError
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")
_VARIABLE = re.compile(r"\bvars\.([A-Za-z_]\w*)")
_APP = re.compile(r"^\s*permission-([a-z-]+): (read|write)\b", re.M)
# The token of the run, which nobody has to set.
_GIVEN = frozenset({"GITHUB_TOKEN"})


@dataclass(frozen=True, slots=True)
class Uses:
    """What has to be set on GitHub for the workflows.

    Attributes:
        secrets: the names of secrets by the environment whose jobs take them.
        variables: the names of variables.
        branches: those whose pushes set a workflow off.
        app: what the jobs ask of the App that they become, such as `{"contents": "write"}`.
    """

    secrets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    app: Mapping[str, str] = field(default_factory=dict)


def uses_of(rendered: Mapping[str, str]) -> Uses:
    """Read it from the text of workflows, by path.

    Raises:
        UsageError: one is not YAML.
    """
    secrets: dict[str, frozenset[str]] = {}
    variables: set[str] = set()
    branches: set[str] = set()
    app: dict[str, str] = {}
    for path, text in rendered.items():
        if path.endswith((".yml", ".yaml")):
            workflow = _parsed(path, text)
            variables |= set(_VARIABLE.findall(text))
            branches |= set(_pushed(workflow))
            for asked, level in _APP.findall(text):
                key = asked.replace("-", "_")
                # One job may only read what another writes.
                app[key] = "write" if app.get(key) == "write" else level
            for name, taken in _secrets(workflow):
                secrets[name] = secrets.get(name, frozenset()) | taken
    return Uses(secrets, frozenset(variables), frozenset(branches), app)


def _parsed(path: str, text: str) -> dict[str, Any]:
    document, findings = parse(path, text.encode())
    if document is None or not isinstance(document.value, dict):
        reason = findings[0].message if findings else "no mapping"
        raise UsageError(f"{path} is no workflow: {reason}", hint="run: mergeline workflows")
    return document.value


def _pushed(workflow: dict[str, Any]) -> list[str]:
    events = workflow.get("on")
    push = events.get("push") if isinstance(events, dict) else None
    return push.get("branches", []) if isinstance(push, dict) else []


def _secrets(workflow: dict[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    for job in workflow.get("jobs", {}).values():
        taken = frozenset(_SECRET.findall(json.dumps(job))) - _GIVEN
        environment = job.get("environment")
        name = environment.get("name") if isinstance(environment, dict) else environment
        if isinstance(name, str):
            # A matrix over what `apply` reconciles.
            for each in ENVIRONMENTS if "${{" in name else (name,):
                yield each, taken
