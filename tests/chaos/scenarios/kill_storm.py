"""Workers killed and replaced at random moments, while a mail server takes what they send."""

import json
import subprocess
import sys

from tests.chaos.figures import Figures
from tests.chaos.place import ROOT, Place

NAME = "kill storm"
DATABASES = ("sqlite", "postgresql")
MESSAGES, KILLS = 600, 60


def run(place: Place) -> Figures:
    rig = [sys.executable, "-m", "tests.integration.outbox.rig", place.address, str(place.folder)]
    command = [*rig, "smtp", str(MESSAGES), str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tally = json.loads(done.stdout)
    counts = {
        name: tally[name] for name in ("messages", "taken", "lost", "doubled", "twice", "marked", "stuck")
    }
    note = f"{tally['kills']} kills, {tally['twice'] / max(tally['kills'], 1):.2f} twice a kill"
    return Figures(**counts).noted(note, wrong="" if tally["kills"] >= KILLS // 2 else "too few kills hit")
