"""What a child may reach, and what of that this system enforces.

Linux's Landlock keeps it from files and from other processes, seccomp from the network, from
starting processes and from the rest of the kernel that a model has no use for, resource limits
from memory, time and disk. None of it needs a privilege. A system that lacks one of them runs the
child without it, and what was not enforced is recorded as that.
"""

from __future__ import annotations

import errno
import mmap
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Subject = Literal["environment", "files", "memory", "network", "output", "processes", "time"]
SUBJECTS: tuple[Subject, ...] = (
    *("environment", "files", "memory", "network", "output", "processes", "time"),
)
# What libraries read of the system beside their own files.
_SYSTEM = (
    *("/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types"),
    *(f"/proc/self/{name}" for name in ("cgroup", "fd", "maps", "stat", "statm", "status", "task")),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
# The parts of a prefix with libraries in them; others hold settings, and settings hold passwords.
_PREFIXES = ("/usr", "/usr/local", sys.prefix, sys.base_prefix)
_LIBRARIES = ("bin", "include", "lib", "lib32", "lib64", "libexec", "share")
# Processes and other users of the machine, the network, the kernel's own interfaces, and changes
# to files that need no right to write them.
_REFUSED = (
    *("fork", "vfork", "execve", "execveat", "setsid", "setpgid", "setns", "unshare"),
    *("kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "ptrace"),
    *("process_vm_readv", "process_vm_writev", "process_madvise", "migrate_pages", "move_pages"),
    *("setrlimit", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"),
    *("setpriority", "ioprio_set", "memfd_create", "memfd_secret"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp"),
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd"),
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount"),
    *("open_by_handle_at", "name_to_handle_at", "init_module", "finit_module", "kexec_load"),
    *("shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "semget", "semop", "mq_open"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
    *("setxattrat", "removexattrat", "utime", "utimes", "utimensat", "futimesat"),
    # What only root may: a model's code may run as root, in a container.
    *("sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
    *("syslog", "acct", "swapon", "swapoff", "reboot", "quotactl", "quotactl_fd", "vhangup"),
    *("fanotify_init", "fsconfig", "fspick", "mount_setattr", "open_tree_attr", "delete_module"),
    *("iopl", "ioperm", "modify_ldt", "lookup_dcookie", "personality", "flock"),
)
_CLONE_THREAD = 0x10000
# Commands by which the kernel sends signals to others: F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN,
# SIOCSPGRP. The kernel looks at 32 bits of them, so the rest is not compared.
_OWNERS = (("fcntl", 8), ("fcntl", 10), ("fcntl", 15), ("ioctl", 0x8901), ("ioctl", 0x8902))
_COMMAND = 0xFFFFFFFF
_SHARED_AND_ANONYMOUS = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a child may take.

    Attributes:
        memory: bytes beside those of the libraries.
        output: bytes of one file or one answer.
        seconds: of waiting for one answer, and of a processor's time for each of its cores.
        silent: may neither what it prints nor the words of its errors be shown? They may hold
            rows of data that are not public.
    """

    memory: int = 2 << 30
    output: int = 4 << 30
    seconds: float = 1800.0
    silent: bool = False


class Enforced(msgspec.Struct, frozen=True, order=True):
    """How a child is held to one limit.

    Attributes:
        subject: what is limited.
        by: what enforces it; None: nothing does.
        lacks: what is missing of it, in words; "" if nothing is.
    """

    subject: Subject
    by: str | None
    lacks: str = ""


def lacking() -> list[str]:
    """Return what this system has not to confine a child with, in words; nothing is restricted."""
    found = []
    try:
        from py_landlock import Landlock

        version = int(Landlock().abi_version)
    except (ImportError, OSError, RuntimeError):
        version = 0
    if version < 3:
        found.append("Landlock, for files (Linux 6.2 or newer has all of it)")
    try:
        import pyseccomp  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        found.append("libseccomp, for network and processes")
    return found


def confine(folder: Path, readable: Iterable[Path], limits: Limits) -> list[Enforced]:
    """Restrict this process, for good.

    Args:
        folder: the one that it may write to.
        readable: what it may read beside the libraries.
        limits: what it may take.

    Returns:
        What is enforced and what is not, a row for each subject.
    """
    found = [
        Enforced("environment", "a new environment"),
        *_resources(limits),
        *_landlock(folder, readable),
        *_seccomp(),
    ]
    best = {one.subject: one for one in sorted(found, key=_strength)}
    return [best.get(subject, Enforced(subject, None, "not enforced")) for subject in SUBJECTS]


def _strength(one: Enforced) -> tuple[bool, bool]:
    return one.by is not None, not one.lacks


def _resources(limits: Limits) -> Iterator[Enforced]:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A write beyond the limit is an error of the file's, not the end of the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    cores = os.cpu_count() or 1
    asked: tuple[tuple[Subject, int, int], ...] = (
        ("output", resource.RLIMIT_FSIZE, limits.output),
        ("time", resource.RLIMIT_CPU, int(limits.seconds * cores) + 1),
    )
    for subject, name, value in asked:
        resource.setrlimit(name, (value, value))
        yield Enforced(subject, "setrlimit")
    if (mapped := _mapped()) is None:
        yield Enforced("memory", None, "this system does not say what is mapped")
        return
    resource.setrlimit(resource.RLIMIT_DATA, (mapped + limits.memory,) * 2)
    yield Enforced("memory", "setrlimit")


def _mapped() -> int | None:
    """Return the bytes of data that this process has mapped; None: this system does not say."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmData:")]
    return int(found[0]) * 1024 if found else None


def _landlock(folder: Path, readable: Iterable[Path]) -> Iterator[Enforced]:
    try:
        from py_landlock import AccessFs, Landlock, LandlockError
    except ImportError:
        return
    package = str(Path(__file__).parents[1])
    prefixes = (str(Path(prefix, part)) for prefix in _PREFIXES for part in _LIBRARIES)
    libraries = {*prefixes, *sys.path, package, *_SYSTEM} - {""}
    paths = [*map(Path, sorted(libraries)), *readable]
    try:
        rules = Landlock(strict=False).allow_read_write(folder)
        rules.allow_read(*(path for path in paths if path.is_dir()))
        # The rights of a folder are no rights of a file.
        files = [path for path in paths if path.exists() and not path.is_dir()]
        rules.add_path_rule(*files, access=AccessFs.READ_FILE)
        rules.add_path_rule("/dev/null", access=AccessFs.WRITE_FILE).apply()
        version = int(rules.abi_version)
    except (LandlockError, OSError) as error:
        yield Enforced("files", None, f"Landlock: {error}")
        return
    name = f"Landlock {version}"
    yield Enforced("files", name, "" if version >= 3 else "truncating files")
    if version >= 4:
        yield Enforced("network", name, "all but TCP")


def _seccomp() -> Iterator[Enforced]:
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError):
        yield Enforced("processes", None, "libseccomp is not there")
        return
    refuse = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _REFUSED:
        try:
            rules.add_rule(refuse, name)
        except (OSError, ValueError):
            continue  # this architecture or this libseccomp does not know it
    # Its own threads may be signalled; limits may be read.
    rules.add_rule(refuse, "tgkill", seccomp.Arg(0, seccomp.NE, os.getpid()))
    for call, command in _OWNERS:
        rules.add_rule(refuse, call, seccomp.Arg(1, seccomp.MASKED_EQ, _COMMAND, command))
    # A message to a name, over a socket that needs no connection.
    rules.add_rule(refuse, "sendto", seccomp.Arg(4, seccomp.NE, 0))
    rules.add_rule(refuse, "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    # No limit counts what is shared with nobody yet.
    both = _SHARED_AND_ANONYMOUS
    rules.add_rule(refuse, "mmap", seccomp.Arg(3, seccomp.MASKED_EQ, both, both))
    # Threads may begin, processes may not. clone3 hides its flags in memory; told that there is
    # none, the C library takes clone.
    rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    try:
        rules.load()
    except (OSError, RuntimeError) as error:
        yield Enforced("processes", None, f"seccomp: {error}")
        return
    yield Enforced("network", "seccomp")
    yield Enforced("processes", "seccomp")
