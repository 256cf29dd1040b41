"""Findings as SARIF 2.1.0, which code scanning and editors read.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mergeline import __version__
from mergeline.findings import Severity
from mergeline.report.catalogue import REPOSITORY, by_id, help_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.specs.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "mergelineFinding/v1"
_LINK = re.compile(r"\[([^\[\]]*)\]\(")


def sarif(findings: Sequence[Finding], rules: Iterable[Rule], root: Path) -> dict[str, Any]:
    """Return a SARIF log of one run.

    Args:
        findings: the results, in order.
        rules: what is known of rules; those that were found are described in the log. A rule
            of which nothing is known is described by its name alone.
        root: the repository's root, to which the files' addresses are relative.
    """
    known = by_id(rules)
    found = list(dict.fromkeys(finding.rule for finding in findings))
    index = {rule: number for number, rule in enumerate(found)}
    driver = {
        "name": "Mergeline",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": REPOSITORY,
        "rules": [_descriptor(rule, known.get(rule, ()), findings) for rule in found],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {ROOT: {"uri": f"{root.resolve().as_uri().rstrip('/')}/"}},
        "columnKind": "unicodeCodePoints",
        "results": _results(findings, index),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _descriptor(rule: str, said: Sequence[Rule], findings: Sequence[Finding]) -> dict[str, Any]:
    level = str(next(finding.severity for finding in findings if finding.rule == rule))
    if not said:
        return {
            "id": rule,
            "shortDescription": {"text": rule},
            "fullDescription": {"text": rule},
            "defaultConfiguration": {"level": level},
        }
    return {
        "id": rule,
        "name": "".join(part.capitalize() for part in rule.split("-")),
        "shortDescription": {"text": _joined(one.title for one in said)},
        "fullDescription": {"text": _joined(one.meaning for one in said)},
        "help": {"text": _message(_help(said))},
        "helpUri": help_uri(rule),
        "defaultConfiguration": {"level": str(said[0].severity)},
        "properties": {"tags": _tags(said)},
    }


def _joined(texts: Iterable[str]) -> str:
    return _message(" / ".join(dict.fromkeys(texts)))


def _help(said: Sequence[Rule]) -> str:
    return "\n\n".join(f"{one.meaning}\n\nTo mend it: {one.hint}" for one in said)


def _tags(said: Sequence[Rule]) -> list[str]:
    tags = [one.source for one in said]
    tags += [f"practice-{one.practice}" for one in said if one.practice is not None]
    return list(dict.fromkeys(tags))


def _results(findings: Sequence[Finding], index: dict[str, int]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    results = []
    for finding in findings:
        identity = _identity(finding)
        seen[identity] = seen.get(identity, 0) + 1
        results.append(_result(finding, index[finding.rule], f"{identity}:{seen[identity]}"))
    return results


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    message = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": "error" if finding.severity is Severity.ERROR else "warning",
        "message": {"text": _message(message)},
        "locations": [{"physicalLocation": _place(finding)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _place(finding: Finding) -> dict[str, Any]:
    place = finding.location
    return {
        "artifactLocation": {"uri": quote(place.file, errors="replace"), "uriBaseId": ROOT},
        "region": {"startLine": max(1, place.line), "startColumn": max(1, place.column)},
    }


def _identity(finding: Finding) -> str:
    """Return what stays of a finding when lines above it come or go: rule, file, message."""
    parts = (finding.rule, finding.location.file, finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _message(text: str) -> str:
    """Escape what SARIF takes for a placeholder (3.11.5) or for an embedded link (3.11.6)."""
    plain = text.replace("{", "{{").replace("}", "}}")
    return _LINK.sub(r"\\[\1\\](", plain)
