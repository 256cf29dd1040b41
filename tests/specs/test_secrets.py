"""Secrets are found where they stand, nothing else is taken for one, and none is shown."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from detect_secrets.plugins import keyword
from detect_secrets.plugins.base import RegexBasedDetector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergeline.specs.held import Held
from mergeline.specs.listing import list_folders
from mergeline.specs.secrets import secrets_in
from mergeline.specs.secrets.detector import plugins
from mergeline.specs.secrets.suspicion import suspects
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path

HEX = "0123456789abcdef" * 4
MIXED = "q7Rk2LmX9vTb4NcZ8wHd" * 4
# Taken apart, so that no scanner takes these for secrets of ours.
SECRETS = {
    "aws": "AKIA" + "Q3FZ7H2KXW5PNV4D",
    "github": "gh" + "p_" + MIXED[:36],
    "github fine-grained": "github" + "_pat_" + MIXED[:60] + MIXED[:22],
    "gitlab": "glp" + "at-" + MIXED[:20],
    "slack": "xox" + "b-123456789012-abcdefghij",
    "jwt": "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.Sx" + MIXED[:20],
    "stripe": "sk" + "_live_" + MIXED[:24],
    "npm": "//registry.example.com/:_auth" + "Token=npm_" + MIXED[:36],
    "openai": "sk" + "-" + MIXED[:20] + "T3Blbk" + "FJ" + MIXED[:20],
    "pypi": "pypi-AgEIcHlw" + "aS5vcmc" + MIXED[:72],
    "hugging face": "hf" + "_" + "qRkLmXvTbNcZwHdPsYgJ" + "aBcDeFgHiJkLmN",
    "google": "AI" + "za" + MIXED[:35],
    "private key": "-----BEGIN RSA PRIV" + "ATE KEY-----",
    "basic auth": "https://reader:" + "Xk29-fLq0@example.com/feed",
}


def found(text: str, path: str = "models/m/notes.md") -> list[tuple[int, int]]:
    findings = secrets_in(Held({path: text.encode()}), [path])
    return [(one.location.line, one.location.column) for one in findings]


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("path", ["models/m/model.yaml", "models/m/code.py", "models/m/notes.md"])
def test_a_secret_is_found_and_not_shown(kind: str, path: str):
    secret = SECRETS[kind]
    tree = Held({path: f"first: 1\n  value: {secret}\n".encode()})
    [finding] = secrets_in(tree, [path])
    assert (finding.rule, finding.location.file, finding.location.line) == (
        "literal-secret",
        path,
        2,
    )
    assert 10 <= finding.location.column < 10 + len(secret)
    said = f"{finding.message}{finding.hint}"
    assert not any(secret[start : start + 8] in said for start in range(len(secret) - 7))


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ("m.yaml", "db_password: hunter2", 14),
        ("m.yaml", "      api_key: 'hunter2'", 17),
        ("m.yaml", "client_secret_v2 = hunter2", 20),
        ("m.py", 'PASSWORD = "hunter2"', 13),
        ("m.py", 'connect(options, {"api_key": "hunter2"})', 31),
        ("m.py", 'if "hunter2" == password:', 5),
        ("m.toml", "passwd = hunter2", 10),
    ],
)
def test_a_name_gives_a_value_away(path: str, line: str, column: int):
    assert found(f"\n{line}\n", path) == [(2, column)]


@pytest.mark.parametrize(
    "line",
    [
        f"digest: sha256:{HEX}",
        f"image: example.com/train@sha256:{HEX}",
        "commit: 0123456789abcdef0123456789abcdef01234567",
        "primary_key: [customer, month]",
        "secret_words: [password, passwd, secret, api_key]",
        "description: Tells whether a password is one of the weak ones.",
        "password: ${DB_PASSWORD}",
        "token_pattern: '[a-z]+'",
        "hyperparameters: {max_tokens: 100}",
        "uri: https://example.com/a@b",
        "region: asia-east1",
        "transform: {type: passthrough}",
        "password: hunter2  # pragma: allowlist secret",
        "# pragma: allowlist nextline secret\npassword: hunter2",
    ],
)
def test_nothing_else_is_taken_for_a_secret(line: str):
    assert found(line, "m.yaml") == []


def test_code_that_asks_for_a_secret_holds_none():
    text = 'password = os.environ["DB_PASSWORD"]\nkey = vault.read(secret_name)\n'
    assert found(text, "m.py") == []


def test_data_is_not_read():
    assert found(f"aws,{SECRETS['aws']}", "models/m/rows.csv") == []
    assert found(" " * 1_000_000 + SECRETS["aws"]) == []


PATTERNS = [
    *(
        pattern
        for plugin in plugins()
        if isinstance(plugin, RegexBasedDetector)
        for pattern in plugin.denylist
    ),
    *{
        pattern: None
        for patterns in (
            keyword.CONFIG_DENYLIST_REGEX_TO_GROUP,
            keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP,
        )
        for pattern in patterns
    },
]


def test_the_patterns_of_the_files_we_search_are_all_known():
    by_type = keyword.REGEX_BY_FILETYPE
    types = {keyword.determine_file_type(f"m{ending}") for ending in (".yaml", ".toml", ".cfg")}
    assert {id(by_type[one]) for one in types} == {id(keyword.CONFIG_DENYLIST_REGEX_TO_GROUP)}
    types = {keyword.determine_file_type(f"m{ending}") for ending in (".py", ".md", ".sql")}
    quoted = keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP
    assert {id(by_type.get(one, quoted)) for one in types} == {id(quoted)}


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
@settings(max_examples=settings().max_examples * 3 // 5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_line_that_a_pattern_fits_is_suspected(pattern, data):
    """The detector is asked about no other lines, so a line that is not suspected is lost."""
    text = data.draw(st.from_regex(pattern))
    for line in text.split("\n"):
        if pattern.search(line):
            assert suspects(f"first\n{line}\nlast") == [1], line


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "secret" * 160_000,
        "key" + "!" * 999_000,
        "eyJ" * 330_000,
        "://" * 330_000,
        "'" + " " * 999_000,
        "password" + " " * 999_000,
        "\n".join(["secret" * 80] * 2_000),
        "\n".join(["password: " + "x-" * 200] * 2_000),
        "\n".join(["aws key " + "'aws" * 120] * 1_900),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("path", ["m.yaml", "m.py"])
def test_no_text_keeps_us_waiting(path: str, line: str):
    start = time.process_time()
    found(line, path)
    assert time.process_time() - start < 5


def test_what_is_too_much_to_look_at_is_refused():
    [finding] = secrets_in(Held({"m.yaml": b"password: " + b"x" * 600}), ["m.yaml"])
    assert finding.message == "a line of 610 characters looks as if it held a secret"
    lines = b"password: 12345678\n" * 201
    [finding] = secrets_in(Held({"m.yaml": lines}), ["m.yaml"])
    assert finding.location.line == 201


@pytest.mark.parametrize(
    "name", [".env", ".env.production", ".netrc", ".npmrc", "id_rsa", "credentials", "prod.tfvars"]
)
def test_files_in_which_tools_keep_secrets_are_looked_at(name: str, tmp_path: Path):
    folder = tmp_path / "models/m"
    folder.mkdir(parents=True)
    (folder / name).write_text(f"first\nkey = {SECRETS['aws']}\n")
    (folder / ".hidden").write_text(SECRETS["aws"])
    tree = WorkingTree(tmp_path)
    assert list_folders(tmp_path, "models")["m"].files == (f"models/m/{name}",)
    [finding] = secrets_in(tree, tree.files("models"))
    assert (finding.location.file, finding.location.line) == (f"models/m/{name}", 2)


def test_no_more_of_a_file_is_read_than_is_searched(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("x")
    os.truncate(tmp_path / "notes.txt", 1_000_000_000_000)
    assert list(secrets_in(WorkingTree(tmp_path), ["notes.txt"])) == []
