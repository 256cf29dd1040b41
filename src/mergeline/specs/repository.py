"""All models and pipeline templates of a tree, typed, with what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.borrowing import Borrowed, borrow
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.kinds import MODEL_KINDS, TEMPLATE_KIND, Kind, kind_of
from mergeline.specs.reading import Files, Reading, is_plain, link_findings, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mergeline.specs import types
    from mergeline.specs.document import Document
    from mergeline.specs.tree import Tree

MODELS = "models"
TEMPLATES = "pipelines"
_FEATURES = "features.yaml"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model whose files all conform to their kinds.

    Attributes:
        name: the folder's name.
        path: the folder, from the repository's root.
        documents: the parsed spec files, by their path below the folder.
        files: every file of the folder (specs, code, data), by its path below the folder;
            read when asked for, which raises ToolError if it cannot be. What shared features
            are is among them (`mergeline.specs.borrowing`).
        borrowed: which of the files are of shared features, and not in the folder.
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
    borrowed: frozenset[str] = frozenset()

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


def load_repository(tree: Tree, only: Collection[str] | None = None) -> Repository:
    """Read the models and the pipeline templates of a tree.

    Args:
        tree: the files.
        only: the names of the models to read; None: all.

    Raises:
        ToolError: a folder cannot be read.
    """
    folders = _folders(tree.files(MODELS), only)
    linked = _folders_of(link_findings(tree, MODELS), only)
    models = {}
    findings: list[Finding] = []
    for name in sorted({*folders, *linked}):
        model, found = _load_model(tree, name, folders.get(name, []), linked.get(name, []))
        findings += found
        if model is not None:
            models[name] = model
    templates = _load_templates(tree)
    return Repository(
        models=models,
        templates=cast("dict[str, types.PipelineTemplate]", templates.specs),
        template_documents=templates.documents,
        broken=frozenset({*folders, *linked} - set(models)),
        findings=(*findings, *templates.findings),
    )


def model_names(tree: Tree) -> list[str]:
    """Return the names of the model folders, sorted, without reading any file."""
    return sorted(_folders(tree.files(MODELS), None))


def _folders(files: list[str], only: Collection[str] | None) -> dict[str, list[str]]:
    """Group files by model, as paths below its folder."""
    folders: dict[str, list[str]] = {}
    for path in files:
        _, name, *below = path.split("/")
        if below and (only is None or name in only):
            folders.setdefault(name, []).append("/".join(below))
    return folders


def _folders_of(findings: list[Finding], only: Collection[str] | None) -> dict[str, list[Finding]]:
    """Group findings by model; what concerns none, such as models/ itself, goes under it."""
    folders: dict[str, list[Finding]] = {}
    for finding in findings:
        name = f"{finding.location.file}/".split("/")[1] or MODELS
        if only is None or name in only or name == MODELS:
            folders.setdefault(name, []).append(finding)
    return folders


def _load_model(
    tree: Tree, name: str, paths: list[str], linked: list[Finding]
) -> tuple[ModelFolder | None, list[Finding]]:
    folder = f"{MODELS}/{name}"
    if not paths:
        return None, linked
    odd = [_odd_name(folder, path) for path in paths if not is_plain(f"{folder}/{path}")]
    if odd:
        return None, [*linked, *odd]
    reading = Reading(findings=linked)
    for path in paths:
        kind = kind_of(path)
        if kind is not None:
            reading.take(tree, f"{folder}/{path}", path, kind)
        elif path.endswith((".yaml", ".yml")):
            reading.findings.append(_unknown_file(folder, path))
    reading.findings += _missing_files(folder, paths, linked)
    if reading.findings:
        return None, reading.findings
    borrowed, findings = _borrowed(tree, name, reading)
    clashes = [_clash(folder, path) for path in borrowed.files if path in paths]
    if findings or clashes:
        return None, [*findings, *clashes]
    files = Files(tree, folder, paths, borrowed.files)
    return _typed(name, folder, reading, files, frozenset(borrowed.files)), []


def _borrowed(tree: Tree, name: str, reading: Reading) -> tuple[Borrowed, list[Finding]]:
    """Look up the features that the model shares, and take them as its own."""
    features = cast("types.Features", reading.specs[_FEATURES])
    borrowed, findings = borrow(tree, name, features, reading.documents[_FEATURES])
    reading.specs[_FEATURES] = borrowed.features
    reading.documents[_FEATURES] = borrowed.document
    return borrowed, findings


def _clash(folder: str, path: str) -> Finding:
    return Finding(
        "file-name",
        Severity.ERROR,
        f"{path} is the name that a shared feature is kept under",
        Location(f"{folder}/{path}"),
        "rename the file",
    )


def _typed(
    name: str, folder: str, reading: Reading, files: Files, borrowed: frozenset[str]
) -> ModelFolder:
    required = {
        kind.section: cast("Any", reading.specs[kind.path]) for kind in MODEL_KINDS if kind.required
    }
    return ModelFolder(
        name=name,
        path=folder,
        documents=reading.documents,
        files=files,
        borrowed=borrowed,
        environments=reading.all_of("environments"),
        releases=reading.all_of("releases"),
        **required,
    )


def _missing_files(folder: str, paths: list[str], linked: list[Finding]) -> list[Finding]:
    there = {*paths, *(finding.location.file.removeprefix(f"{folder}/") for finding in linked)}
    return [
        Finding(
            "missing-file",
            Severity.ERROR,
            _missing_message(kind, paths),
            Location(f"{folder}/{kind.path}"),
            f"add {kind.path} with kind: {kind.name}",
        )
        for kind in MODEL_KINDS
        if kind.required and kind.path not in there
    ]


def _missing_message(kind: Kind, paths: list[str]) -> str:
    if any(path.startswith(f"{kind.path}/") for path in paths):
        return f"{kind.path} is a folder, not a file"
    return f"the model has no {kind.path}"


def _odd_name(folder: str, path: str) -> Finding:
    return Finding(
        "file-name",
        Severity.ERROR,
        "the file's name holds characters that do not print, or a backslash",
        Location(printable(f"{folder}/{path}")),
        "rename the file",
    )


def _unknown_file(folder: str, path: str) -> Finding:
    known = [kind.path for kind in MODEL_KINDS]
    return Finding(
        "unknown-file",
        Severity.ERROR,
        f"{path} is no spec that is known",
        Location(f"{folder}/{path}"),
        did_you_mean(path, known),
    )


def _load_templates(tree: Tree) -> Reading:
    links = link_findings(tree, TEMPLATES)
    reading = Reading(findings=[link for link in links if _is_template(link.location.file)])
    for path in tree.files(TEMPLATES):
        if _is_template(path) and is_plain(path):
            name = path.removeprefix(f"{TEMPLATES}/").removesuffix(".yaml")
            reading.take(tree, path, name, TEMPLATE_KIND)
    return reading


def _is_template(path: str) -> bool:
    return path.rpartition("/")[0] == TEMPLATES and path.endswith(".yaml")
