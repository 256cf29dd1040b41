"""The command line: its exit codes one by one, and what it costs to start."""

from __future__ import annotations

import fcntl
import os
import pty
import shlex
import signal
import subprocess
import sys
import termios
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


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["validate", "--help"]])
def test_help_that_cannot_be_written_ends_with_3(arguments: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [MERGELINE, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert done.stderr == "error: the answer cannot be written: No space left on device\n"


def test_what_belongs_on_a_closed_standard_error_is_not_printed_elsewhere(tmp_path: Path) -> None:
    command = f'exec "{MERGELINE}" nope 2>&-'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


def test_code_that_ends_the_process_is_not_a_yes(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from mergeline import cli\n"
        "from mergeline.commands import explain\n"
        "explain.execute = lambda _: sys.exit(0)\n"
        "sys.exit(cli.main(['explain']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        3,
        "error: the command was ended by code that it ran\n",
    )


@pytest.mark.parametrize("controlling", [True, False])
def test_a_terminal_that_hangs_up_is_a_reader_that_left(controlling: bool) -> None:
    """The answer comes after the terminal is gone: the code is that of the answer."""
    code = (
        "import sys\n"
        "from mergeline import cli\n"
        "from mergeline.commands import explain\n"
        "whole = explain.execute\n"
        "def wait(arguments):\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
        "    return whole(arguments)\n"
        "explain.execute = wait\n"
        "sys.exit(cli.main(['explain']))\n"
    )
    terminal, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=other,
        stderr=other,
        start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0)) if controlling else None,
    )
    os.close(other)
    assert os.read(terminal, 100).startswith(b"ready")
    os.close(terminal)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("status", [1, 128])
@pytest.mark.parametrize("arguments", [["plan", "--base", "HEAD", "--offline"], ["status"]])
def test_git_that_does_not_start_is_an_error(
    arguments: list[str], status: int, tmp_path: Path
) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\nexit {status}\n")
    (tmp_path / "git").chmod(0o755)
    for path in (str(tmp_path), str(tmp_path / "nothing")):
        done = subprocess.run(
            [MERGELINE, "-C", str(ROOT), *arguments],
            env={"PATH": path, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("error: git")


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
