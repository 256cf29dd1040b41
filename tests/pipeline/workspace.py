"""A work tree with small models, for running real pipelines on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mergeline.pipeline import Context, RunResult, lockfile_digest, run_pipeline
from mergeline.specs.repository import ModelFolder, load_repository
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path

ZERO = "sha256:" + "0" * 64
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Workspace:
    root: Path

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert text.count(old) == 1, (path, old)
        self.write(path, text.replace(old, new))

    def line(self, path: str, part: str) -> int:
        """The number of the one line that holds some text."""
        lines = (self.root / path).read_text().splitlines()
        [number] = [number for number, line in enumerate(lines, start=1) if part in line]
        return number

    def model(self, name: str) -> ModelFolder:
        repository = load_repository(WorkingTree(self.root), [name])
        assert not repository.findings, repository.findings
        return repository.models[name]

    def context(self, name: str, **given: Any) -> Context:
        repository = load_repository(WorkingTree(self.root), [name])
        assert not repository.findings, repository.findings
        model = repository.models[name]
        template = model.training.pipeline
        return Context(
            root=self.root,
            state=self.root / ".mergeline",
            model=model,
            template=repository.templates[template],
            template_document=repository.template_documents[template],
            lockfile_digest=lockfile_digest(self.root, model),
            clock=lambda: NOON,
            **given,
        )

    def run(self, name: str, **given: Any) -> RunResult:
        return run_pipeline(self.context(name, **given))

    def seal(self, name: str) -> str:
        """Write the digest that the data has into data.yaml."""
        result = self.run(name)
        assert [issue.rule for issue in result.findings] == ["digest-mismatch"], result.findings
        self.edit(f"models/{name}/data.yaml", ZERO, result.digests["dataset"])
        return result.digests["dataset"]


def statuses(result: RunResult) -> dict[str, str]:
    return {step.name: step.status for step in result.steps}


HEADER = "apiVersion: mergeline.dev/v1\nkind: "
LOCKFILE = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
scikit-learn==1.9.1 \\
    --hash=sha256:1111111111111111111111111111111111111111111111111111111111111111
"""
STEPS = ("data", "features", "train", "evaluate", "package", "record")


def template(name: str, metrics: str) -> str:
    steps = "".join(f"  - {step}\n" for step in STEPS)
    return (
        f"{HEADER}PipelineTemplate\nname: {name}\ntask: {name}\ndescription: for tests\n"
        f"steps:\n{steps}metrics: [{metrics}]\n"
    )


def common(name: str, task: str) -> dict[str, str]:
    """The files of a model that the pipeline does not read, and training.yaml's end."""
    return {
        "model.yaml": (
            f"{HEADER}Model\nname: {name}\nowner: team-tests\nversion: 1.0.0\ntask: {task}\n"
            "risk: low\ndescription: for tests\n"
        ),
        "deployment.yaml": (
            f"{HEADER}Deployment\nmode: batch\nenvironments:\n"
            "  staging: {strategy: direct}\n  production: {strategy: direct}\n"
        ),
        "monitoring.yaml": f"{HEADER}Monitoring\nprediction_log: {{enabled: false}}\n",
    }


def training(pipeline: str, estimator: str, hyperparameters: dict[str, Any]) -> str:
    lines = "".join(f"  {name}: {value}\n" for name, value in hyperparameters.items())
    return (
        f"{HEADER}Training\npipeline: {pipeline}\nestimator: {estimator}\nhyperparameters:\n"
        f"{lines}random_seed: 3\nenvironment:\n  python: '>=3.11'\n  lockfile: requirements.txt\n"
    )
