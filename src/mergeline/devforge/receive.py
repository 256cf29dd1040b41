"""The `update` hook of the bare repository: refuses the pushes that GitHub would.

A path knows no accounts, so whoever pushes says who they are in DEVFORGE_PUSHER (a login). A
push that says nothing may write, and goes past no rule.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.devforge.clock import system_clock, written
from mergeline.devforge.config import ForgeConfig
from mergeline.devforge.git import BareRepository, Push
from mergeline.devforge.layers import layers_over
from mergeline.devforge.protection import check_missing
from mergeline.devforge.state import STATE, State, Status

if TYPE_CHECKING:
    from mergeline.devforge.guards import Rules

PUSHER = "DEVFORGE_PUSHER"
CONFIG = "forge.json"
_NOTHING = "0" * 40
_HOOK = """#!/bin/sh
# Refuses the pushes that GitHub would.
case "$1" in
  {guarded}) ;;
  *) [ -n "${pusher}" ] || exit 0 ;;
esac
exec {python} -m mergeline.devforge.receive {root} "$@"
"""


def install_hook(root: Path, repository: BareRepository, config: ForgeConfig) -> None:
    """Put the hook into the repository, and what it reads into the forge's folder."""
    told = root / CONFIG
    told.touch(mode=0o600)
    told.write_bytes(msgspec.json.encode(config))
    guarded = [] if not layers_over(config, config.default_branch) else [config.default_branch]
    if any(config.holds(ruleset, "") for ruleset in config.rulesets):
        guarded = ["*"]
    patterns = "|".join(["refs/pull/*", *(f"refs/heads/{name}" for name in guarded)])
    hook = repository.directory / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    python, folder = shlex.quote(sys.executable), shlex.quote(str(root))
    hook.write_text(_HOOK.format(guarded=patterns, pusher=PUSHER, python=python, root=folder))
    hook.chmod(0o755)


def main(folder: str, ref: str, old: str, new: str) -> int:
    """Judge one update: 0 lets it be."""
    root = Path(folder)
    config = msgspec.json.decode((root / CONFIG).read_bytes(), type=ForgeConfig)
    repository = BareRepository(root / f"{config.repository}.git")
    login = os.environ.get(PUSHER)
    user = next((user for user in config.users if user.login == login), None)
    if login and (user is None or user.role == "read"):
        return _refuse(f"Permission to {config.repository}.git denied to {login}.")
    if ref.startswith("refs/pull/"):
        return _refuse("deny updating a hidden ref")
    if ref.startswith("refs/heads/") and old != _NOTHING:
        layers = layers_over(config, ref.removeprefix("refs/heads/"))
        held = [layer.rules for layer in layers if not layer.lets_pass(user, "push")]
        update = (old, new, _statuses(root, new))
        found = (reason for rules in held for reason in _broken(repository, rules, *update))
        if reasons := [f"- {reason}" for reason in dict.fromkeys(found)]:
            return _refuse(f"GH006: Protected branch update failed for {ref}.", *reasons)
    if user is not None:
        if new != _NOTHING:
            repository.remember_pusher(new, user.login)
        forced = _NOTHING not in (old, new) and not repository.is_ancestor(old, new)
        now = written(system_clock())
        repository.remember_push(Push(ref, old, new, user.login, now, forced))
    return 0


def _broken(
    repository: BareRepository, rules: Rules, old: str, new: str, statuses: list[Status]
) -> list[str]:
    if new == _NOTHING:
        return [] if rules.allow_deletions else ["Cannot delete this branch"]
    found = []
    if not rules.allow_force_pushes and not repository.is_ancestor(old, new):
        found.append("Cannot force-push to this branch")
    if rules.pull_request_only:
        found.append("Changes must be made through a pull request.")
    if missing := check_missing(rules, statuses):
        found.append(missing)
    return found


def _statuses(root: Path, sha: str) -> list[Status]:
    state = State(root / STATE)
    try:
        return [status for status in state.all(Status) if status.sha == sha]
    finally:
        state.close()


def _refuse(*lines: str) -> int:
    sys.stderr.write("".join(f"error: {line}\n" for line in lines))
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
