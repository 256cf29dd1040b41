"""detect-secrets: what keys, tokens and passwords look like. Nothing else imports it.

Its plugins are asked line by line. It is not let to ask the services themselves whether a key is
valid, which it does not do with its default filters: what was found stays on this machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters import allowlist, heuristic
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.util.code_snippet import get_code_snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from detect_secrets.plugins.base import BasePlugin

# Digests look random to the first two, as do identifiers; the third finds no secrets. The last,
# which knows only the names of things, speaks when no other does.
_LEFT_OUT = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"}
_LAST = "KeywordDetector"
# Its other filters pass over whole files by their names, which are the author's to choose.
_BY_SECRET = (
    heuristic.is_sequential_string,
    heuristic.is_templated_secret,
    heuristic.is_prefixed_with_dollar_sign,
    heuristic.is_not_alphanumeric_string,
    heuristic.is_potential_uuid,
)


class _MoreTokens(RegexBasedDetector):
    """Tokens of services around models that it does not know, by their documented forms."""

    secret_type = "Access Token"  # noqa: S105  a name for people
    denylist = (
        re.compile(r"github_pat_[0-9A-Za-z_]{82}"),
        re.compile(r"hf_[a-zA-Z]{34}"),
        re.compile(r"AIza[0-9A-Za-z_-]{35}"),
        re.compile(r"dapi[0-9a-f]{32}"),
        re.compile(r"sk-ant-[0-9A-Za-z_-]{20}"),
    )


class Literal(NamedTuple):
    """A secret in a line: its column, counted from 1, and what it is; not the secret itself."""

    column: int
    kind: str


def plugins() -> list[BasePlugin]:
    """Return what is asked about a line, in order."""
    known = cast("Iterable[type[BasePlugin]]", get_mapping_from_secret_type_to_class().values())
    chosen = [one() for one in known if one.__name__ not in _LEFT_OUT]
    chosen.append(_MoreTokens())
    return sorted(chosen, key=lambda one: (type(one).__name__ == _LAST, one.secret_type))


class Detector:
    """Asks the plugins about lines."""

    def __init__(self) -> None:
        self._plugins = plugins()

    def literal_in(self, path: str, lines: Sequence[str], index: int) -> Literal | None:
        """Return the first secret in a line, unless a comment allows it.

        Args:
            path: the file; its ending says what an assignment looks like there.
            lines: all lines of the file, without their ends.
            index: the line's.
        """
        line = lines[index].rstrip()
        context = get_code_snippet(list(lines), index + 1)
        if allowlist.is_line_allowlisted(path, line, context):
            return None
        return next(self._found(path, line), None)

    def _found(self, path: str, line: str) -> Iterator[Literal]:
        for plugin in self._plugins:
            for one in plugin.analyze_line(filename=path, line=line):
                secret = one.secret_value or ""
                if not _is_harmless(secret, line, plugin):
                    yield Literal(max(line.find(secret), 0) + 1, plugin.secret_type)


def _is_harmless(secret: str, line: str, plugin: BasePlugin) -> bool:
    if any(is_harmless(secret) for is_harmless in _BY_SECRET):
        return True
    if isinstance(plugin, RegexBasedDetector):
        return False
    by_id = heuristic.is_likely_id_string(secret, line, plugin)
    return bool(by_id or heuristic.is_indirect_reference(line))
