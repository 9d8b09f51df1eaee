# The commands that the README names. Each sets up what it needs, and can be run again at any time.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install -q --disable-pip-version-check --require-hashes
GAZETTEER := instance/gazetteer.db
LOCKS := node run gazetteer dev

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## Set up what is missing and serve on HOST:PORT (127.0.0.1:8000)
	@$(BIN)/flask prepare
	@exec $(BIN)/gunicorn "app:ready_app()"

.PHONY: dev
dev: setup ## The same with reload at every change, for development
	@$(BIN)/flask prepare
	@find static \( -name '*.br' -o -name '*.gz' -o -name .compressed \) -delete
	@exec $(BIN)/flask --app "app:ready_app()" run --debug --host "$${HOST:-127.0.0.1}" --port "$${PORT:-8000}"

.PHONY: test
test: setup $(BIN)/.dev $(BIN)/.gazetteer ## Run every test: both databases, a real browser (ARGS="-k map" for some)
	@bin/system-packages test
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(ARGS)

.PHONY: lint
lint: $(BIN)/.dev ## Check style, types, templates and which part uses which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet templates

.PHONY: bench
bench: setup $(BIN)/.dev $(BIN)/.gazetteer ## Measure everything against its goals, in 15 minutes (ARGS="nearest pins" for some)
	@bin/system-packages test
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-quick
bench-quick: setup $(BIN)/.dev $(BIN)/.gazetteer ## The same with smaller sizes, in 2 minutes
	@bin/system-packages test
	@$(BIN)/python -m benchmarks --quick $(ARGS)

.PHONY: weight
weight: setup $(BIN)/.dev ## Count what a phone fetches for each page, and what moves on it, against the goals
	@bin/system-packages test
	@$(BIN)/python -m benchmarks.weight

.PHONY: lighthouse
lighthouse: setup benchmarks/lighthouse/node_modules/.complete ## Print what Lighthouse says of each page, against the goals
	@bin/system-packages test
	@$(BIN)/python -m benchmarks.lighthouse

.PHONY: setup
setup: $(BIN)/.run static/.compressed $(GAZETTEER) ## Install everything and build the gazetteer, without serving

.PHONY: lock
lock: $(BIN)/.dev ## Resolve the requirements anew, with hashes
	@for name in $(LOCKS); do \
	  $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    --custom-compile-command "make lock" -o requirements/$$name.txt requirements/$$name.in || exit 1; \
	done

$(BIN)/python:
	@bin/system-packages run
	@$(PYTHON) -m venv .venv

$(BIN)/.run: requirements/run.txt bin/system-packages | $(BIN)/python
	@bin/system-packages run
	@echo "Installing Python packages"
	@$(PIP) -r requirements/run.txt
	@touch $@

$(BIN)/.dev: requirements/dev.txt | $(BIN)/.run
	@echo "Installing development packages"
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(BIN)/.gazetteer: requirements/gazetteer.txt | $(BIN)/.run
	@echo "Installing the packages with postcodes and places"
	@$(PIP) -r requirements/gazetteer.txt
	@touch $@

static/vendor/.complete: package-lock.json bin/npm-ci | $(BIN)/.run
	@echo "Fetching front-end packages"
	@bin/npm-ci
	@touch $@

benchmarks/lighthouse/node_modules/.complete: benchmarks/lighthouse/package-lock.json bin/npm-ci | $(BIN)/.run
	@echo "Fetching Lighthouse"
	@PUPPETEER_SKIP_DOWNLOAD=1 bin/npm-ci benchmarks/lighthouse
	@touch $@

STATIC := $(shell find static -type f ! -name '*.br' ! -name '*.gz' ! -name '.*')

static/.compressed: static/vendor/.complete $(STATIC)
	@find static \( -name '*.br' -o -name '*.gz' \) -delete
	@$(BIN)/python -m whitenoise.compress --quiet static
	@touch $@

# Only where there is none: an operator may have loaded a file of their own.
$(GAZETTEER): | $(BIN)/.gazetteer
	@echo "Building the gazetteer"
	@$(BIN)/flask gazetteer build
