"""The rules of the default branch: what a change has to pass, and who need not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mergeline.doctor.doors.door import (
    ADMINISTRATION,
    METADATA,
    RULESETS,
    Door,
    closed,
    judged,
    opened,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.doctor.doors.door import State
    from mergeline.doctor.doors.house import House
    from mergeline.doctor.doors.layers import Layer

# The job of pull-request.yml that always answers.
GATE = "gate"
_MENU = "Settings > Rules > Rulesets > the ruleset of the default branch"
_IMPORT = "gh api --method POST repos/{owner}/{repo}/rulesets --input ruleset.json"


# What must be asked, by the id of the door: how it is seen, what it is when it is closed,
# what it is when it is open.
_ASKED: dict[str, tuple[Callable[[House, Layer], bool], str, str]] = {
    "pull-request": (
        lambda _, layer: layer.pull_request,
        "a change comes by pull request",
        "the branch takes pushes",
    ),
    "approval": (
        lambda _, layer: layer.approvals > 0,
        "an approval is required",
        "no approval is required",
    ),
    "code-owners": (
        lambda _, layer: layer.code_owners,
        "code owners must approve",
        "code owners are not asked",
    ),
    "stale-approvals": (
        lambda _, layer: layer.stale_dismissed,
        "a push ends the approvals before it",
        "approvals outlive later pushes",
    ),
    "last-push": (
        lambda _, layer: layer.last_push,
        "the last push is approved by another than who pushed",
        "who pushed last may approve",
    ),
    "gate": (
        lambda _, layer: GATE in layer.checks,
        f"{GATE} is required",
        f"{GATE} is not required",
    ),
    "gate-app": (
        lambda house, layer: layer.checks.get(GATE) == house.actions_app,
        f"{GATE} is taken from GitHub Actions alone",
        f"{GATE} is taken from others than GitHub Actions",
    ),
    "force-push": (
        lambda _, layer: layer.no_force_push,
        "history stays",
        "the branch may be pushed by force",
    ),
    "deletion": (
        lambda _, layer: layer.no_deletion,
        "the branch stays",
        "the branch may be deleted",
    ),
}


def _asked(name: str) -> Callable[[House], tuple[State, str]]:
    rule, fine, wrong = _ASKED[name]

    def look(house: House) -> tuple[State, str]:
        layers = house.asking(partial(rule, house))
        if layers:
            return closed(f"{fine}, by {' and '.join(layer.name for layer in layers)}")
        return opened("; ".join([wrong, *house.sleeping]))

    return look


def _bypass(house: House) -> tuple[State, str]:
    """Of every rule that is asked, some layer must hold everybody."""
    past: dict[str, None] = {}
    untold: dict[str, None] = {}
    for rule, _, _ in _ASKED.values():
        layers = house.asking(partial(rule, house))
        if any(layer.bypass == () for layer in layers):
            continue
        for layer in layers:
            if layer.bypass is None:
                untold[layer.name] = None
            else:
                past |= dict.fromkeys(f"{who} by {layer.name}" for who in layer.bypass)
    if not any(house.asking(partial(rule, house)) for rule, _, _ in _ASKED.values()):
        return opened("there are no rules to be held by")
    if untold and not past:
        return unknown(f"who may bypass {', '.join(untold)} is not told")
    return judged([f"not held: {who}" for who in past], "the rules hold everybody")


def _default_branch(house: House) -> tuple[State, str]:
    branch = house.repository.default_branch
    others = sorted(house.uses.branches - {branch})
    if others or not house.uses.branches:
        return opened(f"the workflows are for {', '.join(others) or 'none'}, it is {branch}")
    return closed(branch)


def _door(name: str, lets: str, setting: str) -> Door:
    return Door(name, lets, f"{_MENU} > {setting}", _IMPORT, ADMINISTRATION, _asked(name))


_REVIEW = "Require a pull request before merging"
DOORS = (
    Door(
        "default-branch",
        "the branch that people merge into is not the one that is guarded, nor applied",
        "Settings > General > Default branch, or default_branch in pipelines/workflows/shared.j2",
        "gh repo edit --default-branch main",
        METADATA,
        _default_branch,
    ),
    _door("pull-request", "whoever may write pushes past every review and check", _REVIEW),
    _door("approval", "an author merges alone", f"{_REVIEW} > Required approvals: 1"),
    _door(
        "code-owners",
        "whoever may write approves policies, workflows and other teams' models",
        f"{_REVIEW} > Require review from Code Owners",
    ),
    _door(
        "stale-approvals",
        "what is pushed after an approval is merged with it",
        f"{_REVIEW} > Dismiss stale pull request approvals when new commits are pushed",
    ),
    _door(
        "last-push",
        "a reviewer pushes to somebody else's pull request and approves it: no other has seen it",
        f"{_REVIEW} > Require approval of the most recent reviewable push",
    ),
    _door(
        "gate",
        "specs that policies refuse, or that fail their gates, are merged",
        f"Require status checks to pass > Add checks > {GATE}",
    ),
    _door(
        "gate-app",
        "whoever may write sets a status of this name by one call of the API",
        f"Require status checks to pass > {GATE} > source: GitHub Actions",
    ),
    _door(
        "force-push", "the history that says who approved what is rewritten", "Block force pushes"
    ),
    _door(
        "deletion", "the history is gone, and another branch takes its name", "Restrict deletions"
    ),
    Door(
        "bypass",
        "those who may bypass the rules merge or push what nobody approved",
        f"{_MENU} > Bypass list: empty (branch protection: Do not allow bypassing the settings)",
        "gh api --method PUT repos/{owner}/{repo}/rulesets/ID --input ruleset.json",
        RULESETS,
        _bypass,
    ),
)
