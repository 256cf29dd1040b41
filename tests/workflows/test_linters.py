"""actionlint and zizmor, for real: nothing is ignored but what the release must do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program, "zizmor is not installed: run scripts/set-up test"
    options = ("--offline", "--persona=pedantic", "--strict-collection", "--no-ignores")
    return subprocess.run(
        [program, *options, "--no-progress", "--no-config", "--color=never", folder],
        capture_output=True,
        text=True,
        check=False,
    )


def lint(actionlint: str, folder: Path) -> subprocess.CompletedProcess[str]:
    files = sorted((folder / ".github/workflows").glob("*.yml"))
    assert files
    options = ("-no-color", "-config-file", "/dev/null")
    return subprocess.run(
        [actionlint, *options, *files], cwd=folder, capture_output=True, text=True, check=False
    )


def test_actionlint_finds_nothing(actionlint: str) -> None:
    done = lint(actionlint, ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def findings(folder: Path) -> list[tuple[str, str]]:
    """What zizmor finds: each rule, with the file and the text of the line."""
    pattern = r"^\w+\[([a-z-]+)\].*\n *--> (.+):(\d+):\d+$"
    return sorted(
        (rule, f"{Path(file).name}: {Path(file).read_text().splitlines()[int(line) - 1].strip()}")
        for rule, file, line in re.findall(pattern, zizmor(folder).stdout, re.MULTILINE)
    )


# zizmor calls every workflow_run insecure, whatever it runs: decision 0016. How a release is
# called, and why with its secrets: decision 0040; test_split.py holds what they reach.
TRIGGER = ("dangerous-triggers", "comment.yml: workflow_run:")
CALLING = (
    "release.yml: uses: ./.github/workflows/release-model.yml # zizmor: ignore[self-repository]"
)
CALL = [("secrets-inherit", CALLING), ("self-repository", CALLING)]


def test_zizmor_finds_the_one_trigger_and_the_one_call_and_nothing_else() -> None:
    assert findings(ROOT / ".github") == [TRIGGER, *CALL]


def test_the_action_for_other_repositories() -> None:
    done = zizmor(ROOT / "action.yml")
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout
    text = (ROOT / "action.yml").read_text()
    pins = (ROOT / "pipelines/workflows/shared.j2").read_text()
    for used in re.findall(r"uses: (actions/.*)", text):
        assert f'"{used}"' in pins


def test_nothing_is_ignored_but_the_one_call() -> None:
    for name in ("zizmor.yml", ".github/zizmor.yml", ".github/actionlint.yaml"):
        assert not (ROOT / name).exists()
    for path in (ROOT / "pipelines/workflows").iterdir():
        wanted = ["self-repository", "secrets-inherit"] if path.name == "release.yml.j2" else []
        ignored = re.findall(r"zizmor: *ignore\[(.*)\]", path.read_text())
        assert (path.name, ignored) == (path.name, wanted)


def test_what_an_organisation_sets_is_as_clean(actionlint: str, copy: Path, mergeline) -> None:
    """A cloud, spot machines, a container image, more models than a matrix, who may sign."""
    shared = copy / "pipelines/workflows/shared.j2"
    text = shared.read_text()
    cloud = f'{{"uses": "acme/log-in@{"a" * 40} # v1.2.3", "with": {{"role": "reader"}}}}'
    spot = '{"ubuntu-24.04": "spot"}'
    given = {"cloud": cloud, "spot_runners": spot, "self_heal": "true"}
    for name, value in given.items():
        line = next(one for one in text.splitlines() if one.startswith(f"[% set {name} = "))
        text = text.replace(line, f"[% set {name} = {value} %]")
    shared.write_text(text)
    policies = copy / "policies/data.yaml"
    signers = '[{name: a, public_key: PEM}, {name: b, identity: "https://b", issuer: "https://i"}]'
    policies.write_text(policies.read_text().replace("signers: []", f"signers: {signers}"))
    training = copy / "models/payment-fraud/training.yaml"
    image = f"image: ghcr.io/acme/train@sha256:{'b' * 64}"
    text = training.read_text().replace("image: null", image)
    text = text.replace(image, f"{image}\n  base_image: docker.io/library/python@sha256:{'c' * 64}")
    training.write_text(text.replace("  spot: true\n", "  spot: true\n  off_peak: true\n"))
    assert mergeline("-C", copy, "workflows").returncode == 0
    done = lint(actionlint, copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # Once for each pool of models.
    assert findings(copy / ".github") == sorted([TRIGGER, *CALL, *CALL])
    text = (copy / ".github/workflows/pull-request.yml").read_text()
    assert "id-token" not in text
    assert f"      {image.replace('image: ', 'image: ' + chr(39))}'" in text
    assert "options: '--cpus 2 --memory 4g'" in text
    assert '"runner":"spot"' in text
    assert "packages: read # to pull the image\n" in text
    assert "credentials:\n        username: ${{ github.actor }}\n" in text
    release = (copy / ".github/workflows/release.yml").read_text()
    assert '"runner":"spot"' not in release
    assert "  schedule:\n" in release
    model = (copy / ".github/workflows/release-model.yml").read_text()
    signing = "id-token: write # to sign as this workflow, and to prove to the"
    assert (release.count(signing), model.count(signing)) == (2, 1)
    assert model.count("id-token: write # to prove to the cloud which run this is") == 1
    # The key is in the step that registers, of no other job and no other workflow.
    keyed = [
        path.name for path in copy.glob(".github/workflows/*") if "SIGNING" in path.read_text()
    ]
    assert keyed == ["release-model.yml"]
    assert model.count("secrets.MERGELINE_SIGNING_KEY }}") == 1
    assert "permission-members: read" in model
    # GitHub refuses a call whose jobs ask for more than it, also those of another pool.
    assert release.count("packages: read # to pull the image\n") == 2
    assert model.count("packages: read # to pull the image\n") == 2
    assert """BUILT: '["payment-fraud"]'\n""" in (copy / ".github/workflows/image.yml").read_text()
    assert "inputs.way || 'heal'" in (copy / ".github/workflows/drift.yml").read_text()


def test_they_would_find_something(actionlint: str, copy: Path) -> None:
    injection = "${{ github.event.head_commit.message }}"
    broken = {
        "release-model": ('mergeline apply "$MODEL"', f"mergeline apply {injection}"),
        "release": ("needs.plan.outputs.matrix_1", "needs.plans.outputs.matrix_1"),
    }
    for name, (old, new) in broken.items():
        path = copy / f".github/workflows/{name}.yml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
    found = zizmor(copy / ".github")
    assert found.returncode != 0
    assert "error[template-injection]" in found.stdout
    assert 'property "plans" is not defined' in lint(actionlint, copy).stdout
