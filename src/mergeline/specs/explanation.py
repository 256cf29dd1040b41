"""What is wrong with a document that its type refused, from the JSON Schema of its kind.

`jsonschema` takes time to load, so this module is imported when there is something to explain.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from mergeline.specs.schemas import schema_of
from mergeline.specs.suggestion import did_you_mean
from mergeline.specs.types.scalars import FORMS, SEMVER_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Document, Pointer
    from mergeline.specs.kinds import Kind

# jsonschema types the parts of its errors as "anything or unset"; here they are always set.
ValidationError = Any

# A finding quotes a value to be recognised, not to be read in full.
_LONGEST_QUOTE = 120

_NAMES = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}
_SCHEMA_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "null": "null",
}
_LIMITS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must not be empty",
    "minItems": "must not be empty",
    "minProperties": "must not be empty",
    "maxItems": "must have at most {} items",
}


@cache
def validator_of(kind: Kind) -> Draft202012Validator:
    """Return the JSON Schema validator of a kind.

    It differs from the standard in one point: JSON Schema takes 1.0 for an integer, a spec
    does not, as `1.0` is what a person writes who means something else than `1`.
    """
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    strict: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, type_checker=checker
    )
    return strict(schema_of(kind))


def _is_integer(_: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def explain(document: Document, kind: Kind) -> Iterator[Finding]:
    """Yield every mistake of a document that its type refused, each at its place."""
    for error in validator_of(kind).iter_errors(document.value):
        for leaf in _leaves(error):
            yield from _findings_of(document, leaf)


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Go into the branch of a union that the author meant."""
    if error.validator != "anyOf" or not error.context:
        yield error
        return
    branch = _branch(error)
    if branch is None:
        yield error
        return
    for inner in error.context:
        if inner.schema_path[0] == branch:
            yield from _leaves(inner)


def _branch(error: ValidationError) -> int | None:
    tag = error.schema.get("discriminator")
    if tag and isinstance(error.instance, dict):
        chosen = error.instance.get(tag["propertyName"])
        reference = tag["mapping"].get(chosen) if isinstance(chosen, str) else None
        options = [option.get("$ref") for option in error.schema["anyOf"]]
        return options.index(reference) if reference in options else None
    others = [
        index for index, option in enumerate(error.schema["anyOf"]) if option != {"type": "null"}
    ]
    return others[0] if len(others) == 1 and error.instance is not None else None


def _findings_of(document: Document, error: ValidationError) -> Iterator[Finding]:
    pointer = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(document, error, pointer)
        case "required":
            missing = _missing(error)
            yield document.finding(
                "missing-key",
                f'the key "{missing}" is missing',
                pointer,
                hint=f"add {missing}: …",
            )
        case "type":
            expected = _expected(error.validator_value)
            yield document.finding(
                "wrong-type",
                f"{place_name(pointer)} must be {expected}, not {type_name(error.instance)}",
                pointer,
                hint=_form(error) or error.schema.get("description"),
            )
        case _:
            yield _other(document, error, pointer)


def _missing(error: ValidationError) -> str:
    keys: list[str] = error.validator_value
    return next(key for key in keys if error.message.startswith(repr(key)))


def _unknown_keys(
    document: Document, error: ValidationError, pointer: Pointer
) -> Iterator[Finding]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            yield document.finding(
                "unknown-key",
                f'key "{key}" is not known',
                (*pointer, key),
                hint=did_you_mean(key, known),
                key=True,
            )


def _other(document: Document, error: ValidationError, pointer: Pointer) -> Finding:
    where, value = place_name(pointer), error.instance
    match error.validator:
        case "enum":
            allowed = [str(item) for item in error.validator_value]
            return document.finding(
                "unknown-value",
                f"{where}: {_shown(value)} is not known",
                pointer,
                hint=did_you_mean(str(value), allowed),
            )
        case "anyOf" if "discriminator" in error.schema and isinstance(value, dict):
            return _untold(document, error, pointer)
        case "pattern":
            rule = "bad-version" if error.validator_value == SEMVER_PATTERN else "invalid-value"
            message = f"{where}: {_shown(value)} has not the form that is asked for"
            return document.finding(rule, message, pointer, hint=_form(error))
        case "anyOf":
            message = f"{where} must be {_options(error)}, not {type_name(value)}"
            return document.finding("wrong-type", message, pointer)
        case _:
            message = f"{where} {_limit(error)}"
            hint = error.schema.get("description")
            return document.finding("invalid-value", message, pointer, hint=hint)


def _form(error: ValidationError) -> str | None:
    """Return the words for the pattern that the value is held to, or what one looks like."""
    told = FORMS.get(error.schema.get("pattern", ""))
    if told is not None:
        return told
    described: str | None = error.schema.get("description")
    shown = next((item for item in error.schema.get("examples", []) if isinstance(item, str)), None)
    return f"write it like {shown}: {described}" if shown and described else described


def _limit(error: ValidationError) -> str:
    words = _LIMITS.get(error.validator)
    if words is None:
        return f"is not right: {_shorter(error.message)}"
    return words.format(error.validator_value)


def _untold(document: Document, error: ValidationError, pointer: Pointer) -> Finding:
    """Say that a union's tag is missing or not known."""
    tag = error.schema["discriminator"]
    name, known = tag["propertyName"], list(tag["mapping"])
    if name not in error.instance:
        message = f'the key "{name}" is missing'
        return document.finding(
            "missing-key", message, pointer, hint=f"add {name}: one of {', '.join(known)}"
        )
    said = str(error.instance[name])
    message = f"{place_name((*pointer, name))}: {_shown(said)} is not known"
    return document.finding(
        "unknown-value", message, (*pointer, name), hint=did_you_mean(said, known)
    )


def _options(error: ValidationError) -> str:
    """Name the types that a union lets through."""
    names = [_SCHEMA_NAMES.get(option.get("type"), "") for option in error.validator_value]
    return " or ".join(dict.fromkeys(name or "a mapping" for name in names))


def _shown(value: Any) -> str:
    return f'"{_shorter(value)}"' if isinstance(value, str) else _shorter(str(value))


def _shorter(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _expected(types: str | list[str]) -> str:
    listed = [types] if isinstance(types, str) else types
    return " or ".join(_SCHEMA_NAMES.get(item, item) for item in listed)


def type_name(value: Any) -> str:
    """Name the type of a value as a person would."""
    return _NAMES.get(type(value), type(value).__name__)


def place_name(pointer: Pointer) -> str:
    """Write a pointer with dots."""
    return ".".join(str(part) for part in pointer) or "the spec"
