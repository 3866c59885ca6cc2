"""docs/production.md, followed as root on a Debian of its own: each step that needs no network, as it stands."""

from pathlib import Path

import pytest

from tests.functional.deploy.machine import STEP_SECONDS, Machine, beside
from tests.functional.deploy.shipped import steps

HOST = "clinic.example.org"
# What the step that needs the network leaves, a database server without databases and nginx as Debian has them; and
# the name that a clinic's DNS knows.
INSTALLED = f"""
rm -rf /etc/postgresql/* /var/lib/postgresql/*
pg_createcluster "$(ls /usr/lib/postgresql | sort -n | tail -n 1)" main
systemctl daemon-reload
systemctl start postgresql nginx
echo '127.0.0.1 {HOST}' >>/etc/hosts
"""
NETWORK = ("apt-get", "git", "certbot")


def done(machine: Machine, script: str) -> str:
    """What it said; fails with what the machine's services said if it did."""
    ran = machine.run(script)
    if ran.returncode:
        told = machine.run("systemctl list-units --failed --no-pager; journalctl --no-pager -n 80").stdout
        pytest.fail(f"{script}\nended with {ran.returncode}:\n{ran.stdout}\n{told}", pytrace=False)
    return ran.stdout


@pytest.mark.thorough
def test_the_steps_lead_to_a_clinic_that_sends(tmp_path: Path) -> None:
    with beside(tmp_path) as machine:
        done(machine, INSTALLED)
        blocks = steps()
        said = [done(machine, f"{blocks[0][1]}\n{lines}") for kind, lines in blocks if kind == "sh"]
        assert any(f"https://{HOST}/setup/" in words for words in said)
        assert any("The drill went well" in words for words in said)
        assert any('"status":"ok"' in words for words in said)
        assert any("Sending is held" in words for words in said)
        the_services_run_as_they_should(machine)
        what_is_the_accounts_is_its_alone(machine)
        what_a_record_system_leaves_is_read(machine)
        a_page_survives_and_secrets_stay_out_of_the_journal(machine)


def the_services_run_as_they_should(machine: Machine) -> None:
    names = "day84-web day84-worker day84-backup.timer day84-drill.timer"
    assert done(machine, f"systemctl is-active {names}").split() == ["active"] * 4
    assert done(machine, "systemctl --quiet list-units --failed 'day84-*' --no-legend") == ""
    assert "200" in done(machine, asked("/sign-in"))
    # One that dies is started again, and one that is told to read its code anew goes on answering.
    done(machine, "systemctl reload day84-web")
    before = done(machine, "systemctl show --value -p MainPID day84-worker").strip()
    done(machine, f"kill -KILL {before}")
    waiting = f"until p=$(systemctl show --value -p MainPID day84-worker); [ $p != 0 ] && [ $p != {before} ]"
    done(machine, f"timeout {STEP_SECONDS} bash -c '{waiting}; do sleep 0.2; done'")
    assert "200" in done(machine, asked("/sign-in"))


def what_is_the_accounts_is_its_alone(machine: Machine) -> None:
    listed = (
        "stat -c '%a %U %n' /etc/day84 /etc/day84/* /var/lib/day84 /var/backups/day84 /var/backups/day84/* "
    )
    rows = [row.split() for row in done(machine, listed + "/etc/credstore/*").splitlines()]
    assert {mode for mode, _, _ in rows} == {"700", "600"}
    assert {owner for _, owner, name in rows if "credstore" not in name} == {"day84"}
    assert [owner for _, owner, name in rows if "credstore" in name] == ["root"]
    as_account = "nsenter -t $(systemctl show --value -p MainPID day84-web) -m runuser -u day84 --"
    assert machine.run(f"{as_account} ls /var/backups/day84").returncode
    assert machine.run(f"{as_account} touch /opt/day84/here /etc/day84/here").returncode
    # nginx may enter, and nobody else.
    assert machine.run("runuser -u www-data -- test -S /run/day84/web.sock").returncode == 0
    assert machine.run("runuser -u nobody -- test -S /run/day84/web.sock").returncode
    assert machine.run("runuser -u www-data -- test -r /etc/day84/secret_key").returncode


def what_a_record_system_leaves_is_read(machine: Machine) -> None:
    """A log is read by a process of its own, with limits of its own: shut in as the worker is, it must still start."""
    folder = "/var/lib/day84/import"
    log = "/opt/day84/tests/golden/importing/injection_log.csv"
    done(
        machine,
        f"install -d -m 700 -o day84 -g day84 {folder}; echo IMPORT_DIR={folder} >>/etc/day84/settings",
    )
    done(machine, f"install -m 600 -o day84 -g day84 {log} {folder}; touch -d '-5 minutes' {folder}/*.csv")
    done(machine, "systemctl restart day84-worker")
    read = f'compgen -G "{folder}/[df]*/*.csv"'  # done, or failed
    done(machine, f"timeout {STEP_SECONDS} bash -c 'until {read}; do sleep 0.2; done'")
    assert f"{folder}/done/" in done(machine, read)


def a_page_survives_and_secrets_stay_out_of_the_journal(machine: Machine) -> None:
    link = next(word for word in done(machine, "day84 setup-link").split() if "/setup/" in word)
    assert "200" in done(machine, asked(link.removeprefix(f"https://{HOST}")))
    done(machine, "systemctl stop day84-web")
    assert "503" in done(machine, asked("/sign-in"))
    done(machine, "systemctl start day84-web")
    assert "200" in done(machine, asked("/sign-in"))
    logs = done(machine, "journalctl --no-pager -o cat; cat /var/log/nginx/*.log")
    assert "/setup/..." in logs
    assert link.rsplit("/", 1)[1] not in logs


def asked(path: str) -> str:
    options = "--silent --output /dev/null --write-out '%{http_code}' --cacert /etc/ssl/day84/fullchain.pem"
    return f"curl {options} 'https://{HOST}{path}'"


def test_only_what_needs_the_network_is_left_out() -> None:
    blocks = steps()
    left_out = [lines for kind, lines in blocks if kind == "sh network"]
    assert all(lines.split()[0] in NETWORK for lines in left_out)
    assert {kind for kind, _ in blocks} == {"sh", "sh network"}
    assert len(blocks) - len(left_out) > 8


def test_steps_are_read_up_to_the_next_heading() -> None:
    section = "## Step by step on Debian\n```sh\none\n```\n```sh network\ntwo\n```\n"
    document = f"# In production\n```\nx\n```\n{section}## Web\n```sh\nx\n```\n"
    assert steps(document) == [("sh", "one\n"), ("sh network", "two\n")]
