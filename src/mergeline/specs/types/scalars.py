"""The constrained strings and numbers that the spec kinds share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

# Every pattern ends in $(?!\n): a bare $ also matches before a last line break. Digits are
# spelt out, because \d knows those of every script.
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$(?!\n)",
        description="Lower-case letters, digits and hyphens, at most 63: a DNS label.",
        examples=["payment-fraud"],
    ),
]
FeatureName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$(?!\n)",
        description="A Python identifier that starts with a letter.",
        examples=["amount_log"],
    ),
]
Team = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,98}[A-Za-z0-9])?$(?!\n)",
        description="The slug of a team on the forge, without the organisation.",
        examples=["team-payments"],
    ),
]
Text = Annotated[str, Meta(min_length=1, pattern=r"\S", description="Words, not blanks alone.")]
SemVer = Annotated[
    str,
    Meta(
        # The expression that semver.org publishes, with ASCII digits only.
        pattern=(
            r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
            r"(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
            r"(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
            r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$(?!\n)"
        ),
        description="A version as of Semantic Versioning 2.0.0.",
        examples=["1.4.0"],
    ),
]
Digest = Annotated[
    str,
    Meta(
        pattern=r"^sha256:[0-9a-f]{64}$(?!\n)",
        description="A full SHA-256 in lower-case hexadecimal.",
        examples=["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Commit = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{40}$(?!\n)",
        description="A full Git commit identifier.",
        examples=["da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ),
]
Duration = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]*)(s|m|h|d|w)$(?!\n)",
        description="A whole number of seconds, minutes, hours, days or weeks.",
        examples=["30m", "7d"],
    ),
]
Timestamp = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$(?!\n)",
        description="A moment in UTC (RFC 3339, whole seconds).",
        examples=["2024-09-12T10:00:00Z"],
    ),
]
Url = Annotated[
    str,
    Meta(
        # A host by name, its port, and a path: no user and no password, as everybody reads it.
        pattern=(
            r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
            r"([/?#][^\s\x00-\x1f\x7f]*)?$(?!\n)"
        ),
        description="An http(s) address with a host.",
        examples=["https://wiki.example.com/models/payment-fraud"],
    ),
]
License = Annotated[
    str,
    Meta(
        # https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
        pattern=r"^[A-Za-z0-9.+():-]+( [A-Za-z0-9.+():-]+)*$(?!\n)",
        description="A licence as an SPDX expression.",
        examples=["Apache-2.0", "LicenseRef-internal"],
    ),
]
Fraction = Annotated[float, Meta(gt=0, lt=1, examples=[0.2])]
Positive = Annotated[float, Meta(gt=0, examples=[0.5])]
NonNegative = Annotated[float, Meta(ge=0, examples=[10])]
Count = Annotated[int, Meta(ge=1, examples=[1])]
Natural = Annotated[int, Meta(ge=0, examples=[569])]
Seed = Annotated[
    int,
    Meta(
        ge=0,
        le=4294967295,
        description="A seed that NumPy accepts: 0 to 2^32-1.",
        examples=[42],
    ),
]
Percent = Annotated[int, Meta(ge=0, le=100, examples=[10])]
RelativePath = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$(?!\n)",
        description="A relative path with forward slashes that stays where it starts.",
        examples=["data/loans.parquet"],
    ),
]
ImportPath = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$(?!\n)",
        description="A dotted path to a Python class.",
        examples=["sklearn.linear_model.LogisticRegression"],
    ),
]
FunctionPath = Annotated[
    str,
    Meta(
        pattern=r"^[a-z_][a-z0-9_]*\.py:[A-Za-z_][A-Za-z0-9_]*$(?!\n)",
        description="A function in a Python file of the model folder, as file.py:function.",
        examples=["features.py:amount_log"],
    ),
]


def _cron_field(value: str) -> str:
    item = rf"(\*|({value})(-({value}))?)(/[1-9][0-9]?)?"
    return rf"{item}(,{item})*"


_CRON = (
    "[0-5]?[0-9]",
    "[01]?[0-9]|2[0-3]",
    "0?[1-9]|[12][0-9]|3[01]",
    "0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC",
    "[0-6]|SUN|MON|TUE|WED|THU|FRI|SAT",
)
Cron = Annotated[
    str,
    Meta(
        # As GitHub reads it: https://docs.github.com/actions/reference/events-that-trigger-workflows
        pattern=rf"^{' '.join(map(_cron_field, _CRON))}$(?!\n)",
        description=(
            "A cron expression in UTC: minute, hour, day of the month, month and day of the week."
        ),
        examples=["0 3 * * 1"],
    ),
]
# Any JSON value: the loader lets nothing else through.
Parameter = Any
Task = Literal["classification", "regression", "forecasting", "text-classification"]
# Whose targets are classes; those of all others are numbers.
CLASSIFYING: frozenset[Task] = frozenset({"classification", "text-classification"})
Risk = Literal["low", "medium", "high"]
EnvironmentName = Literal["staging", "production"]
ColumnType = Literal["float64", "int64", "bool", "string", "datetime64"]


def _form(alias: Any) -> tuple[str, str] | None:
    for meta in getattr(alias, "__metadata__", ()):
        if meta.pattern is not None and meta.description is not None:
            return meta.pattern, meta.description
    return None


# Pattern to the words for it, so that a field may say what it is for and still show its form.
FORMS: dict[str, str] = dict(form for form in map(_form, list(globals().values())) if form)
SEMVER_PATTERN: str = next(
    pattern for pattern in FORMS if pattern.startswith(r"^(0|[1-9][0-9]*)\.")
)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def seconds_of(duration: str) -> int:
    """Return the seconds of a Duration."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]
