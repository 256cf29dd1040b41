"""Does the merge bring a release, and if not, why not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.plan.outlook import Action

if TYPE_CHECKING:
    from mergeline.plan.outlook import Outlook
    from mergeline.plan.versions import Version


def release_of(outlook: Outlook, notes: list[str]) -> Action | None:
    """Return the release that the merge brings, or None, with a note where that surprises.

    `apply` releases whatever version has no registry entry yet. The one exception here is a
    version that names other training inputs than before: the policies refuse that merge.

    Args:
        outlook: what is known.
        notes: is added to.
    """
    version, after = outlook.version, outlook.after.model.version
    if outlook.trains and version.before == after:
        notes.append(_not_raised(version))
        return None
    if after in outlook.after.releases:
        if version.rises:
            notes.append(f"no release: {after} is released already; choose another version")
        return None
    if version.before is None:
        reason = "the model is new"
    elif version.rises:
        inputs = "the training inputs changed and " if outlook.trains else ""
        reason = f"{inputs}the version rises"
        if not version.fits:
            notes.append(_too_small(version))
    elif version.before != version.after:
        notes.append(f"no release: the version goes back, {version.before} -> {after}")
        return None
    else:
        reason = f"{after} has no release yet"
    when = "tonight, off-peak" if outlook.after.training.resources.off_peak else "on merge"
    return Action("release", f"release {after} {when}", reason, version=after)


def _not_raised(version: Version) -> str:
    return (
        f"no release: the training inputs changed, but the version is still {version.after}; "
        f"set version to {version.least} or higher in model.yaml"
    )


def _too_small(version: Version) -> str:
    return (
        f"{version.before} -> {version.after} is less than the changes ask for: "
        f"a new {version.required} version, {version.least} or higher"
    )
