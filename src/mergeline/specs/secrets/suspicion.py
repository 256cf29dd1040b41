"""Which lines may hold a secret: a coarse and quick look, before the detector is asked.

Loading the detector takes as long as validating twenty models, and asking it about every line as
long again; almost no spec holds anything that its patterns begin with. What is not suspected here
is not looked at, so every line that one of the detector's patterns fits must be: a test draws such
lines from the patterns themselves. The time is in proportion to the text, whatever the text.
"""

from __future__ import annotations

import re

# Parts of names whose values are secrets, and what follows such a name (or goes before it).
_WORDS = ("secret", "passw", "pwd", "contrase", "key", "_pass", "dbpass", "basepass")
_ENDINGS = tuple(re.compile(rf"{word}\b") for word in ("pass", "pw", "token"))
_NAME = (
    r"secret|passw(?:or)?d|pwd|contrase[nñ]a"
    r"|(?:api|auth|service|account|db|database|priv|private|client)_?key"
    r"|(?:db|database|key)_?pass"
)
_NAMED = (
    # The lookahead and the possessive quantifier take each word once, not once for each letter.
    re.compile(rf"""\b(?=\w*?(?:{_NAME}))\w++[]'"]{{0,2}}\s*(?::|=|!=)[=>]*\s*['"`]?\w""", re.I),
    re.compile(rf"""['"`]\s*[!=]{{2,3}}\s*\w*?(?:{_NAME})""", re.I),
    re.compile(rf"""\A(?=.*['"`];).*(?:{_NAME})""", re.I),
    re.compile(r"(?:key|pwd|pw|pass|word|token)\W+[\w\[\\\]^`-]{24}", re.I),
)

_ANY_CASE = ("aws", "xox", "hooks.slack.com", "softlayer", "cloudant")
_AS_IS = (
    "AccountKey=",
    "GR1348941",
    ":_authToken=",
    "T3BlbkFJ",
    "PRIVATE KEY",
    "PuTTY-User-Key-File-2",
    "pypi-AgE",
    "sq0csp-",
    "k_live_",
    "github_pat_",
    "sk-ant-",
)
# Each begins with a letter or two, which `re` seeks as quickly as `in` does.
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"AKC[a-zA-Z0-9]{10}",
        r"AP[\dA-F][a-zA-Z0-9]{8}",
        r"A(?:3T[A-Z0-9]|BIA|CCA|KIA|SIA)[0-9A-Z]{16}",
        r"AC[a-z0-9]{32}",
        r"SK[a-z0-9]{32}",
        r"SG\.[\w-]{22}",
        r"AIza[\w-]{35}",
        r"dapi[0-9a-f]{32}",
        r"eyJ[\w=-]",
        r"gh[opusr]_[A-Za-z0-9_]{36}",
        r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-",
        r"hf_[a-zA-Z]{34}",
        r"-us[0-9]",
        r"\.[\w-]{6}\.[\w-]{27}",
        r"://[^/\s]+@",
        r":(?<=\d{8}:)[\w-]{35}",
    )
)


def suspects(text: str) -> list[int]:
    """Return the indices of the lines, ended by line feeds, that may hold a secret."""
    folded = text.casefold()
    shaped, named = _is_shaped(text, folded), _names(folded)
    if not (shaped or named):
        return []
    return [
        index
        for index, line in enumerate(text.split("\n"))
        if (named and _is_named(line)) or (shaped and _is_shaped(line, line.casefold()))
    ]


def _is_shaped(text: str, folded: str) -> bool:
    return (
        any(part in text for part in _AS_IS)
        or any(part in folded for part in _ANY_CASE)
        or any(shape.search(text) for shape in _SHAPES)
    )


def _names(folded: str) -> bool:
    return any(word in folded for word in _WORDS) or any(one.search(folded) for one in _ENDINGS)


def _is_named(line: str) -> bool:
    return _names(line.casefold()) and any(pattern.search(line) for pattern in _NAMED)
