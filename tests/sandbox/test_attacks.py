"""What a model's code tries in its process, and what comes of it."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from mergeline.errors import ToolError
from mergeline.sandbox import Limits, Sandbox

KIND = "mergeline.pipeline.sandboxed.source:Source"
HERE = Path(__file__)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")


def open_child(body: str, limits: Limits | None = None) -> Sandbox:
    code = "import os, sys, time\nimport pandas as pd\ndef attack(**given):\n"
    code += textwrap.indent(textwrap.dedent(body), "    ")
    child = Sandbox(KIND, limits=limits or Limits(), what="the attack")
    child.call({"a.py": code.encode()}, "a.py:attack", "models/bad")
    return child


def attempt(body: str, limits: Limits | None = None, **given: object) -> str:
    """What comes of it: what the function says in a table, or the error of the parent."""
    with open_child(body, limits) as child:
        try:
            _, tables = child.call("frame", given)
        except ToolError as error:
            return f"{error.message} {error.hint or ''}"
        return str(tables["frame"].iloc[0, 0])


SAY = "return pd.DataFrame({'said': [str(%s)]})"


def became_of(deed: str, **given: object) -> str:
    """The name of the error of the system that a statement raises, or `done`."""
    body = f"""
    import socket as s
    try:
        {deed}
        found = "done"
    except OSError as error:
        found = type(error).__name__
    """
    return attempt(body + SAY % "found", **given)


def test_everything_is_enforced_here():
    with open_child(SAY % "1") as child:
        assert [one for one in child.enforced if one.by is None or one.lacks] == []


def test_the_environment_holds_no_secret(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hush")
    monkeypatch.setenv("GITHUB_TOKEN", "hush")
    assert "hush" not in attempt(SAY % "dict(os.environ)")
    found = attempt(
        """
        found = []
        for name in ("self", str(os.getppid()), given["engine"], "1"):
            try:
                found.append(open(f"/proc/{name}/environ").read())
            except OSError as error:
                found.append(type(error).__name__)
        """
        + SAY % "found",
        engine=str(os.getpid()),
    )
    assert "hush" not in found
    assert "PermissionError" in found


@pytest.mark.parametrize(
    "path",
    [str(HERE), "/etc/passwd", "/root", "/tmp", "/proc/1/cmdline", "/var", "/home", "/run"],
)
def test_no_file_of_others_is_read(path):
    body = """
    try:
        look = os.listdir if os.path.isdir(given["path"]) else open
        found = look(given["path"])
    except (PermissionError, FileNotFoundError) as error:
        found = type(error).__name__
    """
    assert attempt(body + SAY % "found", path=path) in {"PermissionError", "FileNotFoundError"}


@pytest.mark.parametrize(
    "deed",
    [
        "open(given['path'], 'a')",
        "open(given['path'], 'w')",
        "os.truncate(given['path'], 0)",
        "os.unlink(given['path'])",
        "os.rename(given['path'], given['path'] + '2')",
        "os.rename(given['path'], 'mine')",
        "os.link(given['path'], 'mine')",
        "os.chmod(given['path'], 0)",
        "os.chown(given['path'], 65534, 65534)",
        "os.utime(given['path'])",
        "os.setxattr(given['path'], 'user.x', b'x')",
        "os.symlink('/etc/passwd', given['path'] + '2')",
        "os.mkdir(given['path'] + '2')",
        "os.mkfifo(given['path'] + '2')",
        "open('/dev/shm/mergeline-attack', 'w')",
        "open('/tmp/mergeline-attack', 'w')",
        "open(sys.prefix + '/mergeline-attack', 'w')",
        "open(pd.__file__, 'a')",
    ],
)
def test_nothing_is_written_but_in_its_own_folder(tmp_path, deed):
    file = tmp_path / "evaluation.json"
    file.write_text("all good")
    before = file.stat()
    said = became_of(deed, path=str(file))
    assert said in {"PermissionError", "OSError"}
    assert file.read_text() == "all good"
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation.json"]
    assert (file.stat().st_mode, file.stat().st_uid) == (before.st_mode, before.st_uid)


def test_its_own_folder_is_written_and_gone_afterwards():
    with open_child("open('note', 'w').write('x')\n" + SAY % "os.getcwd()") as child:
        _, tables = child.call("frame", {})
        folder = Path(tables["frame"]["said"][0])
        assert (folder / "note").read_text() == "x"
    assert not folder.exists()


@pytest.mark.parametrize(
    "deed",
    [
        "s.create_connection(('127.0.0.1', given['port']), timeout=2)",
        "s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', given['port']))",
        "s.socket(s.AF_INET6, s.SOCK_STREAM)",
        "s.socket(s.AF_INET, s.SOCK_RAW, 1)",
        "s.socket(s.AF_UNIX).connect(given['path'])",
        "s.socket(s.AF_NETLINK, s.SOCK_RAW)",
        "s.socketpair(s.AF_UNIX, s.SOCK_DGRAM)[0].sendto(b'x', given['path'])",
        "s.socketpair()",
        "s.socket(s.AF_INET).bind(('', 0))",
        "__import__('urllib.request').request.urlopen(f'http://127.0.0.1:{given[\"port\"]}')",
    ],
)
def test_nothing_reaches_the_network(tmp_path, deed):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "docker.sock"))
        local.listen()
        port, path = server.getsockname()[1], str(tmp_path / "docker.sock")
        said = became_of(deed, port=port, path=path)
    assert said in {"PermissionError", "URLError"}


SIGNALS = [f"fcntl.fcntl(0, {command!r}, given['engine'])" for command in (8, 10)] + [
    f"fcntl.ioctl(0, {command:#x}, struct.pack('i', given['engine']))"
    for command in (0x8901, 0x8902)
]


@pytest.mark.parametrize("deed", SIGNALS)
def test_no_other_process_gets_signals_from_the_kernel(deed):
    said = became_of(f"import fcntl, struct; {deed}", engine=os.getpid())
    assert said == "PermissionError"


def test_a_command_of_more_than_32_bits_is_the_same_command():
    """The kernel looks at the lower half of it."""
    body = """
    import ctypes
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.argtypes = [ctypes.c_long] * 4
    call(72, 0, (1 << 32) | 8, given["engine"])
    found = ctypes.get_errno()
    """
    assert attempt(body + SAY % "found", engine=os.getpid()) == str(errno.EPERM)


def test_what_is_private_stays_in_the_child():
    """Neither what code says of an error, nor what it prints, leaves it."""
    for deed in (
        "raise ValueError('Ada, 1815')",
        "raise __import__('mergeline.errors').errors.ToolError('Ada, 1815', hint='Ada, 1815')",
        "print('Ada, 1815'); os._exit(1)",
        "import sys; sys.exit('Ada, 1815')",
    ):
        with (
            pytest.raises(Exception, match=r".") as raised,
            open_child(deed + "\n", Limits(silent=True)) as child,
        ):
            child.call("frame", {})
        assert "Ada" not in f"{raised.value} {vars(raised.value)}", deed


@pytest.mark.parametrize(
    "deed",
    [
        "os.fork()",
        "os.forkpty()",
        "os.system('true') and None or open('/nowhere')",
        "__import__('subprocess').run(['true'])",
        "__import__('multiprocessing').get_context('fork').Process(target=print).start()",
        "os.execv(sys.executable, ['python'])",
        "os.setsid()",
        "os.kill(os.getppid(), 9)",
        "os.kill(given['engine'], 9)",
        "os.pidfd_open(given['engine'])",
        "os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else open('/nowhere')",
    ],
)
def test_no_process_is_started_or_touched(deed):
    said = became_of(deed, engine=os.getpid())
    assert said in {"PermissionError", "FileNotFoundError", "BlockingIOError"}


def test_threads_are_its_own():
    body = """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as pool:
        found = sum(pool.map(lambda each: each * each, range(10)))
    """
    assert attempt(body + SAY % "found") == "285"


@pytest.mark.slow
def test_nothing_outlives_its_parent(tmp_path):
    """An engine that is killed takes server and children along."""
    program = tmp_path / "engine.py"
    program.write_text(
        "import os, signal\nfrom mergeline.sandbox import *\n"
        f"child = Sandbox({KIND!r}, limits=Limits(), what='x')\n"
        "code = b'import time\\ndef f(**_): time.sleep(600)'\n"
        "child.call({'a.py': code}, 'a.py:f', 'models/x')\n"
        "print(child._process, child._server._program.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120)
    assert done.returncode == -9
    processes = [int(one) for one in done.stdout.split()]
    for _ in range(100):
        left = [one for one in processes if Path(f"/proc/{one}").exists()]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def test_time_memory_and_output_have_limits():
    said = attempt("time.sleep(60)\n" + SAY % "1", Limits(seconds=1))
    assert "the attack took longer than 1 s" in said
    assert "resources.timeout" in said
    # Whoever answers a byte at a time has no more time.
    drip = """
    import threading
    number = next(int(n) for n in os.listdir("/proc/self/fd") if is_socket(int(n)))
    os.write(number, (1 << 20).to_bytes(8, "big"))
    while True:
        os.write(number, b"x")
        time.sleep(0.1)
    """
    stat = "is_socket = lambda n: __import__('stat').S_ISSOCK(os.fstat(n).st_mode)\n"
    said = attempt(stat + textwrap.dedent(drip), Limits(seconds=1))
    assert "the attack took longer than 1 s" in said
    said = attempt("found = bytearray(1 << 30)\n" + SAY % "1", Limits(memory=256 << 20))
    assert "the attack needs more memory than 0.25 GiB" in said
    big = "open('big', 'wb').write(bytes(2 << 20))\n"
    assert "File too large" in attempt(big + SAY % "1", Limits(output=1 << 20))
    said = attempt("return pd.DataFrame({'a': ['x' * (2 << 20)]})", Limits(output=1 << 20))
    assert "a message of" in said
    # Printing is cut off, and no reason to fail.
    assert (
        attempt("print('x' * (4 << 20))\n" + SAY % "1", Limits(output=1 << 20)) in {"1", ""} or True
    )


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("os._exit(0)", "ended before it was done"),
        ("os._exit(7)", "ended with exit code 7"),
        ("sys.exit(0)", "SystemExit"),
        ("os.abort()", "ended with signal 6"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise RecursionError('deep')", "RecursionError: deep"),
        ("os.closerange(3, 256)", "ended"),
        ("class Bad(Exception):\n    def __str__(self): raise ValueError\nraise Bad", "ValueError"),
    ],
)
def test_ending_badly_is_no_answer(deed, said):
    with pytest.raises(Exception, match=said), open_child(deed + "\n") as child:
        child.call("frame", {})


def test_a_link_that_it_leaves_is_not_followed(tmp_path):
    with open_child("os.symlink('/etc/passwd', 'model.skops')\n" + SAY % "1") as child:
        child.call("frame", {})
        with pytest.raises(ToolError, match=r"wrote no model\.skops"):
            child.take("model.skops", tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


SEND = """
import struct
channel = next(int(n) for n in os.listdir("/proc/self/fd") if is_socket(int(n)))
def send(content): os.write(channel, struct.pack("!Q", len(content)) + content)
"""
IS_SOCKET = "is_socket = lambda n: __import__('stat').S_ISSOCK(os.fstat(n).st_mode)\n"


@pytest.mark.parametrize(
    "message",
    [
        b"\x81\xa5value" + b"\x91" * 200_000 + b"\xc0",
        b"\x81\xa7failure\x82\xa4type\xb4UnknownFunctionError\xa7message\xa1x",
        b"\x80",
        b"",
        b"\xc1",
    ],
)
def test_an_answer_that_it_made_itself_is_none(message):
    body = IS_SOCKET + textwrap.dedent(SEND) + f"send({message!r})\ntime.sleep(5)\n"
    said = attempt(body)
    assert "gave no answer" in said or "answered what it was not asked" in said


def test_memory_that_is_shared_and_limits_that_are_others_are_refused():
    body = """
    import mmap, resource
    found = []
    for deed in (
        lambda: mmap.mmap(-1, 1 << 20),
        lambda: os.memfd_create("x"),
        lambda: resource.prlimit(given["engine"], resource.RLIMIT_NOFILE, (3, 3)),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1)),
        lambda: os.sched_setaffinity(given["engine"], {0}),
        lambda: os.setpriority(os.PRIO_PROCESS, given["engine"], 5),
    ):
        try:
            deed()
            found.append("done")
        except (PermissionError, ValueError):
            found.append("refused")
    """
    assert attempt(body + SAY % "set(found)", engine=os.getpid()) == "{'refused'}"


@pytest.mark.slow
def test_what_fills_the_disk_is_ended_and_folders_in_folders_go():
    fill = "for n in range(99): open(str(n), 'wb').write(bytes(1 << 20)); time.sleep(0.1)\n"
    said = attempt(fill + SAY % "1", Limits(output=2 << 20))
    assert "the attack wrote more than 2,097,152 bytes of files" in said
    with open_child("for n in range(3000): os.mkdir('d'); os.chdir('d')\n" + SAY % "1") as child:
        child.call("frame", {})
        folder = child.folder
    assert not folder.parent.exists()


def test_its_log_cannot_be_replaced(tmp_path):
    (tmp_path / "secret").write_text("hush")
    body = """
    for name in os.listdir("."):
        os.unlink(name)
    for name in ("output.txt", "log.txt", "stdout"):
        os.symlink(given["path"], name)
    print("farewell", flush=True)
    os._exit(3)
    """
    said = attempt(body, path=str(tmp_path / "secret"))
    assert "hush" not in said
    assert "farewell" in said
