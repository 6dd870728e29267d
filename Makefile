# One command runs every check: `make test`. One shows the thing at work: `make demo`.
# Both set up what they need, in .venv and .tools, and are quick when it is there.

# Processes for the browser tests, which wait for servers and pages more than they compute.
BROWSER_WORKERS ?= 2
# Random edits that `make soak` compares with the model; MODEL_SEED=n begins with another project.
MODEL_STEPS ?= 5000
# Saves and crashes of the server that `make soak` goes through; `make test` makes a few of each.
SOAK_SAVES ?= 2000
SOAK_RESTARTS ?= 50
# Ways to a socket that `make test` has Autobahn's fuzzing client try; `make autobahn` tries all of them.
AUTOBAHN_AGENTS ?= werkzeug
# Random inputs that `make fuzz` gives to each scanner and decoder; FUZZ_SEED=n gives others.
FUZZ_COUNT ?= 100000
FUZZ_SEED ?= 1
TYPESCRIPT = 7.0.2
# What docs/servers.md is written by.
MATRIX = $(addprefix tests/browser/test_, servers.py workers.py proxies.py frameworks.py middleware.py)

DEMO_APP ?= example_flask.app
DEMO_PORT ?= 5000
DEMO_EDIT ?= example_flask/static/css/tokens.css

BIN = .venv/bin
NODE = .tools/bin/node
BROWSER = .tools/bin/chromium
FIREFOX = .tools/bin/firefox
NGINX = .tools/bin/nginx
DEV = .venv/installed-dev
DEMO = .venv/installed-demo
TSC = .tools/typescript/$(TYPESCRIPT).installed
LIBRARIES = .tools/libraries/installed
AUTOBAHN = .tools/autobahn/installed

.PHONY: help test lint types js unit autobahn browser servers soak fuzz demo fmt bench clean
.DELETE_ON_ERROR:

help:
	@echo "make test     every check: format, lint, types, browser client, tests, tests in a real browser"
	@echo "make servers  the tests of servers and frameworks; writes what they show into docs/servers.md"
	@echo "make demo     the example Flask app at http://127.0.0.1:$(DEMO_PORT)/"
	@echo "make soak     saves, crashes and random edits for minutes: nothing is lost, nothing piles up"
	@echo "make autobahn every way to a socket, held to RFC 6455 by Autobahn's fuzzing client"
	@echo "make fuzz     random inputs for minutes: no crash, no changed byte, none that takes over 100 ms"
	@echo "make fmt      format the Python code and apply the safe fixes"
	@echo "make bench    the benchmarks"
	@echo "make clean    remove what was set up and built"
	@echo "Parts of make test: lint types js unit browser"

test: lint types js unit browser
	@echo "==> everything passed"

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy
	MYPYPATH=tests $(BIN)/mypy --explicit-package-bases tests/browser tests/test_packaging.py benchmarks

js: $(NODE) $(TSC)
	.ci/check-js

unit: $(DEV) $(AUTOBAHN)
	AUTOBAHN_AGENTS=$(AUTOBAHN_AGENTS) .ci/once-more $(BIN)/pytest tests --ignore=tests/browser

autobahn: $(DEV) $(AUTOBAHN)
	$(BIN)/pytest tests/conformance/test_autobahn.py

browser: $(DEV) $(BROWSER) $(FIREFOX) $(NGINX) $(LIBRARIES)
	.ci/once-more $(BIN)/pytest tests/browser --numprocesses=$(BROWSER_WORKERS)

servers: $(DEV) $(BROWSER) $(NGINX)
	HMR_WRITE_SERVERS=1 $(BIN)/pytest $(MATRIX) --numprocesses=$(BROWSER_WORKERS)

soak: $(DEV) $(BROWSER)
	SOAK_SAVES=$(SOAK_SAVES) SOAK_RESTARTS=$(SOAK_RESTARTS) $(BIN)/pytest tests/soak --capture=no
	MODEL_STEPS=$(MODEL_STEPS) $(BIN)/pytest tests/browser/test_model.py --numprocesses=$(BROWSER_WORKERS)

fuzz: $(DEV)
	PYTHONPATH=tests $(BIN)/python -m fuzz.run --count $(FUZZ_COUNT) --seed $(FUZZ_SEED)

demo: $(DEMO)
	@echo
	@echo "==> Open http://127.0.0.1:$(DEMO_PORT)/ and then edit $(DEMO_EDIT)"
	@echo "    (what to change there, and more to try: example_flask/README.md)"
	@echo "    (Ctrl+C ends it; another port: make demo DEMO_PORT=5001)"
	@echo
	$(BIN)/flask --app $(DEMO_APP) --debug run --port $(DEMO_PORT)

fmt: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV) $(BROWSER)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv .tools build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the targets above stand on ---

$(DEV): pyproject.toml
	.ci/setup venv dev
	@touch $@

$(DEMO): pyproject.toml
	.ci/setup venv demo
	@touch $@

# Links to what was found: where the browser or Node goes away, the link leads nowhere and make looks again.
$(BROWSER): | $(DEV)
	.ci/setup browser $@

$(FIREFOX): | $(DEV)
	.ci/setup firefox $@

$(NGINX): | $(DEV)
	.ci/setup nginx $@

$(NODE): | $(DEV)
	.ci/setup node $@

$(TSC): | $(NODE)
	.ci/setup typescript $(TYPESCRIPT)
	@touch $@

$(AUTOBAHN): | $(DEV)
	.ci/setup autobahn $(dir $@)
	@test ! -e $(dir $@)client/bin/wstest || touch $@

$(LIBRARIES): tests/browser/libraries/package.json tests/browser/libraries/package-lock.json | $(NODE)
	.ci/setup libraries tests/browser/libraries
	@touch $@
