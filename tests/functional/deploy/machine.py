"""A Debian beside this one, for a test that does what docs/production.md says to do as root.

It has this machine's files, copied where written to, and processes, accounts, networks and mounts of its own; its first
process is systemd. Making one takes root and a kernel that allows it: a container, as a rule, does not.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.functional.deploy.shipped import ROOT
from tests.test_repository import git_files

START_SECONDS = 60
STEP_SECONDS = 180
# What makes the machine, and what a Debian has once the packages of the steps are there.
PROGRAMS = ("unshare", "nsenter", "ip", "adduser", "pg_createcluster", "nginx", "curl", "openssl", "make")
SYSTEMD = Path("/lib/systemd/systemd")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NAMESPACES = ["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup"]
# What the script does is undone by itself, since nobody else sees these mounts.
BOOT = f"""
set -e
mount --make-rprivate /
mkdir "$1/disk"
mount -t tmpfs tmpfs "$1/disk"
mkdir "$1/disk/written" "$1/disk/work" "$1/disk/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/disk/written,workdir=$1/disk/work" "$1/disk/root"
cd "$1/disk/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
rm -rf opt/day84
mkdir -p opt/day84
cp -a "$1/code/." opt/day84
mount --bind "$2" opt/day84/.venv/lib
mount -t tmpfs -o mode=1777 tmpfs tmp
find var/log -type f -delete
: >etc/machine-id
ip link set lo up
mkdir -p former
pivot_root . former
umount --lazy /former
# As systemd does itself where it is not in a container; credentials reach their services by it.
mount --make-rshared /
exec env -i container=test PATH={PATH} {SYSTEMD} --log-target=journal-or-kmsg systemd.unit=basic.target
"""


@dataclass(frozen=True)
class Machine:
    """The process that is the machine's first, by its number here."""

    first: int

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """As root there, by a shell that ends at the first command that fails."""
        enter = ["nsenter", "--all", "--root", "--wd", f"--target={self.first}"]
        command = ["env", "-i", f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8", "bash", "-euo", "pipefail"]
        return subprocess.run(
            [*enter, *command, "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_SECONDS,
            check=False,
        )


def why_not() -> str | None:
    """What this machine lacks for having another beside it; None where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a machine of its own takes root on Linux"
    lacks = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if lacks or not SYSTEMD.exists():
        return f"a machine of its own takes systemd and {', '.join(lacks)}"
    if _interpreter() is None:
        return "a machine of its own takes a Python outside homes, which its services can't enter"
    if _cgroups() is None:
        return "a machine of its own takes cgroups of version 2"
    tried = subprocess.run(
        [
            "unshare",
            *NAMESPACES,
            "--fork",
            "sh",
            "-c",
            "mount --make-rprivate / && mount -t tmpfs tmpfs /mnt",
        ],
        capture_output=True,
        check=False,
    )
    return (
        None
        if tried.returncode == 0
        else "a machine of its own takes a kernel that lets root make namespaces"
    )


@contextmanager
def beside(folder: Path) -> Iterator[Machine]:
    """A machine that has started, with the code where it belongs and no step of the documentation taken."""
    if lack := why_not():
        pytest.skip(lack)
    _lay_out(folder / "code")
    group = _cgroups() / f"clinic-{os.getpid()}"
    group.mkdir()
    script = f'echo $$ >"{group}/cgroup.procs"; exec unshare "$@"'
    library = Path(sys.prefix) / "lib"
    options = [*NAMESPACES, "--fork", "--kill-child", "bash", "-c", BOOT, "boot", str(folder), str(library)]
    with (folder / "boot.log").open("wb") as log:
        outside = subprocess.Popen(["sh", "-c", script, "sh", *options], stdout=log, stderr=log)
    try:
        yield _started(outside, folder / "boot.log")
    finally:
        outside.kill()
        outside.wait()
        _removed(group)


def _lay_out(code: Path) -> None:
    """The files of the checkout, as `git clone` leaves them, and what `make install` would fetch from the network."""
    for file in git_files():
        there = code / file.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, there)
    programs = code / ".venv" / "bin"
    programs.mkdir(parents=True)
    (code / ".venv" / "lib").mkdir()
    interpreter = _interpreter()
    assert interpreter
    (code / ".venv" / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\n", "utf-8")
    (programs / "python").symlink_to(interpreter)
    gunicorn = (
        "#!/opt/day84/.venv/bin/python\nimport sys\nfrom gunicorn.app.wsgiapp import run\nsys.exit(run())\n"
    )
    (programs / "gunicorn").write_text(gunicorn)
    (programs / "gunicorn").chmod(0o755)
    (code / ".venv" / ".requirements.stamp").touch()
    for folder in (code, *(path for path in code.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def _interpreter() -> Path | None:
    """One that packages installed here run under."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    usual = (Path(sys.base_prefix) / "bin" / name, Path("/usr/bin") / name)
    return next((path for path in usual if path.exists() and path.parts[1] not in ("root", "home")), None)


def _cgroups() -> Path | None:
    """Where version 2 is mounted, if it can be written to."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    found = (Path(mount[1]) for mount in mounts if mount[2] == "cgroup2" and "rw" in mount[3].split(","))
    return next(found, None)


def _started(outside: subprocess.Popen[bytes], log: Path) -> Machine:
    deadline = time.monotonic() + START_SECONDS
    children = Path(f"/proc/{outside.pid}/task/{outside.pid}/children")
    while outside.poll() is None and time.monotonic() < deadline:
        for number in children.read_text("ascii").split():
            machine = Machine(int(number))
            if Path(f"/proc/{number}/comm").read_text("ascii").strip() == "systemd":
                said = machine.run("systemctl is-system-running --wait || true").stdout
                if said.strip() in ("running", "degraded"):
                    return machine
        time.sleep(0.1)
    raise AssertionError(f"the machine did not start:\n{log.read_text('utf-8', 'replace')}")


def _removed(group: Path) -> None:
    """Once the last of its processes is gone."""
    deadline = time.monotonic() + START_SECONDS
    folders = sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True)
    for folder in (*folders, group):
        while time.monotonic() < deadline:
            try:
                folder.rmdir()
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.05)
