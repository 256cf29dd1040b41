"""Lineage as a graph: what was made of what, and where it went."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal["dataset", "feature", "commit", "run", "release", "deployment"]


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was made, or went somewhere.

    Attributes:
        id: unlike that of any other node.
        kind: what it is.
        name: of the dataset, feature, model or environment.
        version: of a feature or release; the digest of a dataset.
        facts: what else is known of it.
    """

    id: str
    kind: Kind
    name: str
    version: str
    facts: dict[str, Any] = {}


class Graph:
    """Nodes and what leads from one to another, each once, in the order of their making."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str], None] = {}

    def add(self, node: Node, *sources: Node) -> Node:
        """Add a node, and an edge from each of its sources."""
        self.nodes[node.id] = node
        for source in sources:
            self.edges[source.id, node.id] = None
        return node

    def of(self, kind: Kind) -> list[Node]:
        """Return the nodes of a kind."""
        return [node for node in self.nodes.values() if node.kind == kind]

    def behind(self, node: Node, kind: Kind) -> list[Node]:
        """Return the nodes of a kind from which an edge leads to a node."""
        found = [self.nodes[source] for source, target in self.edges if target == node.id]
        return [one for one in found if one.kind == kind]

    def as_json(self) -> dict[str, Any]:
        """Return the graph for programs."""
        return {
            "nodes": [msgspec.to_builtins(node) for node in self.nodes.values()],
            "edges": [{"from": source, "to": target} for source, target in self.edges],
        }
