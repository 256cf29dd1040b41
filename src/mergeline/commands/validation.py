"""Validates the models of a work tree, and those that have not changed without reading them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mergeline.commands.checking import Checked, Checker
from mergeline.commands.surroundings import surroundings
from mergeline.commands.verdicts import VerdictStore
from mergeline.commands.workers import WORTH_WORKERS, check_in_workers, workers
from mergeline.findings import in_order
from mergeline.policy.choose import PolicySettings
from mergeline.policy.library import FOLDER as POLICIES
from mergeline.specs.check import check, require_models
from mergeline.specs.facts import facts_of, read_facts
from mergeline.specs.held import Held
from mergeline.specs.listing import list_folders
from mergeline.specs.repository import MODELS, TEMPLATES, model_names
from mergeline.specs.secrets import outside_of_models, secrets_in
from mergeline.specs.shared import check_shared
from mergeline.specs.teams import TEAMS, check_owners, known_teams
from mergeline.specs.tracked import check_tracked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mergeline.commands.session import Session
    from mergeline.commands.verdicts import Verdict
    from mergeline.findings import Finding
    from mergeline.specs.facts import Facts
    from mergeline.specs.listing import Folder
    from mergeline.specs.tree import Tree

# So many models are read, checked and forgotten at a time: memory does not grow with their size.
_BATCH = 32
_POLICY_FILES = (".rego", ".yaml", ".yml", ".json")


def validate(
    session: Session, policies: Tree, only: Collection[str], *, cached: bool
) -> tuple[list[Finding], int]:
    """Validate models by specs and policies.

    Args:
        session: what the command works with.
        policies: the tree that holds the policies.
        only: the names of the models; empty: all.
        cached: may verdicts be used that were found before, and kept for the next time?

    Returns:
        The findings in order, and the number of the models that were looked at.

    Raises:
        UsageError: there is no model of a name in `only`.
        ToolError: something cannot be read, or the policies cannot answer.
    """
    folders = list_folders(session.root, MODELS)
    require_models(session.work_tree, set(only) - set(folders))
    chosen = {name: folder for name, folder in folders.items() if not only or name in only}
    held = _held(session.work_tree, policies)
    if not chosen or held is None:
        return _plainly(session, policies, only)
    templates, rules = held
    store = _store(session, templates, rules) if cached else None
    known = store.load() if store else {}
    checked = _checked(session, templates, rules, chosen, known)
    if store and not checked.aside and not session.opa_stands_in:
        others = {name: verdict for name, verdict in known.items() if only and name not in chosen}
        if others | checked.verdicts != known:
            store.save(others | checked.verdicts)
    facts = checked.facts
    if only:
        facts = _others(session.work_tree, folders, known, facts)
    across = _across(session.work_tree, facts, only, rules.contents.get(TEAMS))
    findings = [*checked.findings, *across, *_beside(session)]
    return in_order(findings), len(chosen)


def _across(
    tree: Tree, facts: Mapping[str, Facts], only: Collection[str], teams: bytes | None
) -> list[Finding]:
    """Look beyond each model: at what it shares with others, and at who its owners are."""
    known = known_teams(teams)
    owners = {name: each.owners for name, each in facts.items() if not only or name in only}
    unknown = [] if known is None else check_owners(owners, known)
    return [*check_shared(facts, tree, only), *unknown]


def _others(
    tree: Tree,
    folders: Mapping[str, Folder],
    known: Mapping[str, Verdict],
    facts: Mapping[str, Facts],
) -> dict[str, Facts]:
    """Add the facts of the models that were not asked for: what is known, or read anew."""
    added = dict(facts)
    unread = []
    for name, folder in folders.items():
        verdict = known.get(name)
        if verdict and folder.stamp and verdict.stamp == folder.stamp:
            added.setdefault(name, verdict.facts)
        elif name not in facts:
            unread.append(name)
    return added | read_facts(tree, unread, facts)


def _checked(
    session: Session,
    templates: Held,
    policies: Held,
    folders: Mapping[str, Folder],
    known: Mapping[str, Verdict],
) -> Checked:
    # Read and compiled when they are first asked, and once.
    engine = cache(lambda: session.policies(policies))
    checker = Checker(session.work_tree, templates, engine)
    checked = Checked()
    changed = {}
    for name, folder in folders.items():
        verdict = known.get(name)
        unchanged = verdict and folder.stamp and verdict.stamp == folder.stamp
        if verdict and unchanged and checker.is_locked(verdict):
            checked.keep(name, verdict)
        else:
            changed[name] = folder
    batches = _batches(changed)
    done: list[Checked | None] = [None] * len(batches)
    if len(changed) >= WORTH_WORKERS and workers() > 1 and _embedded(session):
        engine()  # what is wrong with them is said here, and once
        done = check_in_workers(checker, session.work_tree, templates, policies, batches, known)
    for batch, one in zip(batches, done, strict=True):
        checked.join(one or checker.check(batch, known))
    return checked


def _held(tree: Tree, policies: Tree) -> tuple[Held, Held] | None:
    """Read templates and policies; None if one cannot be read, which the checks will say."""
    try:
        templates = Held.of(tree, TEMPLATES, (".yaml",))
        rules = Held.of(policies, POLICIES, _POLICY_FILES)
    except OSError:
        return None
    return templates, rules.without("_test.rego")


def _plainly(session: Session, policies: Tree, only: Collection[str]) -> tuple[list[Finding], int]:
    from mergeline.promotion.judgement import judge_model

    repository, findings = check(session.work_tree, only=only or None)
    engine = session.policies(policies)
    for model in repository.models.values():
        findings += judge_model(engine, model, repository)
    facts = {name: facts_of(model) for name, model in repository.models.items()}
    if only:
        others = sorted(set(model_names(session.work_tree)) - set(repository.names))
        facts |= read_facts(session.work_tree, others, facts)
    teams = policies.read(TEAMS) if TEAMS in policies.files(POLICIES) else None
    findings += _across(session.work_tree, facts, only, teams)
    return in_order([*findings, *_beside(session)]), len(repository.names)


def _beside(session: Session) -> Iterator[Finding]:
    """Look where no verdict on a model would tell of it: for secrets, and at what is tracked."""
    yield from secrets_in(session.work_tree, outside_of_models(session.work_tree))
    yield from check_tracked(session.work_tree, session.tracked)


def _store(session: Session, templates: Held, policies: Held) -> VerdictStore | None:
    """Return where verdicts are kept; None if they depend on more than can be known.

    What the embedded engine said stays true where it no longer loads; what OPA says is not kept.
    """
    if PolicySettings.from_environment(session.settings.environ).engine == "opa":
        return None
    try:
        key = surroundings(templates, policies)
    except OSError:
        return None
    return VerdictStore(session.settings.state, key, session.settings.environ) if key else None


def _embedded(session: Session) -> bool:
    return session.policy_settings.engine == "embedded"


def _batches(folders: Mapping[str, Folder]) -> list[dict[str, Folder]]:
    names = list(folders)
    return [
        {name: folders[name] for name in names[start : start + _BATCH]}
        for start in range(0, len(names), _BATCH)
    ]
