"""YAML to plain JSON values with positions, in one pass without recursion.

Only what JSON can say is let through, under the scalar rules of YAML 1.2's core schema (so
`no` is a string and `1e-3` a number). Duplicate keys, anchors, aliases, tags, merge keys,
several documents and non-finite numbers are refused: a spec means what it looks like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.document import Document, Pointer, Position
from mergeline.written import HIDDEN_HINT, hidden_character, too_large

MAX_DEPTH = 32

if TYPE_CHECKING:
    from collections.abc import Callable

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_WORDS = {*_NULL, *_TRUE, *_FALSE}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_LONGEST_NUMBER = 64
# Controls but tab and line feed, and lone surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")

_LOADER = getattr(yaml, "CLoader", yaml.Loader)


def parse(file: str, content: bytes) -> tuple[Document | None, list[Finding]]:
    """Parse a spec file.

    Args:
        file: the path to name in findings.
        content: the bytes of the file.

    Returns:
        The document and no findings, or None and the one finding that says why not.
    """
    try:
        return _Builder(file).build(_decode(content)), []
    except _NotASpecError as error:
        line, column = error.position
        place = Location(file, line, column)
        return None, [Finding(error.rule, Severity.ERROR, str(error), place, error.hint)]


class _NotASpecError(Exception):
    def __init__(
        self, rule: str, message: str, position: Position = (1, 1), hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.position = position
        self.hint = hint


def _decode(content: bytes) -> str:
    if problem := too_large(content):
        raise _NotASpecError("file-too-large", problem)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise _NotASpecError(
            "not-utf-8",
            f"byte 0x{content[error.start]:02x} is not valid UTF-8",
            (line, column),
            "save the file as UTF-8",
        ) from None
    if hidden := hidden_character(text):
        place = (hidden.line, hidden.column)
        raise _NotASpecError("hidden-character", hidden.message, place, HIDDEN_HINT)
    return text


class _Container:
    """A mapping or a sequence that is still being filled."""

    __slots__ = ("expects_key", "key", "next", "pointer", "value")

    def __init__(self, value: dict[str, Any] | list[Any], pointer: Pointer) -> None:
        self.value = value
        self.pointer = pointer
        self.key = ""
        self.expects_key = isinstance(value, dict)
        # Where the next value comes to stand; of a mapping, known with its key.
        self.next: Pointer = (*pointer, 0)

    def expect(self, key: str) -> None:
        self.key = key
        self.next = (*self.pointer, key)
        self.expects_key = False

    def add(self, value: Any) -> Pointer:
        """Add a value and return its pointer."""
        pointer = self.next
        if isinstance(self.value, list):
            self.value.append(value)
            self.next = (*self.pointer, len(self.value))
        else:
            self.value[self.key] = value
            self.expects_key = True
        return pointer


class _Builder:
    """Turns the parser's events into a document."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[Pointer, Position] = {}
        self.values: dict[Pointer, Position] = {}
        self.open: list[_Container] = []
        self.root: Any = None
        self.documents = 0

    def build(self, text: str) -> Document:
        takers = self._takers()
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                if take := takers.get(type(event)):
                    mark: Any = event.start_mark
                    take(event, (mark.line + 1, mark.column + 1))
        except yaml.reader.ReaderError:
            raise _control_character(text) from None
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # PyYAML itself lets an escape beyond Unicode ("\\U00110000") end in a ValueError.
            raise _syntax_error(error) from None
        if not self.documents or self.root is None:
            raise _NotASpecError(
                "empty-file", "the file is empty", hint="start with apiVersion and kind"
            )
        return Document(self.file, self.root, self.keys, self.values)

    def _takers(self) -> dict[type, Callable[[Any, Position], None]]:
        return {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceStartEvent: self._start,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
        }

    def _start_document(self, _: Any, position: Position) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _NotASpecError(
                "several-documents",
                "a file holds one spec only",
                position,
                "remove the --- and what follows, or give it a file of its own",
            )

    def _start(self, event: Any, position: Position) -> None:
        _refuse_tag_and_anchor(event, position)
        if self.open and self.open[-1].expects_key:
            raise _NotASpecError("key-not-a-string", "a key must be a plain string", position)
        if len(self.open) >= MAX_DEPTH:
            raise _NotASpecError("too-deep", f"nested deeper than {MAX_DEPTH} levels", position)
        value: dict[str, Any] | list[Any]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        pointer = self._place(value, position)
        self.open.append(_Container(value, pointer))

    def _end(self, _: Any, __: Position) -> None:
        self.open.pop()

    def _alias(self, _: Any, position: Position) -> None:
        raise _alias(position)

    def _scalar(self, event: Any, position: Position) -> None:
        _refuse_tag_and_anchor(event, position)
        if event.style == '"':
            _refuse_control(event.value, position)
        parent = self.open[-1] if self.open else None
        if parent is not None and parent.expects_key:
            self._key(parent, event, position)
        else:
            plain = event.implicit[0]
            self._place(_scalar_value(event.value, position) if plain else event.value, position)

    def _key(self, parent: _Container, event: Any, position: Position) -> None:
        key = event.value
        if event.implicit[0] and key == "<<":
            raise _alias(position)
        if key in parent.value:
            line, _ = self.keys[(*parent.pointer, key)]
            raise _NotASpecError(
                "duplicate-key",
                f'key "{key}" stands here twice; first on line {line}',
                position,
                "remove one of them",
            )
        parent.expect(key)
        self.keys[parent.next] = position

    def _place(self, value: Any, position: Position) -> Pointer:
        pointer: Pointer = ()
        if self.open:
            pointer = self.open[-1].add(value)
        else:
            self.root = value
        self.values[pointer] = position
        return pointer


def _scalar_value(text: str, position: Position) -> Any:
    if text[:1].isalpha() and text not in _WORDS:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NOT_FINITE.match(text):
        raise _NotASpecError(
            "not-finite",
            f"{text} is not a number that JSON knows",
            position,
            "write a finite number, or leave the key out",
        )
    number = _FLOAT.match(text)
    if number and len(text) > _LONGEST_NUMBER:
        raise _NotASpecError("number-too-long", "the number has too many digits", position)
    if _INTEGER.match(text):
        return int(text)
    return _finite(text, position) if number else text


def _finite(text: str, position: Position) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _NotASpecError("not-finite", f"{text} is too large for a number", position)
    return value


def _refuse_tag_and_anchor(event: Any, position: Position) -> None:
    if event.anchor is not None:
        raise _alias(position)
    if event.tag not in (None, "!"):
        raise _NotASpecError(
            "yaml-tag", f"the tag {event.tag} is not allowed", position, "remove the tag"
        )


def _refuse_control(text: str, position: Position) -> None:
    """Refuse what only an escape in double quotes can write: a terminal obeys it, or hides it."""
    found = _CONTROL.search(text)
    if found:
        raise _NotASpecError(
            "yaml-syntax",
            f"not valid YAML: the character U+{ord(found.group()):04X} is not allowed",
            position,
            "remove it",
        )
    if hidden := hidden_character(text):
        raise _NotASpecError("hidden-character", hidden.message, position, HIDDEN_HINT)


def _alias(position: Position) -> _NotASpecError:
    return _NotASpecError(
        "yaml-alias",
        "anchors, aliases and merge keys are not allowed in a spec",
        position,
        "write the value out where it is used",
    )


def _control_character(text: str) -> _NotASpecError:
    """Say which character YAML does not allow; the parser's own position counts bytes."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    before = text[: found.start()] if found else ""
    position = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    what = f"the character U+{ord(found.group()):04X}" if found else "a character"
    return _NotASpecError(
        "yaml-syntax", f"not valid YAML: {what} is not allowed", position, "remove it"
    )


def _syntax_error(error: Exception) -> _NotASpecError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return _NotASpecError(
        "yaml-syntax",
        f"not valid YAML: {problem}",
        position,
        "check brackets, quotes and indentation here and on the lines above",
    )
