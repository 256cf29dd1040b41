"""What a policy answers: checked, so that a rule that answers nonsense is no silent pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.findings import Severity
from mergeline.specs.document import parse_pointer

if TYPE_CHECKING:
    from mergeline.policy.library import PolicyLibrary
    from mergeline.specs.document import Pointer

SEVERITIES = {"deny": Severity.ERROR, "warn": Severity.WARNING}
_FIELDS = ("id", "msg", "path", "hint")
_SHAPE = "every deny and warn yields objects {id, msg, path, hint}: non-empty strings"


@dataclass(frozen=True, order=True, slots=True)
class PolicyResult:
    """One answer of one policy rule.

    Attributes:
        id: the rule's identifier, in kebab-case.
        severity: error (deny) or warning (warn).
        message: what is wrong.
        path: a JSON pointer into the specs: `/training/random_seed`.
        hint: what mends it.
    """

    id: str
    severity: Severity
    message: str
    path: str
    hint: str

    @property
    def pointer(self) -> Pointer:
        """The path, in parts."""
        return parse_pointer(self.path)


def read_answers(
    library: PolicyLibrary, package: str, answers: dict[str, Any]
) -> tuple[PolicyResult, ...]:
    """Turn what an engine answered for `deny` and `warn` into results, in order.

    Args:
        library: the policies that were asked.
        package: the package, dotted.
        answers: rule name to the JSON value it answered; a rule is left out if undefined.

    Raises:
        ToolError: deny is undefined, or an answer is not of the agreed shape.
    """
    results: list[PolicyResult] = []
    for rule, severity in SEVERITIES.items():
        if rule not in answers:
            if rule == "deny" or rule in library.rules_of(package):
                raise _undefined(library, package, rule)
            continue
        answer = answers[rule]
        if not isinstance(answer, list):
            raise _malformed(library, package, rule, "it is not a set", answer)
        results += [_read(library, package, rule, severity, item) for item in answer]
    return tuple(sorted(set(results)))


def _read(
    library: PolicyLibrary, package: str, rule: str, severity: Severity, item: Any
) -> PolicyResult:
    if not isinstance(item, dict):
        raise _malformed(library, package, rule, "an item is not an object", item)
    missing = [name for name in _FIELDS if not _is_text(item.get(name))]
    if missing:
        reason = f"{', '.join(missing)} missing or not a text"
        raise _malformed(library, package, rule, reason, item)
    result = PolicyResult(item["id"], severity, item["msg"], item["path"], item["hint"])
    try:
        _ = result.pointer
    except ValueError as error:
        raise _malformed(library, package, rule, str(error), item) from None
    return result


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _undefined(library: PolicyLibrary, package: str, rule: str) -> ToolError:
    where = ", ".join(library.files_of(package)) or "no file"
    return ToolError(
        f"policy {package}.{rule} is undefined ({where}): undefined does not mean yes",
        hint=f"write the rule as a set: {rule} contains {{…}} if {{…}}",
        location=library.location_of(package, rule),
    )


def _malformed(
    library: PolicyLibrary, package: str, rule: str, reason: str, value: Any
) -> ToolError:
    name = value.get("id") if isinstance(value, dict) else None
    named = f" ({name})" if isinstance(name, str) else ""
    return ToolError(
        f"policy {package}.{rule}{named} answered in an unknown shape: {reason}",
        hint=_SHAPE,
        location=library.location_of(package, rule),
    )
