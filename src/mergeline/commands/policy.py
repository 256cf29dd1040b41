"""`mergeline policy`: what the policies are, whether they hold their cases, what they cost."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mergeline.commands.options import add_format, add_verbs
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, RefusedError, ToolError
from mergeline.policy.choose import choose_engine
from mergeline.policy.library import PolicyLibrary
from mergeline.report.text import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from mergeline.policy.engine import PolicyEngine
    from mergeline.policy.trials import PolicyCase
    from mergeline.specs.rule import Rule

_VERBS = {
    "list": "name the rules: practice, severity, owner, title, place",
    "test": "put the cases of policies/ to each engine that is there",
    "bench": "measure each engine that is there on the models",
}
_ROUNDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of the command."""
    add_verbs(parser, _VERBS)
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Do what the verb says; 1 if a case does not hold."""
    session = Session(arguments)
    verb = {"list": _list, "test": _test, "bench": _bench}[arguments.verb]
    return int(verb(session, as_json=arguments.format == "json"))


def _list(session: Session, *, as_json: bool) -> ExitCode:
    from mergeline.policy.metadata import rules_of

    library = PolicyLibrary.load(session.work_tree)
    rules = sorted(rules_of(library), key=lambda rule: (rule.practice or 0, rule.id, rule.source))
    if as_json:
        _say_json([_row(library, rule) for rule in rules])
        return ExitCode.YES
    for rule in rules:
        row = _row(library, rule)
        say(f"{row['practice']!s:>2}  {row['severity']:<7}  {row['id']}  ({row['owner']})")
        say(f"    {row['title']}\n    {row['file']}:{row['line']}")
    say(f"{len(rules)} rule{'s' * (len(rules) != 1)}")
    return ExitCode.YES


def _row(library: PolicyLibrary, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "package": rule.source,
        "practice": rule.practice,
        "severity": str(rule.severity),
        "owner": rule.owner,
        "title": rule.title,
        "file": rule.origin,
        "line": _line(library, rule),
    }


def _line(library: PolicyLibrary, rule: Rule) -> int:
    """Return the line of a rule's head: where the id in its METADATA is followed by a rule."""
    module = library.modules[str(rule.origin)]
    said = module.text.index(f"#   id: {rule.id}\n")
    line = module.text.count("\n", 0, said) + 1
    return next(one.line for one in module.rules if one.line > line)


def _test(session: Session, *, as_json: bool) -> ExitCode:
    from mergeline.policy.trials import failing

    cases = _cases(session)
    if not cases:
        raise RefusedError(
            "the policies have no cases: nothing says that they work",
            hint="write them as policies/PACKAGE/cases_test.rego",
        )
    answers = []
    for name, engine in _engines(session):
        with closing(engine):
            wrong = failing(engine, cases)
        answers.append(
            {
                "engine": name,
                "cases": len(cases),
                "failed": [
                    {
                        "package": case.package,
                        "case": case.name,
                        "expected": {case.expected[0]: case.expected[1]},
                        "answered": answered,
                    }
                    for case, answered in wrong
                ],
            }
        )
    if as_json:
        _say_json(answers)
    else:
        say("\n".join(line for answer in answers for line in _tested(answer)))
    return ExitCode.NO if any(answer["failed"] for answer in answers) else ExitCode.YES


def _cases(session: Session) -> list[PolicyCase]:
    from mergeline.policy.embedded import value_of
    from mergeline.policy.opa import OpaEngine
    from mergeline.policy.trials import cases_of

    library = PolicyLibrary.load(session.work_tree, tests=True)
    if session.policy_settings.engine == "embedded":
        return cases_of(library, value_of)
    with closing(choose_engine(session.policy_settings, library)) as engine:
        assert isinstance(engine, OpaEngine)
        return cases_of(library, engine.value_of)


def _tested(answer: dict[str, Any]) -> Iterator[str]:
    for one in answer["failed"]:
        yield f"failed: {one['package']}: {one['case']} ({answer['engine']})"
        yield f"  expected {one['expected']}"
        yield f"  answered {one['answered']}"
    held = answer["cases"] - len(answer["failed"])
    yield f"{answer['engine']}: {held} of {answer['cases']} cases hold"


def _bench(session: Session, *, as_json: bool) -> ExitCode:
    from statistics import median
    from time import perf_counter

    from mergeline.promotion.judgement import model_document
    from mergeline.specs.repository import load_repository

    repository = load_repository(session.work_tree)
    documents = [model_document(model, repository) for model in repository.models.values()]
    if not documents:
        raise RefusedError("there is no model to measure with", hint="see mergeline validate")
    answers = []
    for name, engine in _engines(session):
        with closing(engine):
            times = []
            for _ in range(_ROUNDS):
                for document in documents:
                    start = perf_counter()
                    engine.evaluate("mergeline.model", document)
                    times.append((perf_counter() - start) * 1000)
        answers.append(
            {"engine": name, "models": len(documents), "median_milliseconds": median(times)}
        )
    if as_json:
        _say_json(answers)
    else:
        for answer in answers:
            time = f"{answer['engine']}: {answer['median_milliseconds']:.1f} ms a model"
            say(f"{time} (median; {answer['models']} models, {_ROUNDS} times)")
    return ExitCode.YES


def _engines(session: Session) -> Iterator[tuple[str, PolicyEngine]]:
    """Make the embedded engine if it loads, then OPA if a server is named or its program there."""
    from mergeline.policy.embedded import load

    library, settings = PolicyLibrary.load(session.work_tree), session.policy_settings
    engines = []
    try:
        load()
        engines.append("embedded")
    except ToolError:
        if settings.engine == "embedded":
            raise
    if settings.opa_url or shutil.which(settings.opa_binary):
        engines.append("opa")
    for name in engines:
        yield name, choose_engine(replace(settings, engine=name), library)


def _say_json(value: Any) -> None:
    from mergeline.report.json import json_text

    say(json_text(value))
