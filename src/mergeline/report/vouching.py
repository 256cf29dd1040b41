"""Who stands for a release, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.report.text import findings_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.promotion.vouching import Vouched


def vouched_text(answer: Vouched) -> str:
    """Return who signed and what, or what does not hold; then the verdict."""
    release = answer.release
    lines = [f"{name:<11}{printable(value)}" for name, value in _rows(answer)]
    found = [findings_text(answer.findings), ""] if answer.findings else []
    if release.signature is None:
        verdict = "nobody signed it"
    else:
        verdict = "the signature does not hold" if answer.exit_code else "the signature holds"
    return "\n".join([*lines, "", *found, f"{release.name} {release.version}: {verdict}"])


def _rows(answer: Vouched) -> Iterator[tuple[str, str]]:
    release, signature = answer.release, answer.release.signature
    yield "release", f"{release.name} {release.version}, {release.digest}"
    if signature is not None:
        means = "a key" if signature.method == "key" else "an identity that Sigstore witnessed"
        yield "signed by", f"{signature.signer}, with {means}"
    if answer.provenance is not None:
        predicate = answer.provenance["predicate"]
        definition, details = predicate["buildDefinition"], predicate["runDetails"]
        yield "files", str(len(answer.provenance["subject"]))
        for one in definition["resolvedDependencies"]:
            yield "made of", f"{one['name']} {next(iter(one['digest'].values()))}"
        yield "approved", definition["externalParameters"]["pullRequest"]
        yield "built by", details["builder"]["id"]
        isolation = definition["internalParameters"].get("isolation")
        yield "isolated", _isolated(isolation) if isolation else "not said"
        yield "level", str(answer.level)
        yield "finished", details["metadata"]["finishedOn"]


def _isolated(isolation: Mapping[str, Any]) -> str:
    """Say where the model's code ran, and what nothing kept it from."""
    open_to = sorted(
        {
            subject
            for held in isolation["confined"].values()
            for subject, by in held.items()
            if by is None
        }
    )
    ran = f"the pipeline ran in {isolation['runs']}"
    if not isolation["confined"]:
        return f"{ran}; how its code was confined is not said"
    held = "all that it runs of the model is confined"
    return f"{ran}; {held}" + (f", but not in: {', '.join(open_to)}" if open_to else "")
