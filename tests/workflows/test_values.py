"""What the templates are told, and what is refused before they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
import yaml

from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.specs.types.data import Access
from mergeline.workflows import find_templates, render, values_of
from mergeline.workflows.pools import Container
from mergeline.workflows.values import minutes, python_for

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "payment-fraud"


def edit(root: Path, path: str, change) -> None:
    file = root / "models" / MODEL / path
    content = yaml.safe_load(file.read_text())
    change(content)
    file.write_text(yaml.safe_dump(content))


@pytest.mark.parametrize(
    ("duration", "wanted"),
    [("0s", 1), ("1s", 1), ("60s", 1), ("61s", 2), ("30m", 30), ("2h", 120), ("1d", 1440)],
)
def test_minutes(duration: str, wanted: int) -> None:
    assert minutes(duration) == wanted


@pytest.mark.parametrize(
    ("specifier", "wanted"),
    [
        ("==3.11.*", "3.11"),
        ("==3.12.4", "3.12"),
        (">=3.11,<3.14", "3.13"),
        (">=3.11,<3.15", "3.14"),
        ("<3.13", "3.12"),
        ("~=3.11.2", "3.11"),
        ("==3.10.*", None),
        ("3.11 or so", None),
    ],
)
def test_python_for(specifier: str, wanted: str | None) -> None:
    assert python_for(specifier) == wanted


@pytest.mark.parametrize(
    "runner",
    [
        "${{ secrets.MERGELINE_APP_PRIVATE_KEY }}",
        'ubuntu-24.04"}}, "x": {"runner": "evil',
        "ubuntu-24.04\n          EVIL: yes",
        "ubuntu-24.04' && echo",
        "$(id)",
        "[self-hosted, prod]",
        "ubuntu-24.04\n",
    ],
)
def test_a_hostile_runner_is_found_and_reaches_no_workflow(copy: Path, runner: str) -> None:
    edit(copy, "training.yaml", lambda spec: spec["resources"].update(runner=runner))
    repository = load_repository(WorkingTree(copy))
    if MODEL in repository.models:
        values, findings = values_of(repository, {})
        assert [finding.rule for finding in findings] == ["workflow-runner"]
        assert findings[0].location.file == f"models/{MODEL}/training.yaml"
        assert findings[0].location.line > 1
    else:
        values, _ = values_of(repository, {})
        assert repository.findings
    for text in render(find_templates(copy), values).values():
        assert MODEL not in text


@pytest.mark.parametrize("key", ["image", "base_image"])
@pytest.mark.parametrize(
    "image",
    [
        f"${{{{secrets.KEY}}}}@sha256:{'0' * 64}",
        f"a'b@sha256:{'0' * 64}",
        f'a"}}@sha256:{"0" * 64}',
    ],
)
def test_a_hostile_image_is_found_and_reaches_no_workflow(copy: Path, image: str, key: str) -> None:
    edit(copy, "training.yaml", lambda spec: spec["environment"].update({key: image}))
    values, findings = values_of(load_repository(WorkingTree(copy)), {})
    assert [finding.rule for finding in findings] == ["workflow-image"]
    for text in render(find_templates(copy), values).values():
        assert MODEL not in text


@pytest.mark.parametrize(
    ("memory", "gpu", "options"),
    [
        ("512Mi", 0, "--cpus 2 --memory 512m"),
        ("4Gi", 1, "--cpus 2 --memory 4g --gpus 1"),
        ("1Ti", 0, "--cpus 2 --memory 1024g"),
    ],
)
def test_an_image_is_held_to_the_resources(copy: Path, memory: str, gpu: int, options: str) -> None:
    image = f"ghcr.io/acme/train:1@sha256:{'0' * 64}"

    def change(spec) -> None:
        spec["environment"].update(image=image)
        spec["resources"].update(memory=memory, gpu=gpu)

    edit(copy, "training.yaml", change)
    values, _ = values_of(load_repository(WorkingTree(copy)), {})
    assert values.jobs[MODEL].container == Container(image, options)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["${{ github.token }}", "a'; id; '", 'a"b', "a b", "$(id)", "A", "a\nb", "-x"]
)
def test_a_hostile_name_reaches_no_workflow(copy: Path, mergeline, name: str) -> None:
    (copy / "models" / MODEL).rename(copy / "models" / name)
    file = copy / "models" / name / "model.yaml"
    spec = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**spec, "name": name}))
    before = {path: path.read_bytes() for path in (copy / ".github").rglob("*.yml")}
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 1, done.stdout + done.stderr
    assert {path: path.read_bytes() for path in (copy / ".github").rglob("*.yml")} == before


def test_a_hostile_owner_is_found(copy: Path, mergeline) -> None:
    edit(copy, "model.yaml", lambda spec: spec.update(owner="team\n* @evil/everyone"))
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 1
    assert "evil" not in (copy / ".github/CODEOWNERS").read_text()


def test_a_python_that_there_is_none_of(copy: Path) -> None:
    edit(copy, "training.yaml", lambda spec: spec["environment"].update(python="==2.7.*"))
    _, findings = values_of(load_repository(WorkingTree(copy)), {})
    assert [finding.rule for finding in findings] == ["workflow-python"]
    assert "==3.11.*" in findings[0].hint


def sourced(root: Path, source: dict, **dataset: object) -> None:
    def change(content: dict) -> None:
        content["datasets"][0] |= {"source": source, **dataset}

    edit(root, "data.yaml", change)
    (root / "models" / MODEL / "q.sql").write_text("SELECT 1\n")


def told(root: Path) -> dict:
    values, findings = values_of(load_repository(WorkingTree(root)), {})
    assert findings == []
    return values.as_variables()["jobs"][MODEL]


LAKEFS = [
    "LAKECTL_SERVER_ENDPOINT_URL",
    "LAKECTL_CREDENTIALS_ACCESS_KEY_ID",
    "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY",
]


@pytest.mark.parametrize(
    ("source", "secrets"),
    [
        ({"type": "sql", "connection": "LOANS_DATABASE", "query": "q.sql"}, ["LOANS_DATABASE"]),
        (
            {"type": "uri", "uri": "s3://acme/a.csv"},
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        ),
        (
            {"type": "uri", "uri": "abfs://acme/a.csv"},
            ["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_SAS_TOKEN"],
        ),
        ({"type": "uri", "uri": "gs://acme/a.csv"}, []),
        ({"type": "uri", "uri": "https://data.example/a.csv"}, []),
        ({"type": "lakefs", "uri": "lakefs://acme/main/a.csv"}, LAKEFS),
        ({"type": "sklearn", "loader": "load_iris"}, []),
    ],
)
def test_the_environment_and_the_credential_follow_from_the_data(
    copy: Path, source: dict, secrets: list[str]
) -> None:
    sourced(copy, source)
    job = told(copy)
    assert (job["data_environment"], job["data_secrets"]) == ("data-generated-payments", secrets)


def test_public_data_have_no_environment(copy: Path) -> None:
    jobs = values_of(load_repository(WorkingTree(copy)), {})[0].as_variables()["jobs"]
    assert jobs["breast-cancer-diagnosis"]["data_environment"] is None
    assert jobs["breast-cancer-diagnosis"]["data_secrets"] == []
    # Personal data are not public, also where nobody says who may read them.
    sourced(copy, {"type": "sklearn", "loader": "load_iris"}, access=None)
    assert told(copy)["data_environment"] == "data-generated-payments"


HOSTILE = {
    "an expression": "${{ secrets.MERGELINE_APP_PRIVATE_KEY }}",
    "a line": "x\n    environment: release",
    "a quotation": "x' || 'y",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", ["name", "team", "connection"])
def test_a_hostile_name_of_data_reaches_no_workflow(copy: Path, place: str, text: str) -> None:
    source = {"type": "sql", "connection": "LOANS_DATABASE", "query": "q.sql"}
    if place == "connection":
        sourced(copy, source | {"connection": f"{text}_DATABASE"})
    elif place == "name":
        sourced(copy, source, name=text)
    else:
        sourced(copy, source, access={"teams": [text]})
    repository = load_repository(WorkingTree(copy))
    values, _ = values_of(repository, {})
    assert MODEL not in values.jobs
    assert repository.findings


@pytest.mark.parametrize("connection", ["GITHUB_DATABASE", "RUNNER_DATABASE", "GIT_DATABASE"])
def test_a_variable_that_a_tool_reads_is_refused(copy: Path, connection: str) -> None:
    sourced(copy, {"type": "sql", "connection": connection, "query": "q.sql"})
    values, findings = values_of(load_repository(WorkingTree(copy)), {})
    assert [finding.rule for finding in findings] == ["workflow-data"]
    assert MODEL not in values.jobs


@pytest.mark.parametrize("place", ["name", "teams", "connection"])
def test_what_the_schema_would_let_through_is_refused_here(copy: Path, place: str) -> None:
    """The pattern of a schema is not the only thing between a name and a workflow."""
    sourced(copy, {"type": "sql", "connection": "LOANS_DATABASE", "query": "q.sql"})
    repository = load_repository(WorkingTree(copy))
    model = repository.models[MODEL]
    dataset, replaced = model.data.datasets[0], msgspec.structs.replace
    hostile = "${{ x }}"
    changed = {
        "name": lambda: replaced(dataset, name=hostile),
        "teams": lambda: replaced(dataset, access=Access(teams=(hostile,))),
        "connection": lambda: replaced(
            dataset, source=replaced(dataset.source, connection=hostile)
        ),
    }[place]()
    data = replaced(model.data, datasets=(changed,))
    repository.models[MODEL] = replace(model, data=data)
    values, findings = values_of(repository, {})
    assert [finding.rule for finding in findings] == ["workflow-data"]
    assert MODEL not in values.jobs
