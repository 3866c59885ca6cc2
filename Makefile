# One command for each thing a developer or a build machine does here. `make help` lists them.
# Everything is installed into .venv, from locks with hashes, and only when a lock has changed.

PYTHON ?= python3
ARGS ?=

PY := .venv/bin/python
COMMAND := .venv/bin/day84
RUNTIME := .venv/.requirements.stamp
DEVELOPMENT := .venv/.requirements-dev.stamp
PARSERS := tests/calendar_parsers
ICALJS := $(PARSERS)/node_modules/.package-lock.json
# SQLite waits for the disk at every commit, and tests commit thousands of times: in memory where there is room.
TEST_FOLDER = $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ] 2>/dev/null \
	&& [ -w /dev/shm ] && echo /dev/shm || echo "$${TMPDIR:-/tmp}")
PIP_INSTALL := $(PY) -m pip install --quiet --require-hashes --requirement
LOCK := $(PY) -m uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test quick coverage system-packages check format words bench torture chaos fuzz lock

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUNTIME) $(COMMAND) ## Create .venv and install what the service needs
	@echo "Ready. 'make run' starts the demo."

run: $(RUNTIME) $(COMMAND) ## Start the demo: web and worker, until Ctrl-C
	@exec $(PY) -m flask --app wsgi demo $(ARGS)

test: $(DEVELOPMENT) system-packages $(ICALJS) ## Run every test; ARGS="-k feeds" narrows them
	PYTEST_DEBUG_TEMPROOT="$(TEST_FOLDER)" $(PY) -m pytest --numprocesses auto --dist worksteal $(ARGS)

quick: $(DEVELOPMENT) ## Run at every save: what needs no database, server or browser, without the thorough ones
	@$(PY) -m pytest --numprocesses auto --dist worksteal -m "not thorough" tests/unit tests/test_*.py $(ARGS)

coverage: $(DEVELOPMENT) system-packages $(ICALJS) ## Run every test; fails where a branch of domain/, or a tenth of another file, is not covered
	PYTEST_DEBUG_TEMPROOT="$(TEST_FOLDER)" $(PY) -m pytest --numprocesses auto --dist worksteal \
		--cov --cov-report= --cov-report=json:.coverage-report.json $(ARGS)
	$(PY) -m tests.coverage_gate .coverage-report.json

check: $(DEVELOPMENT) ## Lint, formatting and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(DEVELOPMENT) ## Put imports and layout in order
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

words: $(RUNTIME) ## Take what code and templates say to patients into every catalogue, clinic_scheduler/languages/*.po
	$(PY) -m clinic_scheduler.languages.renew

bench: $(DEVELOPMENT) ## Run each benchmark; fails at the end, naming those out of their limits
	@missed=; for file in benchmarks/[!_]*.py; do \
		[ -e "$$file" ] || { echo "benchmarks/ holds nothing to run."; break; }; \
		name=$${file##*/}; echo "== $${name%.py}"; $(PY) -m "benchmarks.$${name%.py}" || missed="$$missed $${name%.py}"; \
	done; [ -z "$$missed" ] || { echo "Out of their limits:$$missed" >&2; exit 1; }

torture: $(DEVELOPMENT) system-packages ## Kill workers and race the outbox for minutes; ARGS="--messages 600 --kills 60" for less
	$(PY) -m tests.torture $(ARGS)

chaos: $(DEVELOPMENT) system-packages ## Whole workers in trouble of every kind, then a table; ARGS="--scenario slow_dot" for one
	$(PY) -m tests.chaos $(ARGS)

fuzz: $(DEVELOPMENT) system-packages ## Ask every page 25,000 odd things on each database; ARGS="--seed 7 --requests 5000" for others
	$(PY) -m tests.fuzz $(ARGS)

lock: $(DEVELOPMENT) ## Resolve requirements*.in into the locks; ARGS=--upgrade takes newer versions
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) -c requirements.txt requirements-twilio.in -o requirements-twilio.txt
	$(LOCK) $(ARGS) -c requirements.txt -c requirements-twilio.txt requirements-dev.in -o requirements-dev.txt

$(PY):
	@command -v $(PYTHON) >/dev/null || \
		{ echo "There is no '$(PYTHON)' here. Name a Python 3.11 or newer: make install PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed." >&2; \
		  echo "Name one that is installed: make install PYTHON=python3.13" >&2; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "No virtual environment could be made. On Debian: apt-get install python3-venv" >&2; exit 1; }

# The product's own command, for any folder: this checkout by this Python. Nothing is built or fetched for it.
$(COMMAND): | day84.py $(PY)
	@printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$(CURDIR)/$(PY)" "$(CURDIR)/day84.py" >$@
	@chmod +x $@

# requirements-dev.txt holds the whole of requirements.txt, so the second stamp stands for both.
$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing $$(grep -c '==' $<) locked packages; the first time takes about half a minute ..."
	@$(PIP_INSTALL) $<
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing $$(grep -c '==' $<) locked packages, tools for tests and checks among them ..."
	@$(PIP_INSTALL) $<
	@touch $(RUNTIME) $@

# The browser tests drive Chromium; the database tests start a PostgreSQL server of their own unless
# TEST_DATABASE_URL names one, and put PgBouncer before it; the calendar tests read our feeds with ical.js (in Node.js)
# and libical. The tests of deploy/ run nginx and have systemd read the units.
# What is missing is installed where that needs no question: as root on Debian.
system-packages: ## Install Chromium, PostgreSQL, PgBouncer, Node.js, libical, nginx and systemd for the tests, where missing: as root on Debian
	@wanted=""; \
	command -v chromium >/dev/null || wanted="chromium fonts-liberation"; \
	[ -n "$${TEST_DATABASE_URL:-}" ] || command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
		|| wanted="$$wanted postgresql"; \
	command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || wanted="$$wanted pgbouncer"; \
	command -v node >/dev/null || wanted="$$wanted nodejs"; \
	[ -e $(ICALJS) ] || command -v npm >/dev/null || wanted="$$wanted npm"; \
	ls /usr/lib*/libical.so.3 /usr/lib/*/libical.so.3 2>/dev/null | grep -q . || wanted="$$wanted libical3"; \
	command -v nginx >/dev/null || wanted="$$wanted nginx"; \
	command -v systemd-analyze >/dev/null || wanted="$$wanted systemd"; \
	[ -n "$$wanted" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing for the tests: $$wanted ..."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $$wanted </dev/null >/dev/null; } && exit 0; \
		echo "apt-get could not install them; its own words are above." >&2; \
	fi; \
	echo "*** Missing: $$wanted" >&2; \
	echo "*** The tests that need them are skipped; with CI=true they fail." >&2

# ical.js by its lock: version and hash are held, scripts of packages are not run. Without npm or a registry
# the other tests still run.
$(ICALJS): $(PARSERS)/package-lock.json $(PARSERS)/package.json | system-packages
	@if ! command -v npm >/dev/null; then echo "*** npm is missing: ical.js cannot be installed" >&2; \
	elif (cd $(PARSERS) && npm ci --ignore-scripts --silent); then touch $@; \
	else echo "*** npm could not install ical.js" >&2; fi
