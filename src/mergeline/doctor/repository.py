"""Files of the repository, and what is installed against what it locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.doctor.diagnosis import missing, ok, warn
from mergeline.findings import Severity
from mergeline.plan.approvals import load_tunables
from mergeline.promotion.surroundings import gaps_to_lock
from mergeline.registry.trust import trust_of
from mergeline.scaffold.layout import LOCKFILE
from mergeline.scaffold.schemas import schema_files
from mergeline.specs.repository import load_repository, model_names
from mergeline.specs.tree import WorkingTree
from mergeline.specs.writing import SCHEMAS, schema_path
from mergeline.workflows import Outcome, compare, find_templates, render, values_of

if TYPE_CHECKING:
    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient


def git_repository(subject: str, patient: Patient) -> Diagnosis:
    """Is it a clone with a commit?"""
    clone = patient.clone()
    if not clone.exists("HEAD"):
        return missing(subject, "it has no commit", "git add --all && git commit")
    branch = clone.branch() or "no branch"
    count = len(clone.changes())
    return ok(subject, f"{branch}, {count} file{'s' * (count != 1)} not committed")


def default_branch(subject: str, patient: Patient) -> Diagnosis:
    """Does the clone know which branch pull requests go to?"""
    clone = patient.clone()
    if clone.remote_url() is None:
        return warn(subject, "there is no remote origin", "git remote add origin URL")
    branch = clone.default_branch()
    if branch is None:
        return warn(subject, "not known here", "git remote set-head origin --auto")
    return ok(subject, branch)


def models(subject: str, patient: Patient) -> Diagnosis:
    """Does validate pass?"""
    found = patient.findings()
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    if errors:
        return missing(subject, f"validate finds {errors} errors", "mergeline validate")
    count = len(model_names(WorkingTree(patient.settings.root)))
    if not count:
        return warn(subject, "there is none", "mergeline new")
    return ok(subject, f"{count} valid, {len(found)} warning{'s' * (len(found) != 1)}")


def policies(subject: str, patient: Patient) -> Diagnosis:
    """Are there any?"""
    folder = patient.settings.root / "policies"
    count = sum(not path.stem.endswith("_test") for path in folder.rglob("*.rego"))
    if not count:
        return missing(subject, "there are none, so nothing can be approved", "mergeline init")
    return ok(subject, f"{count} modules")


def signing(subject: str, patient: Patient) -> Diagnosis:
    """May somebody sign releases, and is their key here?"""
    settings = patient.settings
    trust = trust_of({"organization": load_tunables(WorkingTree(settings.root))})
    if not trust.signers:
        found = "nobody may sign releases (organization.signing of policies/data.yaml)"
        return warn(subject, found, "mergeline key new FILE")
    names = ", ".join(one.name for one in trust.signers)
    if settings.signing_key is None:
        return ok(subject, f"{names} may sign; their key is not here")
    from mergeline.registry.signing import trusted_key

    signer = trusted_key(settings.signing_key, settings.signing_password, trust)
    if signer is None:
        found = f"the key of MERGELINE_SIGNING_KEY is not of {names}, who may sign"
        return warn(subject, found, "mergeline key show")
    return ok(subject, f"as {signer.name}, with the key of MERGELINE_SIGNING_KEY")


def schemas(subject: str, patient: Patient) -> Diagnosis:
    """Do editors find the schemas of this version?"""
    root = patient.settings.root
    if not schema_path("Model", 0, WorkingTree(root)).startswith(f"{SCHEMAS}/"):
        return ok(subject, "those of the source")
    stale = [
        path
        for path, content in schema_files().items()
        if not (root / path).is_file() or (root / path).read_bytes() != content
    ]
    if stale:
        found = f"{len(stale)} are missing or of another version"
        return warn(subject, found, "mergeline schema --all --output schemas")
    return ok(subject, "those of this version")


def workflows(subject: str, patient: Patient) -> Diagnosis:
    """Are the generated files what templates and specs say?"""
    root = patient.settings.root
    tree = WorkingTree(root)
    values, _ = values_of(load_repository(tree), load_tunables(tree))
    changes = compare(root, render(find_templates(root), values))
    stale = [change.path for change in changes if change.outcome is not Outcome.UNCHANGED]
    if stale:
        return missing(subject, f"stale or missing: {', '.join(stale)}", "mergeline workflows")
    return ok(subject, f"{len(changes)} files in step with templates and specs")


def lockfile(subject: str, patient: Patient) -> Diagnosis:
    """Is what the lock names installed?"""
    path = patient.settings.root / LOCKFILE
    if not path.is_file():
        return missing(subject, f"there is no {LOCKFILE}", "mergeline init")
    off = gaps_to_lock(path.read_text(encoding="utf-8"))
    if not off:
        return ok(subject, f"{LOCKFILE} is what is installed")
    shown = ", ".join(f"{gap.name} {gap.here or '(not installed)'}" for gap in off[:3]) + (
        ", …" if len(off) > 3 else ""
    )
    return warn(subject, f"{len(off)} packages differ from {LOCKFILE}: {shown}", _install(patient))


def _install(patient: Patient) -> str:
    if (patient.settings.root / "scripts/set-up").is_file():
        return "scripts/set-up runtime"
    return f"python -m pip install --require-hashes --requirement {LOCKFILE}"
