# Each target sets up .venv by itself; the machine needs Python 3.10 or newer, git and make.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin

.PHONY: help demo test test-core test-rule check fix skills plugin bench

help: ## Show the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.10 or newer was found; set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

demo: .venv/.ready ## Lint a small sample project, and fix a copy of it.
	@echo "A sample project with five apps (Durable Task SDK in Python and Java, Durable Functions in Python, JavaScript and C#): tests/sample_project"
	@echo "\$$ determinism-lint check tests/sample_project"
	@echo
	@$(BIN)/determinism-lint check tests/sample_project; status=$$?; test $$status -eq 1
	@echo
	@echo "Now a copy of it, in which the safe fixes are applied. What is left takes a decision."
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && cp -R tests/sample_project/. "$$copy" && \
	echo "\$$ cp -R tests/sample_project/. $$copy && cd $$copy && git init --quiet && git add ." && \
	cd "$$copy" && git init --quiet && git add . && \
	echo "\$$ determinism-lint check --fix --output-format concise" && echo && \
	{ "$(CURDIR)/$(BIN)/determinism-lint" check --fix --output-format concise; status=$$?; test $$status -eq 1; } && \
	echo && echo "What the fixes changed:" && \
	echo "\$$ git diff --unified=1" && echo && \
	git --no-pager diff --unified=1

test: .venv/.ready ## Run all tests in parallel, with branch coverage.
	$(BIN)/python -m pytest --numprocesses=logical --cov --cov-report=term-missing:skip-covered

# Folders of tests that mirror one of the linter. Those of replay and init start other programs.
CORE = $(wildcard $(patsubst determinism_lint/%,tests/%,$(filter-out %/replay %/init,$(wildcard determinism_lint/*))))

test-core: .venv/.ready ## Run the tests of the linter alone: no SDK, compiler or agent is needed.
	$(BIN)/python -m pytest --numprocesses=logical $(CORE)

test-rule: .venv/.ready ## Run the tests of one rule: make test-rule RULE=wall-clock
	$(BIN)/python -m pytest tests/rules tests/checks tests/fixes tests/pages/test_python.py -k "$(RULE)"
	$(BIN)/python -m pytest tests/test_skills.py

check: .venv/.ready ## Check style and types, and that the generated skills are up to date.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m skills_src --check

fix: .venv/.ready ## Format, and repair what can be repaired by a tool.
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

skills: .venv/.ready ## Generate the skills from their sources.
	$(BIN)/python -m skills_src

plugin: .venv/.ready ## Build the plugin that agents install, into dist/plugin.
	$(BIN)/python -m skills_src.plugin dist/plugin

bench: .venv/.ready ## Measure speed next to ruff, flake8 and fixit.
	$(BIN)/python -m tests.bench.bench
