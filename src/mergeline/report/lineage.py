"""A lineage as text, and as a flowchart of Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.report.text import printable

if TYPE_CHECKING:
    from mergeline.audit.graph import Graph, Node

_SHORT = 12
# What Mermaid would take for its own within a quoted label.
_MARKS = re.compile(r"[^\w .,:@#/+-]")


def lineage_text(graph: Graph) -> str:
    """Return each release with what it was made of above and where it went below."""
    return printable("\n\n".join(_release_text(graph, one) for one in graph.of("release")))


def _release_text(graph: Graph, release: Node) -> str:
    facts = release.facts
    lines = [
        f"{release.name}@{release.version} {facts['digest']}",
        f"  owner {facts['owner']}, recorded {facts['at']} by {facts['commit'][:10]}",
    ]
    for run in graph.behind(release, "run"):
        lines += [f"  {_title(one)}" for one in graph.behind(run, "dataset")]
        lines += [f"  {_title(one)}" for one in graph.behind(run, "feature")]
        commits = ", ".join(one.version[:10] for one in graph.behind(run, "commit"))
        lines.append(
            f"  run {run.version} of {run.facts['estimator']} at commit {commits}, "
            f"pull request #{run.facts['pull_request']}"
        )
    gone = [graph.nodes[target] for source, target in graph.edges if source == release.id]
    return "\n".join([*lines, *(f"  {_deployment(one)}" for one in gone)])


def _deployment(node: Node) -> str:
    facts = node.facts
    approvers = facts["approvers"]
    known = "?" if approvers is None else ", ".join(approvers) or "nobody"
    number = f"pull request #{facts['pull_request']}, " if facts["pull_request"] else ""
    return (
        f"{node.name} at {facts['at']} ({facts['change']}, {number}commit {facts['commit'][:10]}, "
        f"approved by {known}: {facts['decision']})"
    )


def _title(node: Node) -> str:
    if node.kind == "deployment":
        return f"{node.name} at {node.facts['at']}"
    if node.kind in ("commit", "run"):
        return f"{node.kind} {node.version[:_SHORT]}"
    if node.kind == "dataset":
        return f"dataset {node.name}@{node.version.removeprefix('sha256:')[:_SHORT]}"
    kind = "" if node.kind == "release" else f"{node.kind} "
    return f"{kind}{node.name}@{node.version}"


def lineage_mermaid(graph: Graph) -> str:
    """Return the graph as a flowchart; labels hold no character that Mermaid reads."""
    names = {identifier: f"n{number}" for number, identifier in enumerate(graph.nodes)}
    nodes = [f'  {names[one.id]}["{_MARKS.sub("_", _title(one))}"]' for one in graph.nodes.values()]
    edges = [f"  {names[source]} --> {names[target]}" for source, target in graph.edges]
    return "\n".join(["flowchart LR", *nodes, *edges])
