"""A plan with all that can be known of it: from Git, this machine, and the forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import MergelineError
from mergeline.plan.knowledge import Knowledge
from mergeline.plan.planning import make_plan
from mergeline.plan.selection import ALL

if TYPE_CHECKING:
    from mergeline.commands.session import Session
    from mergeline.findings import Finding
    from mergeline.plan.estimates import PastRun
    from mergeline.plan.plan import Plan
    from mergeline.plan.selection import Selection
    from mergeline.plan.verdicts import Judge
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree


def plan_of(session: Session, base: str, head: str | None, select: Selection = ALL) -> Plan:
    """Return the plan of a change, with what this machine knows besides.

    Args:
        session: what the command works with.
        base: the ref that the change is to be merged into.
        head: the ref of the change; None: the work tree.
        select: the models to plan for.

    Raises:
        UsageError: see `make_plan`.
    """
    knows = Knowledge(lambda tree: _judge(session, tree), lambda name: _past_run(session, name))
    return make_plan(session.git, base, head, select=select, knows=knows)


def _judge(session: Session, tree: Tree) -> Judge:
    from mergeline.promotion.judgement import judge_model

    engine = session.judges(tree)

    def judge(model: ModelFolder, repository: Repository) -> list[Finding]:
        return judge_model(engine, model, repository)

    return judge


def _past_run(session: Session, name: str) -> PastRun | None:
    """Return the last run of a model on this machine, if it came as far as training."""
    from mergeline.pipeline.result import read_result
    from mergeline.plan.estimates import PastRun

    try:
        result = read_result(session.settings.state / "runs" / name)
    except MergelineError:
        return None
    if not any(step.name == "train" and step.status in ("ran", "cached") for step in result.steps):
        return None
    seconds = sum(step.seconds for step in result.steps)
    return PastRun(seconds, f"the run of {result.started} on this machine")
