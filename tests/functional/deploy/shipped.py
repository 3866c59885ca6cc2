"""What deploy/ ships and docs/production.md tells to do with it, read as a machine would."""

import configparser
import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
SITE = DEPLOY / "nginx" / "day84.conf"
STEPS = "## Step by step on Debian"
_FENCED = re.compile(r"^```(\w+(?: \w+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Unit(configparser.RawConfigParser):
    """A unit file without its comments; where an option is set twice, the last."""

    def __init__(self, file: Path) -> None:
        super().__init__(strict=False, comment_prefixes=("#",), delimiters=("=",))
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read_string(re.sub(r"\\\n\s*", "", file.read_text("utf-8")))

    def command(self) -> list[str]:
        return shlex.split(self["Service"]["ExecStart"])


def unit_files() -> list[Path]:
    return sorted(path for path in UNITS.iterdir() if path.is_file())


def procfile(name: str) -> list[str]:
    line = re.search(rf"^{name}: (.*)$", (ROOT / "Procfile").read_text("utf-8"), re.MULTILINE)
    assert line, f"Procfile has no {name}"
    return shlex.split(line[1])


def steps(document: str | None = None) -> list[tuple[str, str]]:
    """The fenced blocks of the steps in order: `sh`, or `sh network` for what no test can do, and its lines."""
    text = document if document is not None else (ROOT / "docs" / "production.md").read_text("utf-8")
    section = text.split(f"{STEPS}\n", 1)[1].split("\n## ", 1)[0]
    return _FENCED.findall(section)
