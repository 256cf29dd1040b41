"""A model whose code tries everything that this process could, and what comes of it: nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path

import pytest

from mergeline.errors import ToolError
from mergeline.pipeline.stage import Stage, run_apart

SECRET = "s3cr3t-of-the-engine"
# Each is tried on its own; what it raises is swallowed, as an attacker would.
DEEDS = {
    "environment": "open(STOLEN, 'w').write(str(dict(os.environ)))",
    "environment of the parent": (
        "open(STOLEN, 'a').write(open(f'/proc/{os.getppid()}/environ').read())"
    ),
    "environment of all": (
        "each(lambda p: open(STOLEN, 'a').write(open(p).read()), glob.glob('/proc/[0-9]*/environ'))"
    ),
    "network": "socket.create_connection(('127.0.0.1', PORT), timeout=2).send(b'stolen')",
    "datagram": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'stolen', ('127.0.0.1', PORT))"
    ),
    "evaluation": (
        "[open(p, 'w').write('{}') for p in"
        " glob.glob(f'{ROOT}/.mergeline/**/evaluation.json', recursive=True)]"
    ),
    "results": "open(f'{ROOT}/.mergeline/runs/toy/result.json', 'w').write('{}')",
    "cache": "shutil.rmtree(f'{ROOT}/.mergeline')",
    "specs": "open(f'{ROOT}/models/toy/evaluation.yaml', 'w').write('metrics: []')",
    "labels": "os.rename(glob.glob(f'{ROOT}/.mergeline/cache/features/*/test.parquet')[0], 'mine')",
    "home": "open(os.path.expanduser('~/planted'), 'w').write('x')",
    "elsewhere": "open(f'{ROOT}/../planted', 'w').write('x')",
    "engine": "open(mergeline.__file__, 'a').write('raise SystemExit')",
    "module of the engine": "setattr(mergeline.pipeline.gates, 'metric_findings', lambda *_: [])",
    "clock": "setattr(time, 'perf_counter', lambda: 0.0)",
    "daemon": (
        "os.fork() or (os.setsid(), time.sleep(2), open(f'{ROOT}/../late', 'w').write('x'))"
    ),
    "thread": "threading.Thread(target=lambda: time.sleep(600), daemon=True).start()",
    "program": "subprocess.Popen(['sh', '-c', f'sleep 2; touch {ROOT}/../late'])",
    "at exit": "atexit.register(lambda: open(f'{ROOT}/../late', 'w').write('x'))",
    "parent": "os.kill(os.getppid(), signal.SIGKILL)",
    "all": "os.kill(-1, signal.SIGKILL)",
    "channel": "each(lambda number: os.write(number, b'x' * 64), range(3, 64))",
    "mode": "os.chmod(f'{ROOT}/models/toy', 0)",
}
PRELUDE = """\
import atexit, glob, os, shutil, signal, socket, subprocess, sys, threading, time
import numpy as np
ROOT, PORT, STOLEN = {root!r}, {port}, "stolen"


def each(deed, values):
    for value in values:
        try:
            deed(value)
        except OSError:
            pass


def log_amount(frame, base):
    import mergeline.pipeline.gates
    for deed in {deeds!r}:
        try:
            exec(deed, globals() | {{"mergeline": mergeline}})
        except BaseException as error:
            print("failed", type(error).__name__, error)
    return np.log(frame["amount"]) / np.log(base)
"""


@pytest.fixture
def listening():
    heard: list[bytes] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        port = stream.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))

        def accept():
            try:
                connection, _ = stream.accept()
                heard.append(connection.recv(99))
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        datagrams.setblocking(False)
        yield port, heard
        with contextlib.suppress(BlockingIOError):
            heard.append(datagrams.recv(99))
        stream.shutdown(socket.SHUT_RDWR)
    assert heard == []


def tree(root: Path) -> dict[str, bytes]:
    skipped = (".mergeline", "__pycache__")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part in skipped for part in path.parts)
    }


def facts(evaluation: dict) -> dict:
    return {key: evaluation[key] for key in ("metrics", "test_set", "predictions", "fairness")}


# What breaks the child's own channel: it answers nothing, so nothing passes.
FATAL = {"channel"}


def test_all_attacks_from_a_feature_change_nothing(work, listening, monkeypatch):
    changes_nothing(
        work, listening[0], monkeypatch, [DEEDS[one] for one in DEEDS if one not in FATAL]
    )


@pytest.mark.slow
@pytest.mark.parametrize("deed", sorted(DEEDS.keys() - FATAL))
def test_an_attack_from_a_feature_changes_nothing(work, deed, listening, monkeypatch):
    changes_nothing(work, listening[0], monkeypatch, [DEEDS[deed]])


@pytest.mark.parametrize("deed", sorted(FATAL))
def test_a_child_that_breaks_its_channel_answers_nothing(work, deed, monkeypatch):
    before = tree(work.root)
    with pytest.raises(ToolError, match="the process of the functions"):
        changes_nothing(work, 1, monkeypatch, [DEEDS[deed]])
    assert tree(work.root).keys() == before.keys()


def changes_nothing(work, port, monkeypatch, deeds: list[str]) -> None:
    for name in ("GITHUB_TOKEN", "MLFLOW_TRACKING_PASSWORD", "MERGELINE_SIGNING_KEY"):
        monkeypatch.setenv(name, SECRET)
    honest = work.run("toy")
    code = PRELUDE.format(root=str(work.root), port=port, deeds=deeds)
    work.write("models/toy/features.py", code)
    before, around = tree(work.root), sorted(work.root.parent.iterdir())
    state = work.root / ".mergeline"
    stage = Stage(root=str(work.root), state=str(state), model="toy", fresh=True)
    result = run_apart(stage, lambda _: None, {})
    assert facts(result.evaluation) == facts(honest.evaluation)
    assert result.digests["test_set"] == honest.digests["test_set"]
    assert tree(work.root) == before
    assert sorted(work.root.parent.iterdir()) == around
    for path in state.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert not Path("~/planted").expanduser().exists()
    written = json.loads((state / "runs/toy/result.json").read_text())
    assert written["evaluation"]["metrics"] == result.evaluation["metrics"]
    assert written["timings"]["milliseconds"]["p50"] > 0
