"""Applies waivers to what an engine answers, and says which of them are of no use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mergeline.findings import Severity
from mergeline.policy.metadata import rule_ids
from mergeline.policy.results import PolicyResult
from mergeline.policy.waivers import not_waivable
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from mergeline.findings import Finding
    from mergeline.policy.engine import PolicyEngine
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.waivers import WaiverFile, Waivers

_MODELS = "models/"
_HINT_EXPIRED = "mend what the rule says, or have the owners of the policies extend the waiver"


@dataclass(frozen=True, slots=True)
class WaivingEngine:
    """Asks an engine, and turns errors that are waived into warnings.

    Attributes:
        engine: the engine that is asked.
        waivers: those of the tree that the engine's policies come from.
        clock: the time, in UTC.
    """

    engine: PolicyEngine
    waivers: Waivers
    clock: Callable[[], datetime]

    @property
    def library(self) -> PolicyLibrary:
        """The policies that it evaluates."""
        return self.engine.library

    def evaluate(self, package: str, document: Any) -> tuple[PolicyResult, ...]:
        """Return what a package says of an input document; see `PolicyEngine.evaluate`."""
        results = self.engine.evaluate(package, document)
        if not self.waivers.files:
            return results
        model = str(document.get("model")) if isinstance(document, dict) else ""
        return tuple(sorted({one for result in results for one in self._waived(result, model)}))

    def close(self) -> None:
        """Close the engine that is asked."""
        self.engine.close()

    def _waived(self, result: PolicyResult, model: str) -> Iterator[PolicyResult]:
        waiver = _holding(self.waivers, self.library, result.id, model)
        if waiver is None or result.severity is not Severity.ERROR:
            yield result
        elif waiver.expires >= self.clock().date():
            message = f"{result.message}; {waiver.says()}"
            yield replace(result, severity=Severity.WARNING, message=message)
        else:
            yield result
            message = _expired(waiver)
            yield PolicyResult(
                "waiver-expired", Severity.ERROR, message, result.path, _HINT_EXPIRED
            )


def with_waivers(
    findings: Iterable[Finding], waivers: Waivers, library: PolicyLibrary, clock: datetime
) -> list[Finding]:
    """Turn those findings into warnings that a waiver holds for.

    Args:
        findings: of policies and of specs, before any waiver; those of package
            `mergeline.model` can be waived.
        waivers: those of the tree that the policies come from.
        library: the policies.
        clock: the time, in UTC.

    Returns:
        The findings, and what is to be said of the waivers that expired or waive nothing.
    """
    known = rule_ids(library, "mergeline.model")
    shown: list[Finding] = []
    used: set[str] = set()
    expired: set[str] = set()
    for finding in findings:
        waiver = None
        if finding.severity is Severity.ERROR and finding.rule in known:
            waiver = _holding(waivers, library, finding.rule, _model_of(finding))
        if waiver is None:
            shown.append(finding)
        elif waiver.expires < clock.date():
            expired.add(waiver.name)
            shown.append(finding)
        else:
            used.add(waiver.name)
            message = f"{finding.message}; {waiver.says()}"
            shown.append(replace(finding, severity=Severity.WARNING, message=message))
    return [*shown, *_of_no_use(waivers, known, used, expired)]


def waiver_findings(
    waivers: Waivers, library: PolicyLibrary, models: Collection[str]
) -> Iterator[Finding]:
    """Say what is wrong with waivers, whatever the models are like.

    Args:
        waivers: those to look at.
        library: the policies, which say what rules there are.
        models: the names of all models.
    """
    yield from waivers.findings
    rules = {one for package in library.packages for one in rule_ids(library, package)}
    kept = not_waivable(library.data)
    for waiver in waivers.files:
        spec, document = waiver.spec, waiver.document
        if spec.rule not in rules:
            yield document.finding(
                "waiver-unknown-rule",
                f'there is no policy rule "{spec.rule}"',
                ("rule",),
                hint=did_you_mean(spec.rule, sorted(rules)) or "mergeline policy list names them",
            )
        elif spec.rule in kept:
            yield document.finding(
                "waiver-not-allowed",
                f"rule {spec.rule} cannot be waived",
                ("rule",),
                hint="organization.not_waivable in policies/data.yaml lists such rules",
            )
        if spec.model not in models:
            yield document.finding(
                "waiver-unknown-model",
                f'there is no model "{spec.model}"',
                ("model",),
                hint=did_you_mean(spec.model, sorted(models)) or "remove the waiver",
            )


def _holding(waivers: Waivers, library: PolicyLibrary, rule: str, model: str) -> WaiverFile | None:
    if rule in not_waivable(library.data):
        return None
    return next(waivers.of(rule, model), None)


def _model_of(finding: Finding) -> str:
    file = finding.location.file
    return file.split("/")[1] if file.startswith(_MODELS) and file.count("/") > 1 else ""


def _expired(waiver: WaiverFile) -> str:
    return f"waiver {waiver.name} of rule {waiver.spec.rule} ended on {waiver.expires}"


def _of_no_use(
    waivers: Waivers, known: Collection[str], used: Collection[str], expired: Collection[str]
) -> Iterator[Finding]:
    for waiver in waivers.files:
        document = waiver.document
        if waiver.name in expired:
            yield document.finding(
                "waiver-expired", _expired(waiver), ("expires",), hint=_HINT_EXPIRED
            )
        elif waiver.name not in used and waiver.spec.rule in known:
            yield document.finding(
                "waiver-unused",
                f"the waiver waives nothing: {waiver.spec.model} has no error {waiver.spec.rule}",
                ("rule",),
                hint="remove the waiver",
                severity=Severity.WARNING,
            )
