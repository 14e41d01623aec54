# The commands of this project. `make verify` and `make test` do their own set-up; `make help` lists the rest.
# A Python >= 3.11 and make are all they need. Every recipe is plain sh.

.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh

# Some machines forbid Python to keep bytecode; then the same imports take twice as long, on every start.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1

# Which Python makes .venv: the machine's own where it is one we run our tests with, else the newest of those.
PYTHON = $(shell for p in python3 python3.13 python3.12 python3.11; do \
	    $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 && echo $$p && exit; \
	  done; python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo python3)
PY := .venv/bin/python
# How many tests run at once: one per processor, four at most (each brings venues and processes of its own).
WORKERS ?= logical
PYTEST = $(PY) -m harness.lab.egress -- $(PY) -m pytest
TYPED := bot chaos conftest.py docs fixtures fp_tests harness requirements tests

define INSTALL
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
	  echo "no Python >= 3.11 found: install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; \
	fi; $$python requirements/install.py
endef

##@ The two commands
.PHONY: verify
verify: $(if $(FULL),.venv/.test,.venv/.verify) wire ## Would a good signal become an order right now? (BOT=path/bot.toml, FULL=1, ARGS="--at ...")
	@$(PY) -m harness verify $(if $(BOT),--bot "$(BOT)") $(if $(FULL),--full) $(ARGS)

.PHONY: test
test: .venv/.test wire ## Every test, lint and type check, without a network (TESTS=path, ARGS="-k ...", WORKERS=n)
	@mkdir -p reports
	@$(PY) -m tests.strangers.prepare || echo "going on: the tests of a stranger's bot will be UNVERIFIED" >&2
	@$(PYTEST) -n $(WORKERS) --maxprocesses 4 --dist worksteal \
	  --html=reports/tests.html --self-contained-html --junitxml=reports/junit.xml $(TESTS) $(ARGS)

##@ Deeper
.PHONY: soak
RUNS ?= 50
soak: .venv/.test wire ## Fifty whole verifies in a row, each of which must be GREEN (RUNS=n)
	@i=0; while [ $$i -lt $(RUNS) ]; do i=$$((i + 1)); echo "verify $$i of $(RUNS)"; \
	  $(PY) -m harness verify $(if $(BOT),--bot "$(BOT)") $(ARGS) || exit $$?; done; echo "$(RUNS) of $(RUNS) GREEN"

.PHONY: drill
drill: .venv/.test wire ## Inject one failure point's fault in a lab, and watch it seen, healed, recovered (FP=FP-1.3)
	@if [ -z "$(FP)" ]; then echo "which failure point? make drill FP=FP-1.3" >&2; exit 2; fi
	@$(PY) -m harness drill "$(FP)" $(if $(BOT),--bot "$(BOT)") $(ARGS)

.PHONY: lift
lift: .venv/.verify ## Lift every fault that a killed run left behind
	@$(PY) -m chaos.lift

.PHONY: bench
bench: .venv/.test ## What the probe costs, beside coverage.py and sys.settrace
	@for file in tests/benchmarks/bench_*.py; do \
	  module=$$(echo "$${file%.py}" | tr / .); $(PY) -m "$$module" || exit $$?; done

##@ The house
.PHONY: lint
lint: .venv/.test ## Style and import contracts
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

.PHONY: types
types: .venv/.test ## mypy --strict
	@$(PY) -m mypy $(wildcard $(TYPED))

.PHONY: docs
docs: .venv/.test ## Write the generated pages below docs/ again
	@$(PY) -m docs.generate

.PHONY: lock
COMPILE = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: .venv/.test ## Write the locks again from pyproject.toml (UPGRADE=1 takes newer releases)
	@$(COMPILE) pyproject.toml --extra lab --extra equities -o requirements/verify.txt
	@$(COMPILE) pyproject.toml --extra lab --extra equities --extra test -c requirements/verify.txt -o requirements/test.txt
	@echo uv | $(COMPILE) - -c requirements/test.txt --no-annotate -o requirements/uv.txt

.PHONY: clean
clean: ## Take away what was generated here; .venv stays (`make clean ALL=1` takes it too)
	@rm -rf reports .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(if $(ALL),.venv)
	@find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Toxiproxy, for the faults that only a real socket can have. Without it the network points are UNVERIFIED and the
# verdict is YELLOW at best, so a failure here stops nothing.
.PHONY: wire
wire:
	@$(PY) -m chaos.wire.provision >/dev/null || echo "going on without Toxiproxy: the network points will be UNVERIFIED" >&2

.venv/.verify: requirements/verify.txt requirements/uv.txt requirements/install.py
	$(INSTALL) verify

.venv/.test: requirements/test.txt requirements/uv.txt requirements/install.py
	$(INSTALL) test

# An environment whose Python has gone (a moved interpreter, a half-made folder) is made anew.
ifneq ($(shell test -x $(PY) && echo runs),runs)
.PHONY: .venv/.verify .venv/.test
endif
