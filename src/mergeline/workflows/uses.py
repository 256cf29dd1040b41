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
    from collections.abc import Iterable, Iterator, Mapping

_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")
_VAULT = re.compile(r"\bsteps\.vault\.outputs\.([A-Za-z_]\w*)")
_VARIABLE = re.compile(r"\bvars\.([A-Za-z_]\w*)")
# A table of jobs says in which environment each dataset is read; the call hands it on.
_DATA_ENVIRONMENT = re.compile(r'"data_environment": ?"([a-z0-9-]+)"')
_HANDED_ON = "inputs.data_environment"
# What such a job takes in each of these environments; the rest is of one dataset.
_OF_ALL = ("MLFLOW_", "MERGELINE_")
_APP = re.compile(r"^\s*permission-([a-z-]+): (read|write)\b", re.M)
# The token of the run, which nobody has to set.
_GIVEN = frozenset({"GITHUB_TOKEN"})


@dataclass(frozen=True, slots=True)
class Uses:
    """What has to be set on GitHub for the workflows.

    Attributes:
        secrets: the names of secrets by the environment whose jobs need them.
        named: the names of all secrets.
        vault: what Vault or OpenBao gives to the jobs of an environment, by name.
        variables: the names of variables.
        variables_of: those that the jobs of an environment take, which may set its own.
        unmerged: the environments that jobs of pull requests run in.
        branches: those whose pushes set a workflow off.
        app: what the jobs ask of the App that they become, such as `{"contents": "write"}`.
    """

    secrets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    vault: Mapping[str, frozenset[str]] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    variables_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unmerged: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    app: Mapping[str, str] = field(default_factory=dict)


def uses_of(rendered: Mapping[str, str]) -> Uses:
    """Read it from the text of workflows, by path.

    Raises:
        UsageError: one is not YAML.
    """
    texts = {path: text for path, text in rendered.items() if path.endswith((".yml", ".yaml"))}
    workflows = [_parsed(path, text) for path, text in texts.items()]
    everything = "\n".join(texts.values())
    data = sorted(set(_DATA_ENVIRONMENT.findall(everything)))
    jobs = [job for workflow in workflows for job in _jobs(workflow, data)]
    return Uses(
        {name: _taken(jobs, name, _SECRET) - _GIVEN for name, _ in jobs},
        frozenset(_SECRET.findall(everything)) - _GIVEN,
        {name: _taken(jobs, name, _VAULT) for name, _ in jobs},
        frozenset(_VARIABLE.findall(everything)),
        {name: _taken(jobs, name, _VARIABLE) for name, _ in jobs},
        frozenset(name for each in workflows if _judges(each) for name, _ in _jobs(each, data)),
        frozenset(branch for workflow in workflows for branch in _pushed(workflow)),
        _app(everything),
    )


def _app(text: str) -> dict[str, str]:
    """Return the highest level of each permission: one job may only read what another writes."""
    asked = sorted(_APP.findall(text), key=lambda found: found[1] == "write")
    return {name.replace("-", "_"): level for name, level in asked}


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


def _judges(workflow: dict[str, Any]) -> bool:
    """Tell whether a workflow runs for pull requests, from a file that they may change."""
    events = workflow.get("on")
    return events == "pull_request" or (
        isinstance(events, (dict, list)) and "pull_request" in events
    )


def _jobs(workflow: dict[str, Any], data: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the jobs that run in an environment: its name, and the job as text."""
    for job in workflow.get("jobs", {}).values():
        environment = job.get("environment")
        name = environment.get("name") if isinstance(environment, dict) else environment
        text = json.dumps(job)
        if not isinstance(name, str):
            continue
        if _HANDED_ON in name:
            text = _SECRET.sub(_of_all, text)
            for each in (*re.findall(r"'([a-z]+)'", name), *data):
                yield each, text
        else:
            # A matrix over what `apply` reconciles.
            for each in ENVIRONMENTS if "${{" in name else (name,):
                yield each, text


def _of_all(secret: re.Match[str]) -> str:
    return secret[0] if secret[1].startswith(_OF_ALL) else ""


def _taken(jobs: list[tuple[str, str]], name: str, what: re.Pattern[str]) -> frozenset[str]:
    return frozenset(one for each, text in jobs if each == name for one in what.findall(text))
