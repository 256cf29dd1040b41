"""How the forge is asked: the connection, lists, refusals, and answers read into types."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mergeline.forge.failures import AnswerError, UnreachableError, UnreadableError
from mergeline.forge.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from mergeline.forge.settings import ForgeSettings

T = TypeVar("T")

# 405: not mergeable; 409: the head moved; 422: what was asked breaks a rule of GitHub's.
_REFUSALS = frozenset({405, 409, 422})
# In seconds: what was asked may still be under way when its answer is lost.
_UNTIL_DONE = 2.0


class Asking:
    """One repository on one forge; the questions are in the classes that build on it."""

    def __init__(
        self,
        settings: ForgeSettings,
        *,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is opened before the first question.

        Args:
            settings: which forge, repository and token.
            timeout: the seconds that each request may take.
            sleep: waits between attempts.
            now: tells the time, in seconds since 1970.
        """
        self.settings = settings
        self._transport = Transport(settings, timeout=timeout, sleep=sleep, now=now)
        self._repository = f"/repos/{settings.repository}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    @property
    def calls(self) -> int:
        """How many requests have been sent, each attempt and each page counted."""
        return self._transport.calls

    def _get(self, path: str) -> object:
        return self._transport.ask("GET", self._repository + path)

    def _change(self, method: str, path: str, content: Mapping[str, object] | None) -> object:
        try:
            return self._transport.ask(method, self._repository + path, body=content)
        except AnswerError as error:
            if error.status in _REFUSALS:
                raise error.refusal() from error
            raise

    def _once(self, make: Callable[[], T], look: Callable[[], T | None]) -> T:
        """Make something; if the answer is lost, look for it before making it again."""
        try:
            return make()
        except (AnswerError, UnreachableError) as error:
            if not error.lost:
                raise
        self._transport.sleep(_UNTIL_DONE)
        found = look()
        return make() if found is None else found

    def _list(
        self,
        reader: Callable[[object], T],
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
        most: int | None = None,
    ) -> list[T]:
        """Every element of a list of the repository's; `key` names the list in an object.

        With `most`, no page is asked for once so many are there, and no more are given.
        """
        return self._read_all(reader, self._repository + path, params=params, key=key, most=most)

    def _read_all(
        self,
        reader: Callable[[object], T],
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
        most: int | None = None,
        cursors: bool = False,
    ) -> list[T]:
        pages = self._transport.pages(path, params=params, key=key, cursors=cursors)
        elements = islice(pages, most)
        return [self._read(reader, element) for element in elements]

    def _read(self, reader: Callable[[object], T], data: object) -> T:
        try:
            return reader(data)
        except msgspec.ValidationError as error:
            kind = reader.__name__.replace("_", " ")
            raise UnreadableError(self.settings, f"with a {kind}", str(error)) from error
