"""The command line: its exit codes one by one, and what it costs to start."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mergeline import __version__, cli
from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.findings import Location

ROOT = Path(__file__).parents[1]
MERGELINE = str(Path(sys.executable).with_name("mergeline"))


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MERGELINE, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_version(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"mergeline {__version__}\n")


def test_every_command_says_what_it_takes(tmp_path: Path, capsys) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            cli.main([name, "--help"])
        assert ended.value.code == 0
        assert f"usage: mergeline {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["trian"], ["run"], ["run", "m", "--format", "xml"], ["-C"], ["--nothing"]]
)
def test_a_wrong_call_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "usage: mergeline" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RefusedError("No.", hint="Do so."), 1, "error: No.\n  = help: Do so.\n"),
        (UsageError("What?"), 2, "error: What?\n"),
        (
            ToolError("Broken.", location=Location("a.yaml", 3, 4)),
            3,
            "error: Broken.\n  --> a.yaml:3:4\n",
        ),
        (ToolError("an \x1b[31mescape"), 3, "error: an \\x1b[31mescape\n"),
    ],
)
def test_errors_end_with_their_code(monkeypatch, capsys, error, code: int, said: str) -> None:
    def fail(_: list[str]) -> int:
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main([]) == code
    assert capsys.readouterr().err == said


def test_a_bug_ends_with_70_and_without_a_traceback(monkeypatch, capsys) -> None:
    def fail(_: list[str]) -> int:
        raise ZeroDivisionError("one by zero")

    monkeypatch.delenv("MERGELINE_DEBUG", raising=False)
    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main([]) == 70
    said = capsys.readouterr().err
    assert said.startswith("error[bug]: ZeroDivisionError: one by zero\n")
    assert "Traceback" not in said


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    """A real signal to a real process that waits."""
    code = (
        "import signal, sys, time\n"
        "from mergeline import cli\n"
        # A shell in the background has it ignored, and children inherit that.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def wait(_):\n"
        "    print('waiting', flush=True)\n"
        "    time.sleep(60)\n"
        "cli._run = wait\n"
        "sys.exit(cli.main([]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "interrupted\n")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{shlex.quote(MERGELINE)} --help | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_that_does_not_block_gets_the_whole_answer() -> None:
    """Another program may have made it so; it holds less than the answer."""
    whole = run("explain", "--format", "json", cwd=ROOT).stdout
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = subprocess.Popen([MERGELINE, "explain", "--format", "json"], cwd=ROOT, stdout=writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        assert stream.read() == whole
    assert process.wait() == 0
    assert len(whole) > 2**16


def test_an_error_of_the_system_ends_with_3_and_its_path(monkeypatch, capsys) -> None:
    def fail(_: list[str]) -> int:
        raise OSError(28, "No space left on device", "/full/file")

    monkeypatch.delenv("MERGELINE_DEBUG", raising=False)
    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main([]) == 3
    assert capsys.readouterr().err.startswith("error: /full/file: No space left on device\n")


HEAVY = ("mlflow", "sklearn", "pandas", "numpy", "great_expectations", "matplotlib", "pydantic")


@pytest.mark.parametrize("arguments", [["--version"], ["validate"], ["workflows", "--check"]])
def test_cheap_commands_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from mergeline import cli\n"
        "try:\n"
        "    cli.main(sys.argv[1:])\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    clean = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=clean,
    )
    assert done.stderr.splitlines()[-1] == "[]"
