"""actionlint and zizmor, for real, with nothing ignored."""

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


def _line_of(text: str) -> int:
    lines = (ROOT / ".github/workflows/comment.yml").read_text().splitlines()
    return lines.index(text) + 1


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


def test_zizmor_finds_the_one_trigger_and_nothing_else() -> None:
    """zizmor calls every workflow_run insecure, whatever it runs: see docs/decisions."""
    done = zizmor(ROOT / ".github")
    assert re.findall(r"^(\w+\[[a-z-]+\])|--> (.+)", done.stdout, re.MULTILINE) == [
        ("error[dangerous-triggers]", ""),
        ("", f"{ROOT}/.github/workflows/comment.yml:{_line_of('  workflow_run:')}:3"),
    ], done.stdout
    assert "1 finding: " in done.stdout


def test_the_action_for_other_repositories() -> None:
    done = zizmor(ROOT / "action.yml")
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout
    text = (ROOT / "action.yml").read_text()
    pins = (ROOT / "pipelines/workflows/shared.j2").read_text()
    for used in re.findall(r"uses: (actions/.*)", text):
        assert f'"{used}"' in pins


def test_nothing_is_ignored() -> None:
    for name in ("zizmor.yml", ".github/zizmor.yml", ".github/actionlint.yaml"):
        assert not (ROOT / name).exists()
    for path in (ROOT / "pipelines/workflows").iterdir():
        assert "zizmor: ignore" not in path.read_text()


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
    found = zizmor(copy / ".github").stdout
    assert "1 finding: " in found, found
    assert "error[dangerous-triggers]" in found
    text = (copy / ".github/workflows/pull-request.yml").read_text()
    assert "id-token: write" in text
    assert f"      {image.replace('image: ', 'image: ' + chr(39))}'" in text
    assert "options: '--cpus 2 --memory 4g'" in text
    assert '"runner":"spot"' in text
    assert "packages: read # to pull the image\n" in text
    assert "credentials:\n        username: ${{ github.actor }}\n" in text
    release = (copy / ".github/workflows/release.yml").read_text()
    assert '"runner":"spot"' not in release
    assert "  schedule:\n" in release
    assert release.count("id-token: write # to sign as this workflow, and to prove to the") == 2
    # The key is in the step that releases, of no other job and no other workflow.
    keyed = [
        path.name for path in copy.glob(".github/workflows/*") if "SIGNING" in path.read_text()
    ]
    assert keyed == ["release.yml"]
    assert release.count("secrets.MERGELINE_SIGNING_KEY }}") == 2
    assert "permission-members: read" in release
    assert "packages: read # to pull the image\n" in release
    assert """BUILT: '["payment-fraud"]'\n""" in (copy / ".github/workflows/image.yml").read_text()
    assert "inputs.way || 'heal'" in (copy / ".github/workflows/drift.yml").read_text()


def test_they_would_find_something(actionlint: str, copy: Path) -> None:
    path = copy / ".github/workflows/release.yml"
    text = path.read_text()
    injection = "${{ github.event.head_commit.message }}"
    broken = text.replace('mergeline apply "$MODEL"', f"mergeline apply {injection}")
    path.write_text(broken.replace("needs.plan.outputs.matrix_1", "needs.plans.outputs.matrix_1"))
    found = zizmor(copy / ".github")
    assert found.returncode != 0
    assert "error[template-injection]" in found.stdout
    assert 'property "plans" is not defined' in lint(actionlint, copy).stdout
