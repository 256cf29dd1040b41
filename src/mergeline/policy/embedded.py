"""Rego inside this process: regopy, the only importer of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mergeline.digest import canonical_json
from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.policy.audit import audit
from mergeline.policy.library import PolicyLibrary
from mergeline.policy.results import read_answers
from mergeline.policy.slices import Slices, room
from mergeline.system_library import missing_shared_library

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import regopy

    from mergeline.policy.module import Module
    from mergeline.policy.results import PolicyResult
    from mergeline.policy.slices import Slice

_HINT = "evaluate it with OPA, which says more: MERGELINE_POLICY_ENGINE=opa"
_UNDEFINED = object()


def load() -> Any:
    """Return regopy.

    Raises:
        ToolError: it cannot be loaded on this system.
    """
    try:
        import regopy
    except (ImportError, OSError) as error:
        absent = missing_shared_library(error)
        raise ToolError(
            f"the embedded policy engine does not load: {absent.message if absent else error}",
            hint=absent.hint if absent else "set up the environment anew",
        ) from None
    return regopy


class EmbeddedEngine:
    """Evaluates with regopy, each package in slices that are compiled once.

    regopy answers some things that are wrong with `undefined` and no error, which would make a
    deny rule a silent yes; so the library is audited first (`mergeline.policy.audit`).

    Raises:
        ToolError: the library has a module that regopy cannot be trusted with.
    """

    def __init__(self, library: PolicyLibrary, packages: Collection[str] | None = None) -> None:
        """Compile what is asked of some packages; by default of all, and what none asks too."""
        audit(library)
        self.library = library
        # Holds the input alone: what is compiled elsewhere is put to it.
        self._interpreter = _interpreter()
        cut = Slices(library)
        self._packages = {
            package: [_Compiled(library, one) for one in cut.of(package)]
            for package in (library.packages if packages is None else packages)
        }
        if packages is None and (rest := cut.remainder()):
            _bundle(library, rest)

    def evaluate(self, package: str, document: Any) -> tuple[PolicyResult, ...]:
        """Return what a package says of an input document; see `PolicyEngine.evaluate`."""
        self.library.require(package)
        self._interpreter.set_input_term(_json_text(document))
        answers: dict[str, list[Any]] = {}
        for one in self._packages[package]:
            answers.setdefault(one.rule, []).append(one.answer(self._interpreter))
        joined = {rule: _joined(each) for rule, each in answers.items() if _UNDEFINED not in each}
        return read_answers(self.library, package, joined)

    def close(self) -> None:
        """Nothing to give back."""


class _Compiled:
    """A slice that can be asked."""

    def __init__(self, library: PolicyLibrary, part: Slice) -> None:
        self.rule = part.rule
        self._library = library
        self._package = part.package
        self._entrypoint = f"{part.package.replace('.', '/')}/{part.rule}"
        self._bundle = _bundle(library, part.texts, [self._entrypoint])
        self._constant = part.constant
        self._known: list[Any] = []

    def answer(self, interpreter: regopy.Interpreter) -> Any:
        """Return what it answers to the interpreter's input: a JSON value, or undefined."""
        if self._known:
            return self._known[0]
        answer = self._ask(interpreter)
        if self._constant:
            self._known.append(answer)
        return answer

    def _ask(self, interpreter: regopy.Interpreter) -> Any:
        try:
            output = interpreter.query_bundle_entrypoint(self._bundle, self._entrypoint)
            text = str(output)
            if output.ok():
                return _UNDEFINED if text == "undefined" else _only(json.loads(text))
            # It does not say which, through its Python interface.
            reason = "a builtin refused its arguments, or something has two values"
        except json.JSONDecodeError as error:
            # regopy answers some errors with a text that its own JSON reading trips over.
            reason = _first_message(error.doc)
        except ValueError as error:
            reason = str(error)
        raise ToolError(
            f"policy {self._package}.{self.rule} could not be evaluated: {reason}",
            hint=_HINT,
            location=self._library.location_of(self._package, self.rule),
        )


def value_of(module: Module, rule: str) -> Any:
    """Return what a rule of a module that stands alone gives, without any input.

    Raises:
        ToolError: it cannot be evaluated, or is undefined.
    """
    library = PolicyLibrary({module.path: module}, {})
    audit(library)
    interpreter = _holding(library, {module.path: module.text})
    output = interpreter.query(f"data.{module.package}.{rule}")
    try:
        return _only(json.loads(str(output)))
    except (json.JSONDecodeError, KeyError, ValueError):
        raise ToolError(
            f"policy {module.package}.{rule} could not be evaluated",
            hint=_HINT,
            location=library.location_of(module.package, rule),
        ) from None


def _bundle(
    library: PolicyLibrary, texts: Mapping[str, str], entrypoints: Sequence[str] = ()
) -> regopy.Bundle:
    bundle = _built(_holding(library, texts), entrypoints)
    if bundle is None:
        bundle = _built(_holding(library, {**texts, "": room(texts)}), entrypoints)
    if bundle is None:
        raise ToolError("the policies cannot be compiled", hint=_HINT)
    return bundle


def _built(interpreter: regopy.Interpreter, entrypoints: Sequence[str]) -> regopy.Bundle | None:
    """Compile; None if regopy does not accept what it compiled itself."""
    try:
        bundle = interpreter.build("true", entrypoints)
    except ValueError as error:
        raise ToolError(f"the policies cannot be compiled: {error}", hint=_HINT) from None
    if not bundle.ok():
        raise ToolError("the policies cannot be compiled", hint=_HINT)
    try:
        return bundle if interpreter.query_bundle(bundle).ok() else None
    except ValueError:
        return None


def _holding(library: PolicyLibrary, texts: Mapping[str, str]) -> regopy.Interpreter:
    refused = load().RegoError
    interpreter = _interpreter()
    for path, text in texts.items():
        try:
            interpreter.add_module(path, text)
        except refused as error:
            message = f"the policy is not valid Rego: {_first_message(str(error))}"
            raise ToolError(message, hint=_HINT, location=Location(path)) from None
    interpreter.add_data_json(_json_text(dict(library.data)))
    return interpreter


def _interpreter() -> regopy.Interpreter:
    loaded = load()
    interpreter: regopy.Interpreter = loaded.Interpreter()
    # Else it prints on its own; what matters comes back in its errors.
    interpreter.log_level = loaded.LogLevel.NONE
    interpreter.strict_built_in_errors = True
    return interpreter


def _json_text(value: Any) -> str:
    try:
        return canonical_json(value).decode()
    except (ValueError, TypeError) as error:
        raise ToolError(f"the policy input is no JSON: {error}") from None


def _first_message(text: str) -> str:
    _, found, rest = text.partition("(errormsg ")
    return rest.partition(")")[0].partition(":")[2].strip() if found else " ".join(text.split())


def _joined(answers: Sequence[Any]) -> Any:
    """Return the answer of slices: of one as it is, of several the items of all their sets."""
    return answers[0] if len(answers) == 1 else [item for each in answers for item in each]


def _only(answer: Any) -> Any:
    [expression] = answer["expressions"]
    return expression
