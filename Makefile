# One configuration for everything, so that the dependencies are compiled once.
SWIFT_FLAGS = -c release
BIN = .build/release
VENV = .venv-clients
# dbt wants an older connector than the other clients.
DBT_VENV = .venv-dbt
PORT ?= 8080

.PHONY: build serve test unit clients checks integrations golden bench lint format docs dependencies clean

build: dependencies
	swift build $(SWIFT_FLAGS) --product dbxsim

# Starts a workspace on localhost; ARGS holds further options of `dbxsim serve`.
serve: build
	exec $(BIN)/dbxsim serve --port $(PORT) $(ARGS)

test: dependencies lint unit clients checks

unit: dependencies
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --skip-build

$(VENV)/.ready: Tests/Clients/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Clients/requirements.txt
	touch $@

$(DBT_VENV)/.ready: Tests/Clients/requirements-dbt.txt
	python3 -m venv $(DBT_VENV)
	$(DBT_VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Clients/requirements-dbt.txt
	touch $@

# The end-to-end tests: real clients from PyPI against the program itself.
clients: build $(VENV)/.ready $(DBT_VENV)/.ready
	$(VENV)/bin/python -m pytest Tests/Clients -q -rs

# Pages that are printed from the code must be what is committed; further suites run where their data is present.
checks: build
	scripts/checks.sh

# The helper for Swift Testing is a package of its own; the pytest plugin is among the client tests.
integrations: build
	DBXSIM=$(CURDIR)/$(BIN)/dbxsim swift test --package-path integrations/swift

golden: dependencies
	UPDATE_GOLDEN=1 swift test $(SWIFT_FLAGS)

bench: build $(VENV)/.ready
	$(VENV)/bin/python Tests/Benchmarks/bench.py --binary $(BIN)/dbxsim

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

docs: build
	$(BIN)/dbxsim docs --output docs

clean:
	rm -rf .build $(VENV) $(DBT_VENV)
