"""A lineage as events of OpenLineage, one JSON document a line.

https://openlineage.io/spec/2-0-2/OpenLineage.json: a run that is complete, with the datasets that
went in and those that came out. A release is a dataset that training makes, and that a promotion
brings into an environment.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from mergeline import __version__

if TYPE_CHECKING:
    from mergeline.audit.graph import Graph, Node

_PRODUCER = f"https://github.com/mergeline/mergeline/tree/v{__version__}"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_VERSION = (
    "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json"
    "#/$defs/DatasetVersionDatasetFacet"
)
_NAMESPACE = "mergeline"


def events_text(graph: Graph) -> str:
    """Return an event for each training and each deployment, in the order of the graph."""
    events = [_training(graph, release) for release in graph.of("release")]
    events += [_promotion(graph, one) for one in graph.of("deployment")]
    return "\n".join(json.dumps(event, ensure_ascii=False) for event in events)


def _training(graph: Graph, release: Node) -> dict[str, Any]:
    """The moment is that of the record: how long before it the run ended is not recorded."""
    runs = graph.behind(release, "run")
    inputs = [_source(one) for run in runs for one in graph.behind(run, "dataset")]
    inputs += [_source(one) for run in runs for one in graph.behind(run, "feature")]
    identifier = runs[0].id if runs else release.id
    job = f"{release.name}.train"
    return _event(release.facts["at"], identifier, job, inputs, [_made(release)])


def _promotion(graph: Graph, deployment: Node) -> dict[str, Any]:
    model = deployment.facts["model"]
    inputs = [_made(one) for one in graph.behind(deployment, "release")]
    target = _dataset(f"{model}/{deployment.name}", deployment.version)
    job = f"{model}.promote.{deployment.name}"
    return _event(deployment.facts["at"], deployment.id, job, inputs, [target])


def _event(
    moment: str, identifier: str, job: str, inputs: list[Any], outputs: list[Any]
) -> dict[str, Any]:
    return {
        "eventTime": moment,
        "eventType": "COMPLETE",
        "producer": _PRODUCER,
        "schemaURL": _SCHEMA,
        # OpenLineage asks for a UUID; of one run it is always the same.
        "run": {"runId": str(uuid5(NAMESPACE_URL, f"{_NAMESPACE}:{identifier}"))},
        "job": {"namespace": _NAMESPACE, "name": job},
        "inputs": inputs,
        "outputs": outputs,
    }


def _source(node: Node) -> dict[str, Any]:
    return _dataset(f"{node.kind}/{node.name}", node.version)


def _made(release: Node) -> dict[str, Any]:
    return _dataset(f"model/{release.name}", f"{release.version} {release.facts['digest']}")


def _dataset(name: str, version: str) -> dict[str, Any]:
    facet = {"_producer": _PRODUCER, "_schemaURL": _VERSION, "datasetVersion": version}
    return {"namespace": _NAMESPACE, "name": name, "facets": {"version": facet}}
