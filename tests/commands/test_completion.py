"""`mergeline completion`: a real shell completes commands, options and choices."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mergeline import cli


def script(shell: str, capsys) -> str:
    capsys.readouterr()
    assert cli.main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(script: str, *words: str) -> list[str]:
    """What bash offers for the last word."""
    line = " ".join(["mergeline", *words])
    program = (
        f"{script}\n"
        f"COMP_WORDS=(mergeline {' '.join(repr(word) for word in words)})\n"
        f"COMP_CWORD={len(words)}\nCOMP_LINE={line!r}\nCOMP_POINT={len(line)}\n"
        "function=$(complete -p mergeline | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
        '"$function" mergeline\n'
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("val",), ["validate"]),
        (("new", "--tim"), ["--time-column"]),
        (("new", "--risk", "h"), ["high"]),
        (("validate", "--format", "js"), ["json"]),
    ],
)
def test_bash_completes(capsys, words: tuple[str, ...], offered: list[str]):
    assert completed(script("bash", capsys), *words) == offered


def test_zsh_is_told_of_every_command(capsys):
    text = script("zsh", capsys)
    assert text.startswith("#compdef mergeline")
    for name in cli.COMMANDS:
        assert f"\n    {name}:'" in text
    if zsh := shutil.which("zsh"):
        subprocess.run([zsh, "-n"], input=text, text=True, check=True)


def test_another_shell_is_not_known():
    with pytest.raises(SystemExit) as ended:
        cli.main(["completion", "fish"])
    assert ended.value.code == 2
