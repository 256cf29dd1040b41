"""GitHub's published description of its REST API (OpenAPI 3.0), as a judge of one exchange."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

# Any operation may be refused so, whether its description lists it or not.
ANYWHERE = {400, 401, 403, 404, 413}
# The description lists 201 only, though GitHub refuses a description of 141 characters.
UNLISTED = {
    ("POST", "/repos/{}/{}/statuses/{}"): {422},
    ("GET", "/repos/{}/{}/commits/{}/pulls"): {422},
    ("GET", "/repos/{}/{}/actions/permissions/selected-actions"): {409},
}
# A ref is one parameter there, with its slashes.
RENAMED = {"/repos/{}/{}/git/refs/heads/{}": "/repos/{}/{}/git/refs/{}"}
_NULLABLE = ("type", "enum", "anyOf", "oneOf", "allOf")
_URN = "urn:github"


@dataclass(frozen=True)
class Exchange:
    """A request to an endpoint, whose path has names in braces, and its answer."""

    method: str
    endpoint: str | None
    status: int
    answer: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Description:
    """Says what in an exchange is not as GitHub describes it."""

    def __init__(self, path: Path) -> None:
        self._document = json.loads(path.read_bytes())
        resource = DRAFT4.create_resource(self._document)
        self._registry: Registry[Any] = Registry().with_resource(_URN, resource)
        self._paths = {_anonymous(path): path for path in self._document["paths"]}

    def problems(self, exchange: Exchange) -> list[str]:
        """What is wrong with it, in words; nothing for an exchange that is as described."""
        if exchange.endpoint is None:
            return [*self._wrong(_BASIC_ERROR, exchange.answer)]
        path = _anonymous(exchange.endpoint)
        pointer = ["paths", self._paths[RENAMED.get(path, path)], exchange.method.lower()]
        found = [*self._wrong_answer(pointer, path, exchange)]
        if 200 <= exchange.status < 300:
            found += [*self._wrong_query(pointer, exchange), *self._wrong_body(pointer, exchange)]
        return [f"{exchange.method} {path} {exchange.status}: {problem}" for problem in found]

    def _wrong_answer(self, pointer: list[str], path: str, exchange: Exchange) -> Iterator[str]:
        responses = self._at(pointer)["responses"]
        if str(exchange.status) not in responses:
            if exchange.status in ANYWHERE | UNLISTED.get((exchange.method, path), set()):
                yield from self._wrong(_BASIC_ERROR, exchange.answer)
            else:
                yield "the status is not described"
            return
        where = self._followed([*pointer, "responses", str(exchange.status)])
        if "content" not in self._at(where):
            if exchange.answer and exchange.status == 204:
                yield "there is a body where none is described"
            return
        schema = [*where, "content", "application/json", "schema"]
        for problem in self._wrong(schema, exchange.answer):
            # An error carries its `status`, which some of the schemas leave out.
            if exchange.status < 400 or problem != "status: not described":
                yield problem

    def _wrong_query(self, pointer: list[str], exchange: Exchange) -> Iterator[str]:
        known = {}
        for number in range(len(self._at(pointer).get("parameters", []))):
            where = self._followed([*pointer, "parameters", number])
            parameter = self._at(where)
            if parameter["in"] == "query":
                known[parameter["name"]] = [*where, "schema"]
        for name, text in exchange.query.items():
            if name not in known:
                yield f"the parameter {name} is not described"
            else:
                kind = self._at(self._followed(known[name])).get("type")
                value = int(text) if kind == "integer" and text.isdigit() else text
                yield from self._wrong(known[name], json.dumps(value).encode())

    def _wrong_body(self, pointer: list[str], exchange: Exchange) -> Iterator[str]:
        described = "requestBody" in self._at(pointer)
        if exchange.body and not described:
            yield "the request has a body where none is described"
        elif described:
            schema = [*pointer, "requestBody", "content", "application/json", "schema"]
            yield from self._wrong(schema, exchange.body or b"{}")

    def _wrong(self, schema: list[str | int], content: bytes) -> Iterator[str]:
        value = json.loads(content)
        reference = "/".join(str(p).replace("~", "~0").replace("/", "~1") for p in schema)
        judge = _Validator(
            {"$ref": f"{_URN}#/{reference}"},
            registry=self._registry,
            format_checker=FormatChecker(),
        )
        for error in judge.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"
        yield from self._unknown(schema, value)

    def _unknown(self, schema: list[str | int], value: object) -> Iterator[str]:
        """Fields of an object, or of the first element, that the description does not have."""
        where = self._followed(schema)
        if isinstance(value, list):
            if value and "items" in self._at(where):
                yield from self._unknown([*where, "items"], value[0])
        elif isinstance(value, dict):
            known = self._fields(where)
            if known is not None:
                yield from (f"{name}: not described" for name in value if name not in known)

    def _fields(self, schema: list[str | int]) -> set[str] | None:
        """The fields that a schema knows of; None when it takes any."""
        where = self._followed(schema)
        found = self._at(where)
        known = set(found.get("properties", {}))
        for word in ("allOf", "anyOf", "oneOf"):
            for number in range(len(found.get(word, []))):
                known |= self._fields([*where, word, number]) or set()
        return known or None

    def _followed(self, pointer: list[str | int]) -> list[str | int]:
        found = self._at(pointer)
        while "$ref" in found:
            pointer = found["$ref"].removeprefix("#/").split("/")
            found = self._at(pointer)
        return pointer

    def _at(self, pointer: list[str | int]) -> Any:
        found = self._document
        for part in pointer:
            found = found[part]
        return found


_BASIC_ERROR: list[str | int] = ["components", "schemas", "basic-error"]


def _anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _or_null(check: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """OpenAPI 3.0's `nullable`, which JSON Schema does not have."""

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if instance is not None or not schema.get("nullable"):
            yield from check(validator, value, instance, schema) or ()

    return checked


_Validator = extend(
    Draft4Validator, {word: _or_null(Draft4Validator.VALIDATORS[word]) for word in _NULLABLE}
)
