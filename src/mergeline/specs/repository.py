"""All models and pipeline templates of a tree, typed, with what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.conformance import conform
from mergeline.specs.kinds import MODEL_KINDS, TEMPLATE_KIND, Kind, kind_of
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mergeline.specs import types
    from mergeline.specs.document import Document
    from mergeline.specs.tree import Tree

MODELS = "models"
TEMPLATES = "pipelines"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model whose files all conform to their kinds.

    Attributes:
        name: the folder's name.
        path: the folder, from the repository's root.
        documents: the parsed spec files, by their path below the folder.
        files: every file of the folder (specs, code, data), by its path below the folder.
        environments: the desired state, by environment.
        releases: the registry entries, by version.
    """

    name: str
    path: str
    documents: Mapping[str, Document]
    files: Mapping[str, bytes]
    model: types.Model
    data: types.Data
    features: types.Features
    training: types.Training
    evaluation: types.Evaluation
    deployment: types.Deployment
    monitoring: types.Monitoring
    environments: Mapping[str, types.Environment]
    releases: Mapping[str, types.Release]

    def as_input(self) -> dict[str, Any]:
        """Return the specs as plain values: section to content, as policies see them."""
        sections: dict[str, Any] = {"environments": {}, "releases": {}}
        for path, document in self.documents.items():
            folder, slash, name = path.rpartition("/")
            home = sections[folder] if slash else sections
            home[name.removesuffix(".yaml")] = document.value
        return sections


@dataclass(frozen=True, slots=True)
class Repository:
    """What a tree holds.

    Attributes:
        models: the models whose files all conform, by name.
        templates: the pipeline templates that conform, by name.
        template_documents: their parsed files, by name.
        broken: the names of the models with files that do not conform.
        findings: what is wrong with the files.
    """

    models: Mapping[str, ModelFolder]
    templates: Mapping[str, types.PipelineTemplate]
    template_documents: Mapping[str, Document]
    broken: frozenset[str]
    findings: tuple[Finding, ...]

    @property
    def names(self) -> list[str]:
        """The names of all models, broken ones too."""
        return sorted({*self.models, *self.broken})


@dataclass(slots=True)
class _Reading:
    documents: dict[str, Document] = field(default_factory=dict)
    specs: dict[str, types.Spec] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, file: str, below: str, kind: Kind, content: bytes) -> None:
        document, findings = parse(file, content)
        self.findings += findings
        if document is None:
            return
        spec, findings = conform(document, kind)
        self.findings += findings
        if spec is not None:
            self.documents[below] = document
            self.specs[below] = spec

    def all_of(self, folder: str) -> dict[str, Any]:
        prefix = f"{folder}/"
        return {
            path.removeprefix(prefix).removesuffix(".yaml"): spec
            for path, spec in self.specs.items()
            if path.startswith(prefix)
        }


def load_repository(tree: Tree, only: Collection[str] | None = None) -> Repository:
    """Read the models and the pipeline templates of a tree.

    Args:
        tree: the files.
        only: the names of the models to read; None: all.
    """
    folders: dict[str, list[str]] = {}
    for path in tree.files(MODELS):
        _, name, *below = path.split("/")
        if below and (only is None or name in only):
            folders.setdefault(name, []).append("/".join(below))
    findings: list[Finding] = []
    models = {}
    for name, paths in sorted(folders.items()):
        model, found = _load_model(tree, name, paths)
        findings += found
        if model is not None:
            models[name] = model
    templates = _load_templates(tree)
    return Repository(
        models=models,
        templates=cast("dict[str, types.PipelineTemplate]", templates.specs),
        template_documents=templates.documents,
        broken=frozenset(set(folders) - set(models)),
        findings=(*findings, *templates.findings),
    )


def _load_model(
    tree: Tree, name: str, paths: list[str]
) -> tuple[ModelFolder | None, list[Finding]]:
    folder = f"{MODELS}/{name}"
    reading = _Reading()
    for path in paths:
        content = tree.read(f"{folder}/{path}")
        reading.files[path] = content
        kind = kind_of(path)
        if kind is not None:
            reading.take(f"{folder}/{path}", path, kind, content)
        elif path.endswith((".yaml", ".yml")):
            reading.findings.append(_unknown_file(folder, path))
    reading.findings += _missing_files(folder, reading.files)
    if reading.findings:
        return None, reading.findings
    return _typed(name, folder, reading), []


def _typed(name: str, folder: str, reading: _Reading) -> ModelFolder:
    required = {
        kind.section: cast("Any", reading.specs[kind.path]) for kind in MODEL_KINDS if kind.required
    }
    return ModelFolder(
        name=name,
        path=folder,
        documents=reading.documents,
        files=reading.files,
        environments=reading.all_of("environments"),
        releases=reading.all_of("releases"),
        **required,
    )


def _missing_files(folder: str, files: Collection[str]) -> list[Finding]:
    return [
        Finding(
            "missing-file",
            Severity.ERROR,
            f"the model has no {kind.path}",
            Location(f"{folder}/{kind.path}"),
            f"add {kind.path} with kind: {kind.name}",
        )
        for kind in MODEL_KINDS
        if kind.required and kind.path not in files
    ]


def _unknown_file(folder: str, path: str) -> Finding:
    known = ", ".join(kind.path for kind in MODEL_KINDS)
    return Finding(
        "unknown-file",
        Severity.ERROR,
        f"{path} is no spec that is known",
        Location(f"{folder}/{path}"),
        f"known: {known}",
    )


def _load_templates(tree: Tree) -> _Reading:
    reading = _Reading()
    for path in tree.files(TEMPLATES):
        parent, _, name = path.rpartition("/")
        if parent == TEMPLATES and name.endswith(".yaml"):
            reading.take(path, name.removesuffix(".yaml"), TEMPLATE_KIND, tree.read(path))
    return reading
