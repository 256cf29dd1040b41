from __future__ import annotations

import pytest

from mergeline.errors import ExitCode, MergelineError
from mergeline.policy import PolicyLibrary
from mergeline.specs.tree import WorkingTree

RULE = "package mergeline.model\n\ndeny contains 1 if false\n"


@pytest.fixture
def policies(tmp_path):
    (tmp_path / "policies").mkdir()
    return tmp_path / "policies"


def load(policies, **options):
    return PolicyLibrary.load(WorkingTree(policies.parent), **options)


def refused(policies):
    with pytest.raises(MergelineError) as caught:
        load(policies)
    return caught.value


def test_modules_and_data_are_read_and_tests_left_out(policies):
    (policies / "a.rego").write_text(RULE)
    (policies / "a_test.rego").write_text("package mergeline.model_test\n")
    (policies / "data.yaml").write_text("organization: {limit: 3}\n")
    library = load(policies)
    assert list(library.modules) == ["policies/a.rego"]
    assert library.data == {"organization": {"limit": 3}}
    assert set(load(policies, tests=True).modules) == {"policies/a.rego", "policies/a_test.rego"}


def test_the_digest_covers_modules_and_data(policies):
    (policies / "a.rego").write_text(RULE)
    first = load(policies).digest
    assert load(policies).digest == first
    (policies / "data.yaml").write_text("organization: {limit: 3}\n")
    second = load(policies).digest
    (policies / "a.rego").write_text(RULE + "# more\n")
    assert len({first, second, load(policies).digest}) == 3


def test_no_policy_at_all(policies):
    (policies / "data.yaml").write_text("organization: {}\n")
    error = refused(policies)
    assert "there is no policy in policies/" in error.message
    assert error.exit_code is ExitCode.TOOL


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"deny := 1\n", "the policy names no package", "policies/a.rego:1:1"),
        (b"", "the policy names no package", "policies/a.rego:1:1"),
        (b"package a\n\nb := `c\n", "cannot be read: '`' has no place here", "policies/a.rego:3:6"),
        (b"package a\xff\n", "the policy is not UTF-8", "policies/a.rego:1:1"),
    ],
)
def test_a_module_that_cannot_be_read(policies, content, message, place):
    (policies / "a.rego").write_bytes(content)
    error = refused(policies)
    assert message in error.message
    assert str(error.location) == place
    assert error.exit_code is ExitCode.TOOL


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data.yaml", "a: 1\na: 2\n", "a"),
        ("data.yaml", "- 1\n", "policy data must be a mapping"),
        ("more.yaml", "a: 1\n", "policies/more.yaml is not read"),
        ("more.json", "{}", "policies/more.json is not read"),
    ],
)
def test_data_that_cannot_be_read(policies, name, content, message):
    (policies / "a.rego").write_text(RULE)
    (policies / name).write_text(content)
    error = refused(policies)
    assert message in error.message
    assert error.location.file == f"policies/{name}"
    assert error.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("name", ["a.rego", "data.yaml"])
def test_a_file_that_is_too_large(policies, name):
    (policies / "a.rego").write_text(RULE)
    (policies / name).write_bytes(b"#" * 1_000_001)
    error = refused(policies)
    assert "the file has more than 1,000,000 bytes" in error.message
    assert error.location.file == f"policies/{name}"
    assert error.exit_code is ExitCode.USAGE
