"""The quickstart's story: from an edited spec to production, one line a step."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people import ADA, BOT, GRACE, MARGARET, Desk, Person, StoryError
from setting import clone, development_forge, empty

if TYPE_CHECKING:
    from mergeline.forge import PullRequest

MODEL = "breast-cancer-diagnosis"
SPEC = f"models/{MODEL}"


@dataclass
class Teller:
    """Says each step in a line as it happens."""

    started: float
    number: int = 0

    def step(self, text: str) -> None:
        """Say a step."""
        self.number += 1
        print(f"{self.number:>3}. {text}", flush=True)

    def show(self, text: str) -> None:
        """Show what a command printed, indented."""
        print("".join(f"       {line}\n" for line in text.splitlines()), end="", flush=True)

    def chapter(self, text: str) -> None:
        """Head a part of the story."""
        print(f"\n{text}", flush=True)

    @property
    def seconds(self) -> float:
        """How long the story has taken."""
        return time.monotonic() - self.started


class Story:
    """What happens, in order."""

    def __init__(self, desk: Desk, teller: Teller, reports: Path) -> None:
        self.desk = desk
        self.say = teller
        self.reports = reports

    def edit(self, branch: str, version: str, changes: dict[str, tuple[str, str]]) -> None:
        """Ada edits specs on a branch of her own, and pushes it."""
        self.desk.git("switch", "--quiet", "--create", branch, "main")
        replace = {"model.yaml": (r"(?m)^version: .*$", f"version: {version}"), **changes}
        for name, (pattern, text) in replace.items():
            path = self.desk.clone / SPEC / name
            edited, count = re.subn(pattern, text, path.read_text())
            if count != 1:
                raise StoryError(f"{path}: expected one line like {pattern}, found {count}")
            path.write_text(edited)
        self.desk.git("commit", "--quiet", "--all", "--message", f"{MODEL} {version}")
        self.desk.git("push", "--quiet", "--set-upstream", "origin", branch)

    def open(self, branch: str, title: str, body: str) -> PullRequest:
        """Ada opens a pull request."""
        with self.desk.forge(ADA) as forge:
            return forge.create_pull_request(title=title, body=body, head=branch, base="main")

    def checks(self, pull_request: PullRequest) -> None:
        """Do what pull-request.yml does, with the commands that a person would type."""
        number = str(pull_request.number)
        self.desk.mergeline("validate", "--policies-from", "origin/main")
        self.desk.mergeline("run", MODEL)
        self.desk.mergeline("report", MODEL, "--output", str(self.reports))
        self.desk.mergeline("check", "--pull-request", number)
        self.desk.mergeline(
            "comment",
            "--pull-request",
            number,
            "--base",
            "origin/main",
            "--reports",
            str(self.reports),
            person=BOT,
        )
        self.gate(pull_request, green=True)

    def gate(self, pull_request: PullRequest, *, green: bool) -> None:
        """Set the required check, as the gate job does on GitHub."""
        with self.desk.forge(BOT) as forge:
            forge.set_status(
                pull_request.head_sha,
                context="gate",
                state="success" if green else "failure",
                description="the policies agree" if green else "the policies refuse",
            )

    def approve(self, pull_request: PullRequest, *people: Person) -> None:
        """Reviewers approve the head that they have read."""
        for person in people:
            with self.desk.forge(person) as forge:
                forge.create_review(
                    pull_request.number,
                    event="APPROVE",
                    body="Read the evidence; agreed.",
                    commit_id=pull_request.head_sha,
                )

    def merge(self, pull_request: PullRequest, person: Person = ADA) -> None:
        """Merge, and bring the clone up to date."""
        with self.desk.forge(person) as forge:
            forge.merge_pull_request(pull_request.number, sha=pull_request.head_sha)
        self.desk.git("switch", "--quiet", "main")
        self.desk.git("pull", "--quiet", "--ff-only")

    def apply(self) -> str:
        """Do what release.yml does."""
        return self.desk.mergeline("apply", MODEL, person=BOT)

    def proposed(self, environment: str) -> PullRequest:
        """Return the open pull request that apply has opened."""
        with self.desk.forge(ADA) as forge:
            found = forge.pull_requests(head=f"mergeline/{MODEL}/{environment}")
        if len(found) != 1:
            raise StoryError(f"expected one pull request into {environment}, found {len(found)}")
        return found[0]

    def trust(self) -> None:
        """A key is made, and the policies let it sign."""
        self.say.chapter("A key that signs releases")
        trusted = self.desk.mergeline("key", "new", str(self.desk.key))
        self.say.step("mergeline key new release-key.pem; policies/data.yaml is to say:")
        self.say.show(trusted)
        self.desk.git("switch", "--quiet", "--create", "release-key", "main")
        policies = self.desk.clone / "policies/data.yaml"
        before, empty, after = policies.read_text().partition("signers: []")
        if not empty:
            raise StoryError(f"{policies} names signers already")
        policies.write_text(f"{before}signers:\n      {trusted}{after}")
        self.desk.git("commit", "--quiet", "--all", "--message", "Trust a release key")
        self.desk.git("push", "--quiet", "--set-upstream", "origin", "release-key")
        pull_request = self.open("release-key", "Trust a release key", "The bot holds it.")
        self.desk.mergeline("validate", "--policies-from", "origin/main")
        self.gate(pull_request, green=True)
        self.approve(pull_request, GRACE)
        self.merge(pull_request)
        self.say.step(f"pull request #{pull_request.number} is merged: unsigned, nothing goes on")

    def prologue(self) -> None:
        """Version 1.0.0 becomes the champion, by the same door."""
        self.say.chapter("Before: version 1.0.0 becomes the champion, by the same door")
        self.edit("first-release", "1.0.0", {})
        pull_request = self.open("first-release", f"{MODEL} 1.0.0", "The first release.")
        self.say.step(f"pull request #{pull_request.number} of ada: {MODEL} 1.0.0")
        self.checks(pull_request)
        self.merge(pull_request)
        self.say.step("checked, merged; apply trains and registers it at the merge commit")
        self.apply()
        self.promote_quietly("staging")
        self.promote_quietly("production")

    def promote_quietly(self, environment: str) -> None:
        """Merge the pull request into an environment, and apply it."""
        pull_request = self.proposed(environment)
        self.approve(pull_request, GRACE, MARGARET)
        self.desk.mergeline("check", "--pull-request", str(pull_request.number))
        self.gate(pull_request, green=True)
        self.merge(pull_request)
        self.apply()
        self.say.step(
            f"pull request #{pull_request.number} approved, merged, applied: "
            f"1.0.0 is in {environment}"
        )

    def change(self) -> None:
        """A pull request edits the specs."""
        self.say.chapter("A change: stronger regularisation")
        self.edit("stronger-regularisation", "1.1.0", {"training.yaml": (r"C: 1\.0", "C: 0.5")})
        self.say.step("ada edits training.yaml (C: 1.0 -> 0.5) and model.yaml (1.1.0) on a branch")
        self.say.step("mergeline validate: " + self.desk.mergeline("validate").splitlines()[-1])
        self.say.step("mergeline plan --base main:")
        self.say.show(self.desk.mergeline("plan", "--base", "origin/main"))
        pull_request = self.open(
            "stronger-regularisation",
            "Regularise the diagnosis model more strongly",
            "The validation curve is flat: prefer the simpler model.",
        )
        self.say.step(
            f"pull request #{pull_request.number} on the development forge: "
            "validate, run against the champion, report, check, comment"
        )
        self.checks(pull_request)
        with self.desk.forge(ADA) as forge:
            comment = forge.comments(pull_request.number)[-1]
        self.say.step(f"its one comment, by {comment.author}, begins:")
        self.say.show("\n".join(_opening(comment.body)))
        self.approve(pull_request, GRACE)
        self.merge(pull_request)
        self.say.step(
            f"the gate is green, grace approves: pull request #{pull_request.number} is merged"
        )

    def release(self) -> None:
        """Apply releases the version, and staging follows."""
        self.say.chapter("The release, and staging")
        self.say.step("mergeline apply:")
        self.say.show(self.apply())
        pull_request = self.proposed("staging")
        self.desk.mergeline("check", "--pull-request", str(pull_request.number))
        self.gate(pull_request, green=True)
        self.merge(pull_request)
        self.say.step(
            f"the staging pull request #{pull_request.number} is merged; mergeline apply:"
        )
        self.say.show(self.apply())

    def production(self) -> None:
        """Production is refused without approvals, and then approved."""
        self.say.chapter("Production")
        pull_request = self.proposed("production")
        number = str(pull_request.number)
        refusal = self.desk.mergeline("check", "--pull-request", number, expect=1)
        self.gate(pull_request, green=False)
        self.say.step(f"the production pull request #{number} is refused by mergeline check:")
        self.say.show(refusal)
        self.refused_by_forge(pull_request)
        self.approve(pull_request, GRACE, MARGARET)
        self.desk.mergeline("check", "--pull-request", number)
        self.gate(pull_request, green=True)
        self.say.step("grace and margaret approve it (neither wrote it): the check turns green")
        self.merge(pull_request)
        self.say.step(f"pull request #{number} is merged; mergeline apply:")
        self.say.show(self.apply())
        self.say.step(f"who stands for it? mergeline verify {MODEL}@1.1.0:")
        self.say.show(self.desk.mergeline("verify", f"{MODEL}@1.1.0"))

    def refused_by_forge(self, pull_request: PullRequest) -> None:
        """The red gate keeps the button shut, too."""
        from mergeline.errors import RefusedError

        try:
            with self.desk.forge(ADA) as forge:
                forge.merge_pull_request(pull_request.number, sha=pull_request.head_sha)
        except RefusedError as error:
            self.say.step(f"ada tries to merge all the same; the forge says: {error.message}")
        else:
            raise StoryError("the forge merged a pull request whose gate is red")

    def drift(self) -> None:
        """Somebody moves an alias behind Git's back."""
        self.say.chapter("Behind Git's back")
        _move_alias(self.desk.clone, "1.0.0")
        self.say.step("somebody points the alias production to 1.0.0 in MLflow; mergeline status:")
        self.say.show(self.desk.mergeline("status", MODEL, expect=1))
        stored = _stored_model(self.desk.clone, "1.1.0")
        content = stored.read_bytes()
        stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        self.say.step("and changes one bit of the model 1.1.0 in MLflow's store; mergeline apply:")
        self.say.show(self.desk.mergeline("apply", MODEL, person=BOT, expect=1))
        stored.write_bytes(content)
        self.say.step("the bit is as it was signed again; mergeline apply puts the alias back:")
        self.say.show(self.apply())

    def ending(self) -> None:
        """Where every model stands."""
        self.say.chapter("Where every model stands")
        self.say.show(self.desk.mergeline("status"))
        rows = json.loads(self.desk.mergeline("status", MODEL, "--format", "json"))
        digests = {row["actual"]["digest"] for row in rows}
        if len(digests) != 1 or any(row["sync"] != "synced" for row in rows):
            raise StoryError(f"staging and production are not the same release: {rows}")


def _opening(body: str) -> list[str]:
    """The verdict and the table of models: what stands before the first fold."""
    shown = body.partition("<details>")[0].splitlines()
    return [line for line in shown if line and not line.startswith("<!--")]


def _move_alias(repository: Path, version: str) -> None:
    """What an impatient colleague does in MLflow's own interface."""
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.settings import resolve

    registry = MlflowRegistry(resolve(repository, {}))
    found = registry.find(MODEL, version)
    if found is None:
        raise StoryError(f"MLflow has no {MODEL} {version}")
    registry.set_alias(MODEL, "production", found.number)


def _stored_model(repository: Path, version: str) -> Path:
    """Where MLflow keeps the model of a version."""
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.settings import resolve

    found = MlflowRegistry(resolve(repository, {})).find(MODEL, version)
    if found is None or found.model_uri is None:
        raise StoryError(f"MLflow has no {MODEL} {version}")
    logged = found.model_uri.rpartition("/")[2]
    [path] = (repository / ".mergeline/artifacts").rglob(f"{logged}/**/model.skops")
    return path


def main(source: Path, directory: Path) -> None:
    """Tell the story of `source` in `directory`."""
    teller = Teller(time.monotonic())
    empty(directory)
    with development_forge(directory) as address:
        desk = clone(source, directory, address)
        teller.chapter(f"A development forge serves {address}; the clone is {desk.clone}")
        teller.step("mergeline validate: " + desk.mergeline("validate").splitlines()[-1])
        story = Story(desk, teller, directory / "reports")
        for part in (
            story.trust,
            story.prologue,
            story.change,
            story.release,
            story.production,
            story.drift,
            story.ending,
        ):
            part()
    print(f"\nDone in {teller.seconds:.0f} s. To look at:")
    print(f"  {directory / 'reports' / MODEL / 'report.html'}  (open it in a browser)")
    print(f"  {directory / 'reports' / MODEL / 'comment.md'}")
    command = Path(sys.executable).with_name("mergeline")
    print(f"  {command} -C {desk.clone} status")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).absolute())
    except StoryError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except KeyboardInterrupt:
        sys.exit(130)
