# Vertebral Augmentation CDS. On a fresh machine with Python 3.11, git and make: `make run`, `make test`.
# Everything runs from .venv, which is made here; an active virtual environment neither helps nor harms.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK_TOOL := uv==0.13.9
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet
SBOM := build/sbom.json
WITHOUT_OUR_SETTINGS := env $(patsubst %,-u %,$(filter VACDS_%,$(.VARIABLES)))

unexport PYTHONPATH PYTHONHOME PIP_TARGET PIP_USER PIP_PREFIX

.DEFAULT_GOAL := help
.PHONY: help run test check openapi bench store quiet verdicts mutation hostile fuzz chain sbom audit fhir-server fhir-package docs guide lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

run: $(RUNTIME) ## Start the service in demo mode on port 8000 (VACDS_MODE and VACDS_PORT change that)
	@exec env VACDS_MODE="$${VACDS_MODE:-demo}" $(BIN)/python -m app

test: check ## Check, then run every test
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m pytest

check: $(DEV) ## Lint, formatting, types, direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

openapi: $(DEV) ## Write openapi.yaml from the app
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m app.openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml

bench: $(DEV) ## Measure CPU per call (bench/RESULTS.md), then fetching, load and overload (bench/ACCESS.md)
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m bench; status=$$?; $(WITHOUT_OUR_SETTINGS) $(BIN)/python -m bench.access && exit $$status

store: $(DEV) ## Test what is kept, on SQLite and on a PostgreSQL of its own, and count
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m pytest tests/store

quiet: $(DEV) ## Count cards on the public synthetic charts, and say why
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.cohort.quiet

verdicts: $(DEV) ## Show which verdicts on the frozen cohort a change altered
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.cohort.diff

mutation: $(DEV) ## Change the clinical logic in thousands of small ways and see that a test notices (docs/mutation.md; half an hour)
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.mutation && $(BIN)/python -m tests.mutation.page > docs/mutation.md

hostile: $(DEV) chain ## Send everything hostile that there is, print the counts
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m pytest -q tests/hostile tests/unit/cards/test_injection.py tests/fhir_access/test_addresses.py

fuzz: $(DEV) ## Fuzz body, address, markdown and references for FUZZ_SECONDS each (an hour), keeping what is learnt in build/fuzz
	for target in body address markdown references; do \
	  $(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.hostile.fuzz $$target $${FUZZ_SECONDS:-3600} build/fuzz/$$target || exit 1; \
	done

chain: ## Install the renderers of other people's that cards are tried on (Node.js 20 and npm)
	cd tests/markdown_chain && npm ci --silent --no-audit --no-fund

fhir-server: ## Install the FHIR server of the end-to-end test, which we did not write (Node.js 20 and npm)
	cd tests/real_fhir_server && npm ci --silent --no-audit --no-fund

fhir-package: $(RUNTIME) ## Write the guideline as a FHIR package into build/
	@mkdir -p build
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m app.fhir_package build/vertebral-augmentation-cds.tgz

sbom: $(DEV) ## Write what the service is made of into build/sbom.json (CycloneDX)
	@mkdir -p $(dir $(SBOM))
	$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o $(SBOM) requirements.lock

audit: $(DEV) ## Look up known vulnerabilities of everything locked; "not run", and a failure, where that was not possible
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.supply_chain.audit

docs: $(DEV) ## Build the guide into build/docs, a warning being an error
	$(BIN)/sphinx-build -W --keep-going --quiet -b html docs build/docs
	@echo "The guide: build/docs/index.html"

guide: $(DEV) ## Write the parts of the guide that come from the code, and the picture of its imports
	$(WITHOUT_OUR_SETTINGS) $(BIN)/python -m tests.guide.generated

lock: $(BIN)/pip ## Recompile both lock files from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCK_TOOL)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra otel --constraint requirements.lock --output-file requirements-otel.lock
	$(COMPILE) --extra otel --extra dev --constraint requirements-otel.lock --output-file requirements-dev.lock

clean: ## Remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python on the path that is new enough makes the environment, and nothing else is asked of it.
$(BIN)/pip:
	@for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; \
	    $$python -m venv --clear $(VENV) && exit 0; \
	    echo "error: $$python cannot make a virtual environment; on Debian and Ubuntu install the package $$python-venv" >&2; \
	    rm -rf $(VENV); exit 1; \
	  fi; \
	done; \
	echo "error: Python 3.11 or later is needed and none was found on the path" >&2; exit 1

$(RUNTIME): requirements.lock | $(BIN)/pip
	@echo "Installing the service's dependencies (hashes checked)"
	@$(PIP_INSTALL) --requirement requirements.lock
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME) | $(BIN)/pip
	@echo "Installing the development dependencies (hashes checked)"
	@$(PIP_INSTALL) --requirement requirements-dev.lock
	@touch $@
