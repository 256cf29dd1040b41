"""What the templates are told of the models, after what could inject has been refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mergeline.findings import Finding, Location, Severity, in_order
from mergeline.plan.approvals import TUNABLES, teams_asked
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.pythons import OLDEST, PYTHONS
from mergeline.registry.trust import trust_of
from mergeline.specs.credentials import credential_of
from mergeline.specs.types.data import DvcSource, LakefsSource, SqlSource, UriSource
from mergeline.specs.types.scalars import seconds_of
from mergeline.workflows.credentials import Credentials, credentials_of
from mergeline.workflows.pools import Container, groups_of, pools_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.registry.trust import Method
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.types import Training

# Checking out, installing and reporting come on top of what training may take.
OVERHEAD_MINUTES = 15
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_TEAM = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_RUNNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# GitHub keeps GITHUB_ for itself; a variable of a tool would change what the job does.
_SECRET = re.compile(
    "(?!(GITHUB|ACTIONS|RUNNER|MERGELINE|MLFLOW|PYTHON|PIP|GIT|LD)_)[A-Z][A-Z0-9_]*[A-Z0-9]"
)
# Sources whose data are fetched; the others' are in the repository, in a library or made by code.
_ELSEWHERE = (DvcSource, LakefsSource, SqlSource, UriSource)
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Job:
    """The GitHub Actions job that trains a model.

    Attributes:
        runner: the label of the runner.
        minutes: the job's timeout.
        python: the version of Python, e.g. `3.11`.
        spot: may the machine be taken away?
        off_peak: may a release wait for the night?
        container: where it runs; None: on the runner itself.
        built: is there a base that its image is built from?
        data_environment: the environment in which its data are fetched, with a credential that
            reads them and nothing else; None: they are public.
        data_secrets: the variables that hold the credential, each the name of its secret.
        data_fetched: must somebody with a credential fetch the data?
        data_sealed: do the data come from elsewhere, and are encrypted on the way to their job?
    """

    runner: str
    minutes: int
    python: str
    spot: bool = False
    off_peak: bool = False
    container: Container | None = None
    built: bool = False
    data_environment: str | None = None
    data_secrets: tuple[str, ...] = ()
    data_fetched: bool = False
    data_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """What the templates are told.

    Attributes:
        jobs: the job of each model, by its name.
        owners: the team of each model, by its name.
        approvers: of each model and environment the teams besides the owner of which policies
            ask an approval.
        asks_teams: do policies ask approvals of teams at all, for whatever environment and risk?
        signs: by which means releases are signed, of those whom the policies trust.
        credentials: where jobs get their credentials.
    """

    jobs: Mapping[str, Job]
    owners: Mapping[str, str]
    approvers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    asks_teams: bool = False
    signs: tuple[Method, ...] = ()
    credentials: Credentials = field(default_factory=Credentials)

    def as_variables(self) -> dict[str, Any]:
        """Return the variables of the templates, in the models' order."""
        built = sorted(name for name, job in self.jobs.items() if job.built)
        groups = groups_of([job.container for job in self.jobs.values()])
        return {
            "jobs": {
                name: {
                    "data_environment": job.data_environment,
                    "data_fetched": job.data_fetched,
                    "data_secrets": list(job.data_secrets),
                    "group": groups.index(job.container),
                    "minutes": job.minutes,
                    "python": job.python,
                    "runner": job.runner,
                    "spot": job.spot,
                }
                for name, job in sorted(self.jobs.items())
            },
            "data_secrets": sorted({one for job in self.jobs.values() for one in job.data_secrets}),
            "seals_data": any(job.data_sealed for job in self.jobs.values()),
            "off_peak": sorted(name for name, job in self.jobs.items() if job.off_peak),
            "owners": {name: self.owners[name] for name in sorted(self.owners)},
            "approvers": {
                name: {each: self.approvers.get(name, {}).get(each, ()) for each in ENVIRONMENTS}
                for name in sorted(self.owners)
            },
            "asks_teams": self.asks_teams,
            "signs": self.signs,
            "credentials": msgspec.to_builtins(self.credentials),
            "built": built,
            "built_pools": pools_of([None] * len(built)),
            "pools": pools_of([job.container for job in self.jobs.values()]),
            # Staging and production of each model, without their images: nothing is trained.
            "environment_pools": pools_of([None] * len(self.jobs) * 2),
        }


def values_of(repository: Repository, tunables: Mapping[str, Any]) -> tuple[Values, list[Finding]]:
    """Return what the templates are told of a repository's models, and what is unfit for it.

    A model with a finding is left out: nothing of it may reach a workflow.

    Args:
        repository: the models.
        tunables: `organization` of `policies/data.yaml`.

    Raises:
        UsageError: its part about signing, or that about credentials, cannot be read.
    """
    jobs, owners, approvers, findings = {}, {}, {}, []
    for name, model in repository.models.items():
        asked = _approvers(model, tunables)
        unfit = [*_unfit(model), *_unfit_data(model), *_unfit_teams(asked)]
        findings += unfit
        if not unfit:
            jobs[name] = _job(model)
            owners[name] = model.model.owner
            approvers[name] = asked
    trust = trust_of({"organization": tunables})
    signs = tuple(sorted({signer.method for signer in trust.signers}))
    values = Values(jobs, owners, approvers, asks_teams(tunables), signs, credentials_of(tunables))
    return values, in_order(set(findings))


def asks_teams(tunables: Mapping[str, Any]) -> bool:
    """Tell whether policies ask approvals of teams, for whatever environment and risk."""
    asked = tunables.get("approvals_from")
    environments = asked.values() if isinstance(asked, dict) else []
    return any(any(risks.values()) for risks in environments if isinstance(risks, dict))


def _approvers(model: ModelFolder, tunables: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    owner, risk = model.model.owner, model.model.risk
    asked = {
        environment: teams_asked(tunables, environment, risk, owner) or ()
        for environment in ENVIRONMENTS
    }
    return {name: tuple(team for team in teams if team != owner) for name, teams in asked.items()}


def _unfit_teams(asked: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Refuse teams of the policies that CODEOWNERS cannot name."""
    for team in dict.fromkeys(team for teams in asked.values() for team in teams):
        if not _TEAM.fullmatch(team):
            yield Finding(
                "workflow-owner",
                Severity.ERROR,
                f'"{team}" of approvals_from is no team that CODEOWNERS can name',
                Location(TUNABLES),
                "write the team's slug: letters, digits and hyphens",
            )


def _job(model: ModelFolder) -> Job:
    training = model.training
    return Job(
        runner=training.resources.runner,
        minutes=minutes(training.resources.timeout) + OVERHEAD_MINUTES,
        python=python_for(training.environment.python) or OLDEST,
        spot=training.resources.spot,
        off_peak=training.resources.off_peak,
        container=_container(training),
        built=training.environment.base_image is not None,
        data_environment=_data_environment(model),
        data_secrets=_data_secrets(model),
        data_fetched=_is_fetched(model),
        data_sealed=_is_sealed(model),
    )


def _data_environment(model: ModelFolder) -> str | None:
    dataset = model.data.datasets[0]
    return None if dataset.public else f"data-{dataset.name}"


def _is_fetched(model: ModelFolder) -> bool:
    dataset = model.data.datasets[0]
    return not dataset.public and credential_of(dataset.source) is not None


def _is_sealed(model: ModelFolder) -> bool:
    dataset = model.data.datasets[0]
    return not dataset.public and isinstance(dataset.source, _ELSEWHERE)


def _data_secrets(model: ModelFolder) -> tuple[str, ...]:
    credential = credential_of(model.data.datasets[0].source)
    return () if credential is None else credential.secrets


def _container(training: Training) -> Container | None:
    """Return the image, held to what the model may use of the machine."""
    image, resources = training.environment.image, training.resources
    if image is None:
        return None
    # Docker knows no Ti.
    size, unit = int(resources.memory[:-2]), resources.memory[-2:]
    memory = f"{size * 1024}g" if unit == "Ti" else f"{size}{unit[0].lower()}"
    gpus = f" --gpus {resources.gpu}" if resources.gpu else ""
    return Container(image, f"--cpus {resources.cpu:g} --memory {memory}{gpus}")


def _unfit(model: ModelFolder) -> Iterator[Finding]:
    """Refuse what is more than a plain word where a workflow or CODEOWNERS needs one."""
    specs, training = model.documents["model.yaml"], model.documents["training.yaml"]
    if not _NAME.fullmatch(model.name):
        yield specs.finding(
            "workflow-name",
            f'"{model.name}" cannot name a job',
            ("name",),
            hint="rename the folder: lower-case letters, digits and hyphens",
        )
    if not _TEAM.fullmatch(model.model.owner):
        yield specs.finding(
            "workflow-owner",
            f'"{model.model.owner}" is no team that CODEOWNERS can name',
            ("owner",),
            hint="write the team's slug: letters, digits and hyphens",
        )
    if not _RUNNER.fullmatch(model.training.resources.runner):
        yield training.finding(
            "workflow-runner",
            f'"{model.training.resources.runner}" is no label of a runner',
            ("resources", "runner"),
            hint="write one label: letters, digits, dots, hyphens and underscores",
        )
    environment = model.training.environment
    for key, image in (("image", environment.image), ("base_image", environment.base_image)):
        if image is not None and not _IMAGE.fullmatch(image):
            yield training.finding(
                "workflow-image",
                f'"{image}" is no image that a workflow can name',
                ("environment", key),
                hint="write REGISTRY/NAME@sha256:DIGEST with letters, digits and ._:/- only",
            )
    if python_for(model.training.environment.python) is None:
        yield training.finding(
            "workflow-python",
            f'no Python that Mergeline runs on fits "{model.training.environment.python}"',
            ("environment", "python"),
            hint=f"write a specifier that admits one of {', '.join(PYTHONS)}, e.g. ==3.11.*",
        )


def _unfit_data(model: ModelFolder) -> Iterator[Finding]:
    """Refuse what cannot name an environment or a secret of the job that fetches data."""
    document, dataset = model.documents["data.yaml"], model.data.datasets[0]
    if not _NAME.fullmatch(dataset.name):
        yield document.finding(
            "workflow-data",
            f'"{dataset.name}" cannot name the environment that its data are fetched in',
            ("datasets", 0, "name"),
            hint="write lower-case letters, digits and hyphens",
        )
    for team in dataset.readers:
        if not _TEAM.fullmatch(team):
            yield document.finding(
                "workflow-data",
                f'"{team}" is no team that may read data',
                ("datasets", 0, "access", "teams"),
                hint="write the team's slug: letters, digits and hyphens",
            )
    for secret in _data_secrets(model):
        if not _SECRET.fullmatch(secret):
            yield document.finding(
                "workflow-data",
                f'"{secret}" cannot name a secret of GitHub\'s, nor the variable that holds it',
                ("datasets", 0, "source", "connection"),
                hint="write capital letters, digits and underscores, not GITHUB_ or a tool's own",
            )


def minutes(duration: str) -> int:
    """Return a duration (`90s`, `2h`) in whole minutes, rounded up, at least one."""
    return max(1, -(-seconds_of(duration) // 60))


def python_for(specifier: str) -> str | None:
    """Return the newest Python that fits a PEP 440 specifier; None if none does.

    A release of a series is unknown before it is set up, so a series fits when some
    release of it can: `==3.11.4` is served by 3.11.
    """
    try:
        wanted = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    for python in reversed(PYTHONS):
        if any(wanted.contains(f"{python}.{patch}") for patch in range(100)):
            return python
    return None
