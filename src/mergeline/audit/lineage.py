"""From dataset and features to run, release and deployments; and from a source to all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from mergeline.audit.answer import unknown_name
from mergeline.audit.checking import check_rows
from mergeline.audit.graph import Graph, Node
from mergeline.audit.making import make_rows
from mergeline.audit.moment import moment_text
from mergeline.audit.reading import conforming, edited, found_in, not_here
from mergeline.audit.timeline import read_timeline
from mergeline.digest import digest_bytes
from mergeline.errors import UsageError
from mergeline.promotion.documents import release_path
from mergeline.specs.repository import MODELS, model_names
from mergeline.specs.types import Features, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mergeline.audit.row import Row
    from mergeline.audit.selector import Source
    from mergeline.audit.timeline import Recorded, Timeline
    from mergeline.errors import ToolError
    from mergeline.findings import Finding
    from mergeline.git import GitRepository
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.types.features import Feature
    from mergeline.specs.types.release import ReleasedDataset

_FEATURES = "features.yaml"


@dataclass
class Lineage:
    """A graph, what is wrong with what it was read from, and why the registry did not answer."""

    graph: Graph = field(default_factory=Graph)
    findings: list[Finding] = field(default_factory=list)
    error: ToolError | None = None


def lineage_of(
    git: GitRepository,
    ref: str,
    model: str,
    version: str,
    lookup: Callable[[str, str], RegisteredVersion | None] | None,
) -> Lineage:
    """Return what a release was made of, and where it went.

    Args:
        git: the clone.
        ref: the default branch.
        model: its name.
        version: of the release.
        lookup: gives the registered version of a model, for approvals; None: it is not asked.

    Raises:
        ToolError: the clone lacks a commit.
        UsageError: there is no such release.
    """
    timeline = read_timeline(git, ref, [model])
    if (model, version) not in timeline.records:
        raise unknown_release(git, ref, timeline, model, version)
    lineage = Lineage()
    _Tracer(git, timeline, lineage, lookup).trace([(model, version)])
    return lineage


def reached_from(git: GitRepository, ref: str, source: Source) -> Lineage:
    """Return every release that a dataset or feature version reached, and where each went.

    Raises:
        ToolError: the clone lacks a commit.
        UsageError: no release was ever made of it.
    """
    timeline = read_timeline(git, ref)
    lineage = Lineage()
    tracer = _Tracer(git, timeline, lineage, None)
    candidates = tracer.made_of(source)
    tracer.trace(candidates, source)
    if not lineage.graph.of("release"):
        raise UsageError(
            f"no release was made of {source}",
            hint="names are those of data.yaml and features.yaml; mergeline lineage MODEL@VERSION "
            "shows those of a release",
        )
    return lineage


def unknown_release(
    git: GitRepository, ref: str, timeline: Timeline, model: str, version: str
) -> UsageError:
    """Return the error that a model has no such release, with the nearest one that it has."""
    versions = [one for _, one in timeline.records]
    if not versions and model not in (known := model_names(git.tree(ref))):
        return unknown_name("model", model, known)
    near = get_close_matches(version, versions, n=1, cutoff=0.0)
    hint = f'did you mean "{model}@{near[0]}"?' if near else f"{model} was never released"
    return UsageError(f"{model} has no release {version}", hint=hint)


class _Tracer:
    """Reads many releases with few questions to Git."""

    def __init__(
        self,
        git: GitRepository,
        timeline: Timeline,
        lineage: Lineage,
        lookup: Callable[[str, str], RegisteredVersion | None] | None,
    ) -> None:
        self._git = git
        self._timeline = timeline
        self._lineage = lineage
        self._lookup = lookup

    def made_of(self, source: Source) -> list[tuple[str, str]]:
        """Return the releases whose records can be about a source, by a look at their bytes."""
        words = [source.name.encode()]
        if source.kind == "feature":
            words = self._digests_of_features(source)
        contents = self._contents([self._written(key) for key in self._timeline.records])
        return [
            key
            for key in self._timeline.records
            if any(word in contents.get(self._written(key).blob or "", b"") for word in words)
        ]

    def _digests_of_features(self, source: Source) -> list[bytes]:
        """Return the digests of the files that define a feature, as records hold them."""
        blobs = sorted({blob for found in self._timeline.features.values() for blob in found})
        contents = [one.content for one in self._git.stored(blobs) if one]
        name = source.name.encode()
        return [digest_bytes(content).encode() for content in contents if name in content]

    def _written(self, key: tuple[str, str]) -> Recorded:
        """Return the record as it was first written: what was released."""
        return self._timeline.records[key][0]

    def _contents(self, records: Sequence[Recorded]) -> dict[str, bytes]:
        blobs = sorted({one.blob for one in records if one.blob})
        found = zip(blobs, self._git.stored(blobs), strict=True)
        return {blob: one.content for blob, one in found if one}

    def trace(self, keys: Sequence[tuple[str, str]], source: Source | None = None) -> None:
        """Add what leads to some releases and from them; of a source, only where it is in them."""
        contents = self._contents([self._written(key) for key in keys])
        read: list[tuple[Release, Recorded]] = []
        for key in keys:
            written = self._written(key)
            release = conforming(contents.get(written.blob or "", b""), Release)
            problem = edited(release, self._timeline.records[key])
            if problem:
                self._note(found_in("release-edited", release_path(*key), problem))
            if release is not None:
                read.append((release, written))
        features = self._features([release for release, _ in read])
        found: dict[str, Node] = {}
        for release, written in read:
            used = [
                *(_dataset(one) for one in release.datasets),
                *features[release.name, release.version],
            ]
            shown = [node for node in used if source is None or _is(node, source)]
            if shown or source is None:
                found[release.digest] = self._release(release, written, shown)
        self._deployments(found)

    def _release(self, release: Release, written: Recorded, used: Sequence[Node]) -> Node:
        graph, training = self._lineage.graph, release.training
        facts = {
            "pull_request": training.pull_request,
            "estimator": training.estimator,
            "lockfile": release.environment.lockfile_digest,
        }
        commit = Node(id=training.commit, kind="commit", name=release.name, version=training.commit)
        run = Node(
            id=f"run:{training.run_id}",
            kind="run",
            name=release.name,
            version=training.run_id,
            facts=facts,
        )
        sources = [graph.add(one) for one in (commit, *used)]
        return graph.add(self._made(release, written), graph.add(run, *sources))

    def _made(self, release: Release, written: Recorded) -> Node:
        seconds = self._timeline.commits[written.position][1]
        return Node(
            id=f"release:{release.name}@{release.version}",
            kind="release",
            name=release.name,
            version=release.version,
            facts={
                "digest": release.digest,
                "artifact": release.artifact.digest,
                "owner": release.owner,
                "commit": written.commit,
                "at": moment_text(seconds),
            },
        )

    def _features(self, releases: Sequence[Release]) -> dict[tuple[str, str], list[Node]]:
        """Return the features of releases, from the commits they were trained at."""
        commits = [one.training.commit for one in releases]
        paths = [f"{MODELS}/{one.name}/{_FEATURES}" for one in releases]
        names = [f"{commit}:{path}" for commit, path in zip(commits, paths, strict=True)]
        found = self._git.stored([*commits, *names])
        read: list[tuple[Release, Features]] = []
        for place, release in enumerate(releases):
            if found[place] is None:
                raise not_here(release)
            stored = found[place + len(releases)]
            content = stored.content if stored else b""
            if digest_bytes(content) != release.specs.get(_FEATURES):
                message = f"at {commits[place][:10]} it is not the one of {release.version}"
                self._note(found_in("spec-mismatch", paths[place], message))
            spec = conforming(content, Features)
            if spec is not None:
                read.append((release, spec))
        shared = self._shared(read)
        features: dict[tuple[str, str], list[Node]] = {
            (release.name, release.version): [] for release in releases
        }
        for release, spec in read:
            nodes = features[release.name, release.version]
            nodes += [_feature(release.name, one) for one in spec.features]
            nodes += shared.get((release.name, release.version), [])
        return features

    def _shared(
        self, read: Sequence[tuple[Release, Features]]
    ) -> dict[tuple[str, str], list[Node]]:
        """Return the features that releases share, as the models that define them had them."""
        wanted = [(release, one) for release, spec in read for one in spec.shared]
        names = [
            f"{release.training.commit}:{MODELS}/{one.from_}/{_FEATURES}" for release, one in wanted
        ]
        nodes: dict[tuple[str, str], list[Node]] = {}
        for (release, reference), stored in zip(wanted, self._git.stored(names), strict=True):
            spec = conforming(stored.content, Features) if stored else None
            for one in spec.features if spec else ():
                if (one.name, one.version) == (reference.name, reference.version):
                    node = _feature(reference.from_, one)
                    nodes.setdefault((release.name, release.version), []).append(node)
        return nodes

    def _deployments(self, releases: dict[str, Node]) -> None:
        models = {node.name for node in releases.values()}
        changes = [one for one in self._timeline.changes if one.model in models and one.blob]
        made = make_rows(self._git, self._timeline, changes, lambda _: None)
        rows = [row for row in made.rows if row.digest in releases]
        if self._lookup is not None:
            checked = check_rows(rows, made.releases, made.asked, self._lookup)
            rows, self._lineage.error = checked.rows, checked.error
        for row in rows:
            node = releases[row.digest or ""]
            if row.change != "hold":
                self._lineage.graph.add(_deployment(row), node)

    def _note(self, finding: Finding) -> None:
        self._lineage.findings.append(finding)


def _dataset(one: ReleasedDataset) -> Node:
    return Node(
        id=f"dataset:{one.name}@{one.digest}",
        kind="dataset",
        name=one.name,
        version=one.digest,
        facts={"uri": one.uri, "rows": one.rows},
    )


def _feature(model: str, one: Feature) -> Node:
    # Two models may define a feature of one name and version each for itself.
    return Node(
        id=f"feature:{model}/{one.name}@{one.version}",
        kind="feature",
        name=one.name,
        version=str(one.version),
        facts={"owner": one.owner},
    )


def _deployment(row: Row) -> Node:
    return Node(
        id=f"deployment:{row.model}/{row.environment}@{row.commit}",
        kind="deployment",
        name=row.environment,
        version=row.version or "",
        facts={
            "model": row.model,
            "change": row.change,
            "at": row.at,
            "commit": row.commit,
            "pull_request": row.pull_request,
            "author": row.author,
            "approvers": list(row.approvers) if row.approvers is not None else None,
            "decision": row.decision,
        },
    )


def _is(node: Node, source: Source) -> bool:
    if (node.kind, node.name) != (source.kind, source.name):
        return False
    if source.version is None:
        return True
    if source.kind == "feature":
        return node.version == source.version
    return node.version.removeprefix("sha256:").startswith(source.version.removeprefix("sha256:"))
