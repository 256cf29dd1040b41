"""Rego inside this process: regopy, the only importer of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mergeline.digest import canonical_json
from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.policy.audit import audit
from mergeline.policy.library import PolicyLibrary
from mergeline.policy.results import SEVERITIES, read_answers

if TYPE_CHECKING:
    import regopy

    from mergeline.policy.module import Module
    from mergeline.policy.results import PolicyResult

_HINT = "evaluate it with OPA, which says more: MERGELINE_POLICY_ENGINE=opa"
_UNDEFINED = "undefined"


class EmbeddedEngine:
    """Evaluates with regopy, in one interpreter per library (about 30 ms for a model and 80 rules).

    regopy answers some things that are wrong with `undefined` and no error, which would make a
    deny rule a silent yes; so the library is audited first (`mergeline.policy.audit`).

    Raises:
        ToolError: the library has a module that regopy cannot be trusted with.
    """

    def __init__(self, library: PolicyLibrary) -> None:
        audit(library)
        self.library = library
        self._interpreter = _interpreter(library)
        # Compiled once: a query of its own would compile the whole library each time.
        self._bundle = self._compile()

    def evaluate(self, package: str, document: Any) -> tuple[PolicyResult, ...]:
        """Return what a package says of an input document; see `PolicyEngine.evaluate`."""
        self.library.require(package)
        asked = [name for name in SEVERITIES if name in self.library.rules_of(package)]
        answers = {}
        self._interpreter.set_input_term(_json_text(document))
        for rule in asked:
            answer = self._ask(package, rule)
            if answer is not _UNDEFINED:
                answers[rule] = answer
        return read_answers(self.library, package, answers)

    def close(self) -> None:
        """Nothing to give back."""

    def _compile(self) -> regopy.Bundle | None:
        names = [
            _entrypoint(package, rule)
            for package, rules in self.library.packages.items()
            for rule in SEVERITIES
            if rule in rules
        ]
        if not names:
            return None
        try:
            bundle = self._interpreter.build(None, names)
        except ValueError as error:
            raise ToolError(f"the policies cannot be compiled: {error}", hint=_HINT) from None
        if not bundle.ok():
            raise ToolError("the policies cannot be compiled", hint=_HINT)
        return bundle

    def _ask(self, package: str, rule: str) -> Any:
        try:
            output = self._interpreter.query_bundle_entrypoint(
                self._bundle, _entrypoint(package, rule)
            )
            text = str(output)
            if output.ok():
                return _UNDEFINED if text == _UNDEFINED else _only(json.loads(text))
            # It does not say which, through its Python interface.
            reason = "a builtin refused its arguments, or something has two values"
        except json.JSONDecodeError as error:
            # regopy answers some errors with a text that its own JSON reading trips over.
            reason = _first_message(error.doc)
        except ValueError as error:
            reason = str(error)
        raise ToolError(
            f"policy {package}.{rule} could not be evaluated: {reason}",
            hint=_HINT,
            location=self.library.location_of(package, rule),
        )


def value_of(module: Module, rule: str) -> Any:
    """Return what a rule of a module that stands alone gives, without any input.

    Raises:
        ToolError: it cannot be evaluated, or is undefined.
    """
    library = PolicyLibrary({module.path: module}, {})
    audit(library)
    output = _interpreter(library).query(f"data.{module.package}.{rule}")
    try:
        return _only(json.loads(str(output)))
    except (json.JSONDecodeError, KeyError, ValueError):
        raise ToolError(
            f"policy {module.package}.{rule} could not be evaluated",
            hint=_HINT,
            location=library.location_of(module.package, rule),
        ) from None


def _interpreter(library: PolicyLibrary) -> regopy.Interpreter:
    from regopy import Interpreter, LogLevel, RegoError

    interpreter = Interpreter()
    # Else it prints on its own; what matters comes back in its errors.
    interpreter.log_level = LogLevel.NONE
    interpreter.strict_built_in_errors = True
    for path, module in library.modules.items():
        try:
            interpreter.add_module(path, module.text)
        except RegoError as error:
            message = f"the policy is not valid Rego: {_first_message(str(error))}"
            raise ToolError(message, hint=_HINT, location=Location(path)) from None
    interpreter.add_data_json(_json_text(dict(library.data)))
    return interpreter


def _entrypoint(package: str, rule: str) -> str:
    return f"{package.replace('.', '/')}/{rule}"


def _json_text(value: Any) -> str:
    try:
        return canonical_json(value).decode()
    except (ValueError, TypeError) as error:
        raise ToolError(f"the policy input is no JSON: {error}") from None


def _first_message(text: str) -> str:
    _, found, rest = text.partition("(errormsg ")
    return rest.partition(")")[0].partition(":")[2].strip() if found else " ".join(text.split())


def _only(answer: Any) -> Any:
    [expression] = answer["expressions"]
    return expression
