# The two commands of the README: make run, make test. Each does all the set-up it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMPS := .cache/stamps

# Raw files of a filled folder beside the checkout are used when nothing else is named.
ifeq ($(origin EXCLUSION_MAP_RAW_DIR),undefined)
ifneq ($(wildcard data/raw/nomis-census2021),)
else ifneq ($(wildcard ../shared/data/raw/nomis-census2021),)
export EXCLUSION_MAP_RAW_DIR := $(abspath ../shared/data/raw)
endif
endif

.PHONY: help tools run test build fetch serve setup assets docs lint lint-types lint-rest format pytest notebooks bench bench-peers bench-place bench-million bench-soak bench-workers lock fuzz audit audit-told sbom dist container-steps clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: tools setup assets $(STAMPS)/bytecode ## Set up, build the best edition available here, serve it at 127.0.0.1:8000
	$(BIN)/exclusion-map start

test: ## Set up and run every check and test
	@# What does not need each other goes beside each other, each one's words kept together.
	$(MAKE) --no-print-directory -j2 --output-sync=line setup-dev assets packages
	$(MAKE) --no-print-directory -j3 --output-sync=line lint audit-told
	$(MAKE) --no-print-directory pytest

build: setup ## Build an edition from the raw folder
	$(BIN)/exclusion-map build

fetch: setup ## Download the raw files from their publishers
	$(BIN)/exclusion-map fetch

serve: setup assets $(STAMPS)/bytecode ## Serve the current edition
	$(BIN)/exclusion-map serve

tools:
	@scripts/check-tools python
	@scripts/check-tools node

setup: $(STAMPS)/runtime ## Create the virtual environment
setup-dev: $(STAMPS)/dev
assets: $(STAMPS)/assets ## Bundle the scripts and styles of the pages

$(STAMPS)/python:
	@scripts/check-tools python
	@mkdir -p $(STAMPS)
	python3 -m venv $(VENV)
	@touch $@

$(STAMPS)/runtime: requirements.lock requirements-build.lock pyproject.toml $(STAMPS)/python
	@echo "Installing $$(grep -c '^[a-z]' requirements.lock) packages into $(VENV): a minute or two, 0.9 GB"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-build.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/bytecode: $(STAMPS)/runtime $(shell find api pipelines src -name '*.py' -not -path '*/static/*')
	@# The service starts twice as fast from bytecode, also where Python is told not to write it.
	@$(BIN)/python -m compileall -q src api pipelines
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

WEB := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
$(STAMPS)/node: web/package.json web/package-lock.json
	@scripts/check-tools node
	@mkdir -p $(STAMPS)
	@echo "Installing what bundles the pages: about 20 seconds"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/assets: $(STAMPS)/node $(WEB)
	@cd web && npm run --silent build
	@touch $@

.PHONY: packages
packages:
	@scripts/install-test-packages

lint: lint-types lint-rest ## Check style, types, import layers and dependencies

lint-types: setup-dev
	$(BIN)/mypy

lint-rest: setup-dev $(STAMPS)/node
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	cd web && npm run --silent check
	$(BIN)/hadolint Dockerfile

format: setup-dev ## Format the code with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Files of tests are shared out among so many processes; each needs about 2 GB.
TEST_PROCESSES ?= 2
pytest: setup-dev
	@# A process that crashes ends the run: restarted, it would leave the others waiting for ever.
	@# Bytecode is kept: without it every command and service that a test starts compiles its own.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile \
		--no-loadscope-reorder --max-worker-restart=0

# Examples of every fuzz test are multiplied by this; 50 take about an hour on two cores.
FUZZ_TIMES ?= 50
fuzz: setup-dev ## Fuzz parsers and the API with many more inputs than a test run does
	EXCLUSION_MAP_FUZZ_TIMES=$(FUZZ_TIMES) $(BIN)/pytest -n $(TEST_PROCESSES) --dist load tests/fuzz

# News about a dependency must not fail an unrelated change: told here, strict in make audit.
audit-told: setup-dev $(STAMPS)/node
	$(BIN)/python -m scripts.audit --tell

audit: setup-dev $(STAMPS)/node ## Check every pinned dependency for known vulnerabilities
	$(BIN)/python -m scripts.audit

sbom: setup-dev $(STAMPS)/node ## Write a software bill of materials (CycloneDX) to dist/sbom
	$(BIN)/python -m scripts.sbom

dist: setup-dev assets ## Build and check the sdist and wheel in dist/
	scripts/dist

container-steps: ## Run the Dockerfile's steps without a container engine and test the result (root)
	python3 -m scripts.container_steps

docs: setup-dev ## Build the documentation into site/
	$(BIN)/python -m docs._generate

notebooks: setup-dev assets ## Run the notebooks on the current edition; results go to .cache/notebooks
	$(BIN)/python notebooks/execute.py --out .cache/notebooks

bench: setup-dev assets packages ## Measure, and write docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

bench-peers: setup-dev assets ## Compare with tipg, PostGIS and nginx; write docs/benchmarks-peers.md
	tests/benchmarks/peers/install .cache/peers/venv
	$(BIN)/python -m tests.benchmarks.peers

bench-place: setup-dev ## Place 1 to 40 million points; write docs/benchmarks-placing.md
	$(BIN)/python -m tests.benchmarks.placing

bench-million: setup-dev ## Measure with a million areas; write docs/benchmarks-million.md
	$(BIN)/python -m tests.benchmarks.million

DURATION ?= 3600
WORKERS ?= 1
RATE ?= 100
bench-soak: setup-dev ## Load for DURATION s at RATE/s, then ten times overload; write docs/benchmarks-soak.md
	$(BIN)/python -m tests.benchmarks.soak_hour --seconds $(DURATION) --rate $(RATE) \
		--workers $(WORKERS)

bench-workers: setup-dev ## Compare one process with two; write docs/benchmarks-workers.md
	$(BIN)/python -m tests.benchmarks.workers --workers $(if $(filter 1,$(WORKERS)),2,$(WORKERS))

lock: setup-dev ## Update the dependency locks, without index addresses
	scripts/lock

clean: ## Remove everything installed and built (not data)
	rm -rf $(VENV) .cache dist site web/node_modules api/static src/exclusion_map/maps/assets
