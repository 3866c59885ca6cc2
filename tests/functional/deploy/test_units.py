"""The systemd units as shipped: systemd reads them, they are shut in, and they start what the Procfile starts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config import SETTINGS, Config
from tests import databases
from tests.functional.deploy.shipped import DEPLOY, UNITS, Unit, procfile, steps, unit_files

# systemd's own measure: 0 is shut in, 10 is not. What is left is that they speak to networks and keep their data.
EXPOSURE = 2.0


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Where systemd finds them, with programs that are there."""
    if not shutil.which("systemd-analyze"):
        databases.lacking("systemd is missing: install it (Debian: apt-get install systemd).")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gunicorn", "day84"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    placed = shutil.copytree(UNITS, tmp_path / "units")
    for file in placed.glob("*.service"):
        file.write_text(file.read_text("utf-8").replace("/opt/day84/.venv/bin", str(programs)), "utf-8")
    return placed


def analyze(units: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["systemd-analyze", *arguments],
        cwd=units,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_systemd_reads_every_unit_without_a_word(units: Path) -> None:
    names = [path.name for path in unit_files()]
    said = analyze(units, "verify", "--man=no", *names)
    assert [line for line in said.stdout.splitlines() if "day84" in line] == []
    assert said.returncode == 0


def test_what_systemd_would_complain_of_is_noticed(units: Path) -> None:
    web = units / "day84-web.service"
    web.write_text(web.read_text("utf-8").replace("Restart=always", "Restart=alway"), "utf-8")
    assert "day84-web.service" in analyze(units, "verify", "--man=no", web.name).stdout


def test_every_service_is_shut_in(units: Path) -> None:
    services = [path.name for path in unit_files() if path.suffix == ".service"]
    assert len(services) == 4
    for name in services:
        said = analyze(
            units, "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE * 10:.0f}", name
        )
        assert said.returncode == 0, said.stdout
    (units / "day84-.service.d" / "safe.conf").unlink()
    assert analyze(
        units, "security", "--offline=true", "--no-pager", "--threshold=50", services[0]
    ).returncode


def test_pages_and_worker_are_started_as_the_procfile_starts_them() -> None:
    def without_place(command: list[str]) -> list[str]:
        place = command.index("--bind")
        return [word for word in command[:place] + command[place + 2 :] if word != "--no-control-socket"]

    program, *options = Unit(UNITS / "day84-web.service").command()
    assert without_place(options) == without_place(procfile("web"))[1:]
    assert program == "/opt/day84/.venv/bin/gunicorn"
    assert Unit(UNITS / "day84-worker.service").command()[-1] == procfile("worker")[-1]


def test_the_shipped_settings_are_settings(tmp_path: Path) -> None:
    """Those that are commented out, too, once their secrets are there."""
    lines = [line.lstrip("#") for line in (DEPLOY / "settings").read_text("utf-8").splitlines()]
    given = dict(line.split("=", 1) for line in lines if "=" in line and " " not in line)
    known = {setting.name for setting in SETTINGS}
    assert {name for name in given if name.removesuffix("_FILE") not in known} == set()
    for name in (name for name in given if name.endswith("_FILE")):
        assert given[name].startswith("/etc/day84/")
        (tmp_path / name).write_text("secret")
        given[name] = str(tmp_path / name)
    config = Config.from_env(given)
    assert (config.proxy_hops, config.base_url, config.smtp_host) == (
        1,
        "https://clinic.example.org",
        "smtp.example.org",
    )


def test_every_unit_is_started_by_the_steps_or_by_its_timer() -> None:
    told = "".join(lines for _, lines in steps())
    started = set(told[told.index("systemctl enable --now") :].split("\n", 1)[0].split())
    for unit in unit_files():
        timed = (UNITS / f"{unit.stem}.timer").exists()
        assert unit.name in started or unit.stem in started or (unit.suffix == ".service" and timed)
