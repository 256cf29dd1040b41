"""Objects of scikit-learn from the dotted class names and parameters of a spec."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

from mergeline.pipeline.suggestion import suggest
from mergeline.specs.estimators import unsafe_parameter
from mergeline.specs.parameter_values import is_data, is_for_models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Document, Pointer

_PARAMETER = re.compile(r"^The '(\w+)' parameter of")


def find_class(
    path: str, document: Document, pointer: Pointer, rule: str
) -> tuple[type | None, list[Finding]]:
    """Return the class that a dotted path names, or the finding that there is none."""
    module_name, _, name = path.rpartition(".")
    if not path.startswith("sklearn."):
        hint = "only classes of scikit-learn can be loaded safely again"
        message = f'"{path}" is not a class of scikit-learn'
        return None, [document.finding(rule, message, pointer, hint=hint)]
    found = (
        getattr(importlib.import_module(module_name), name, None) if is_for_models(path) else None
    )
    if isinstance(found, type):
        return found, []
    hint_found = suggest(name, _classes(module_name))
    message = f'scikit-learn has no "{path}"'
    return None, [document.finding(rule, message, pointer, hint=hint_found)]


def build(
    cls: type, parameters: Mapping[str, Any], document: Document, pointer: Pointer, rule: str
) -> tuple[Any, list[Finding]]:
    """Return an instance, or a finding for each parameter that it does not take.

    scikit-learn's own validation of the values is asked as well.
    """
    # Validation says the same under the same name, where it can see the signature.
    unknown = rule.replace("bad-", "unknown-", 1)
    known = [name for name in inspect.signature(cls).parameters if name != "self"]
    findings = [
        document.finding(
            unknown,
            f'{cls.__name__} has no parameter "{name}"',
            (*pointer, name),
            hint=suggest(name, known),
            key=True,
        )
        for name in parameters
        if name not in known
    ]
    if findings:
        return None, findings
    try:
        made = cls(**_as_taken(cls, parameters))
    except (TypeError, ValueError) as error:
        return None, [document.finding(rule, f"{cls.__name__}: {error}", pointer)]
    findings = list(_bad_values(made, parameters, document, pointer, rule))
    # Until it is fitted it only holds its parameters.
    path = f"{cls.__module__}.{cls.__qualname__}"
    findings = findings or [
        unsafe_parameter(path, name, document, (*pointer, name))
        for name, value in parameters.items()
        if not is_data(path, name, value)
    ]
    return (None, findings) if findings else (made, [])


def _bad_values(
    made: Any, parameters: Mapping[str, Any], document: Document, pointer: Pointer, rule: str
) -> Iterator[Finding]:
    validate = getattr(made, "_validate_params", None)
    if validate is None:
        return
    try:
        validate()
    except ValueError as error:
        named = _PARAMETER.match(str(error))
        name = named.group(1) if named else ""
        place = (*pointer, name) if name in parameters else pointer
        yield document.finding(rule, str(error).rstrip("."), place)


def _as_taken(cls: type, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return lists as tuples where the class's own default is one: YAML knows lists only."""
    defaults = inspect.signature(cls).parameters
    return {
        name: tuple(value)
        if isinstance(value, list) and isinstance(defaults[name].default, tuple)
        else value
        for name, value in parameters.items()
    }


def _classes(module_name: str) -> list[str]:
    from sklearn.utils import all_estimators

    everywhere = [name for name, _ in all_estimators()]
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError:
        return everywhere
    own = [
        name for name in getattr(module, "__all__", ()) if isinstance(getattr(module, name), type)
    ]
    return own or everywhere
