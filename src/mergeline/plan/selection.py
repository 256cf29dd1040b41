"""Which models are asked for: `--select` in the manner of dbt.

A term is a model's name, a glob of names, or `method:value`; in the value of `name` and `owner`
globs hold too. A comma intersects, a space or another `--select` unites::

    state:modified,risk:high churn   the changed models of high risk, and churn

| method | value |
|---|---|
| name | a model's name |
| state | new, modified, removed, reached |
| risk | low, medium, high |
| owner | the team that owns the model |
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mergeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

METHODS = ("name", "state", "risk", "owner")
STATES = ("new", "modified", "removed", "reached")
RISKS = ("low", "medium", "high")
_VALUES = {"state": STATES, "risk": RISKS}


@dataclass(frozen=True, slots=True)
class Traits:
    """What terms are held against; None: it cannot be read, and no value fits it."""

    name: str
    state: str | None = None
    risk: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One condition.

    Attributes:
        method: what of a model is looked at, one of `METHODS`.
        value: what it must be; a pattern for names and owners.
    """

    method: str
    value: str

    def fits(self, traits: Traits) -> bool:
        """Tell whether a model fits."""
        known = getattr(traits, self.method)
        return known is not None and fnmatchcase(known, self.value)

    def __str__(self) -> str:
        return self.value if self.method == "name" else f"{self.method}:{self.value}"


@dataclass(frozen=True, slots=True)
class Selection:
    """A union of intersections of terms; without any it holds all models."""

    unions: tuple[tuple[Term, ...], ...] = ()

    def fits(self, traits: Traits) -> bool:
        """Tell whether a model is selected."""
        return not self.unions or any(
            all(term.fits(traits) for term in terms) for terms in self.unions
        )

    def may_fit(self, name: str) -> bool:
        """Tell whether a model may be selected, by its name alone."""
        traits = Traits(name)
        return not self.unions or any(
            all(term.fits(traits) for term in terms if term.method == "name")
            for terms in self.unions
        )

    def terms(self, method: str) -> Iterator[Term]:
        """Return the terms of a method, each once."""
        found = (term for terms in self.unions for term in terms if term.method == method)
        return iter(dict.fromkeys(found))

    def __str__(self) -> str:
        return " ".join(",".join(map(str, terms)) for terms in self.unions)


ALL = Selection()


def parse_selection(words: Iterable[str]) -> Selection:
    """Read the words of `--select`.

    Raises:
        UsageError: a method or a value is not known, or a term is empty.
    """
    unions = [one for word in words for one in word.split()]
    return Selection(tuple(tuple(map(_term, one.split(","))) for one in unions))


def require_matches(
    selection: Selection, names: Callable[[], Iterable[str]], owners: Callable[[], Iterable[str]]
) -> None:
    """Refuse terms that no model of base or head can ever fit: they are slips of the pen.

    That a known model, owner or state is not among the changed ones is an answer, not a slip.

    Args:
        selection: what was asked for.
        names: tells the names of all models; read only until a name fits.
        owners: tells the owners of all models; likewise.

    Raises:
        UsageError: no model has such a name, or such an owner.
    """
    for term in selection.terms("name"):
        _require(term, names(), "neither base nor head has a model")
    for term in selection.terms("owner"):
        _require(term, owners(), "neither base nor head has a model owned by")


def _require(term: Term, known: Iterable[str], complaint: str) -> None:
    seen = set()
    for one in known:
        if fnmatchcase(one, term.value):
            return
        seen.add(one)
    near = get_close_matches(term.value, sorted(seen), n=1)
    listed = ", ".join(sorted(seen)[:10]) or "none"
    hint = f'did you mean "{near[0]}"?' if near else f"known: {listed}"
    raise UsageError(f'{complaint} "{term.value}"', hint=hint)


def _term(text: str) -> Term:
    method, colon, value = text.partition(":")
    if not colon:
        method, value = "name", text
    if not value:
        raise UsageError(
            f'"{text}" selects nothing' if text else "a term of --select is empty",
            hint="write name, glob or method:value; a comma stands between two terms",
        )
    if method not in METHODS:
        raise _unknown(f'--select knows no method "{method}"', method, METHODS)
    values = _VALUES.get(method)
    if values and not any(fnmatchcase(one, value) for one in values):
        raise _unknown(f'"{value}" is no {method}', value, values)
    return Term(method, value)


def _unknown(message: str, word: str, known: Collection[str]) -> UsageError:
    near = get_close_matches(word, known, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return UsageError(message, hint=f"{hint}known: {', '.join(known)}")
