"""What policies say of themselves: the METADATA comments above their rules.

OPA calls them annotations: a comment `# METADATA`, then YAML in comments up to the rule. Here
`title`, `description` and, below `custom`, `id`, `severity`, `practice`, `owner`, and if they are
given `bad` and `good` (examples) are read. Without these, a library that was loaded with its tests
gives the example of a rule's first case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import structs

from mergeline.errors import UsageError
from mergeline.findings import Location, Severity
from mergeline.policy.examples import examples_of
from mergeline.specs.rule import Rule
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.policy.examples import Example
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module
    from mergeline.policy.module import Rule as Statement
    from mergeline.policy.tokens import Token

_BLOCK = re.compile(r"^# METADATA[ \t]*\n((?:#[^\n]*\n)*)", re.M)
_JUDGED = ("deny", "warn")
_ID = re.compile(r'"id":\s*"([a-z0-9-]+)"')
_ARISES = {
    "mergeline.model": "validate, plan, check and apply",
    "mergeline.change": "plan and check",
    "mergeline.promotion": "check and apply",
}


def rules_of(library: PolicyLibrary) -> list[Rule]:
    """Return the rules of a library that say of themselves which id they give, in order.

    Raises:
        UsageError: a METADATA block is not YAML, or lacks what a rule must say of itself.
    """
    examples = examples_of(library)
    return [
        _with_example(rule, examples.get((rule.source, rule.id)))
        for path, module in library.modules.items()
        if not path.endswith("_test.rego")
        for rule in _of_module(module)
    ]


def rule_ids(library: PolicyLibrary, package: str) -> frozenset[str]:
    """Return the ids that the rules `deny` and `warn` of a package give, annotated or not."""
    return frozenset(
        one
        for module in library.modules.values()
        if module.package == package
        for statement in module.rules
        if statement.name in _JUDGED
        for one in _given(module, statement)
    )


def _given(module: Module, statement: Statement) -> list[str]:
    return _ID.findall(module.text[statement.tokens[0].start : statement.tokens[-1].end])


def _with_example(rule: Rule, example: Example | None) -> Rule:
    """Add the example of the tests, unless the rule gives its own."""
    if example is None or rule.bad is not None:
        return rule
    return structs.replace(rule, file=example.file, bad=example.bad, good=example.good)


def _of_module(module: Module) -> Iterator[Rule]:
    for block in _BLOCK.finditer(module.text):
        line = module.text.count("\n", 0, block.end()) + 1
        statement = next((rule for rule in module.rules if rule.line == line), None)
        if statement is None or statement.name not in _JUDGED:
            continue
        first = module.text.count("\n", 0, block.start()) + 2
        yield _rule(module, statement, _annotation(module, block.group(1), first), line)


def _annotation(module: Module, comments: str, first: int) -> dict[str, Any]:
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in comments.split("\n"))
    document, findings = parse(module.path, text.encode())
    if document is None or not isinstance(document.value, dict):
        message = findings[0].message if findings else "METADATA is no mapping"
        line = findings[0].location.line + first - 1 if findings else first
        raise UsageError(message, location=Location(module.path, line))
    return document.value


def _rule(module: Module, statement: Statement, said: dict[str, Any], line: int) -> Rule:
    custom = said.get("custom")
    place = Location(module.path, line)
    if not isinstance(custom, dict) or not isinstance(custom.get("id"), str):
        raise UsageError(
            "the METADATA of a rule says no custom.id",
            hint="write custom: with id, severity, practice and owner",
            location=place,
        )
    if custom["id"] not in _given(module, statement):
        raise UsageError(
            f'the METADATA of a rule says the id "{custom["id"]}", which the rule does not give',
            hint="write the same id in custom.id and in the rule",
            location=place,
        )
    title = said.get("title")
    practice, owner = custom.get("practice"), custom.get("owner")
    return Rule(
        id=custom["id"],
        source=module.package,
        title=title if isinstance(title, str) else custom["id"],
        meaning=" ".join(str(said.get("description") or title or "").split()),
        hint=_hint(statement.tokens) or "see its policy",
        severity=Severity.ERROR if statement.name == "deny" else Severity.WARNING,
        arises=_ARISES.get(module.package, "judging"),
        bad=_text(custom.get("bad")),
        good=_text(custom.get("good")),
        practice=practice if isinstance(practice, int) else None,
        owner=owner if isinstance(owner, str) else None,
        origin=module.path,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _hint(tokens: tuple[Token, ...]) -> str | None:
    """Return the words that the rule gives as its hint; what they are filled with in braces."""
    for key, colon, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if key.kind == "string" and key.text == "hint" and colon.is_symbol(":"):
            if value.kind == "template":
                return value.text[2:-1]
            return value.text if value.kind == "string" else None
    return None
