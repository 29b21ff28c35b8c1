# Needs make and a Python (TESTED says which), nothing else. Every target sets up what it needs, and does it again only when
# pyproject.toml or constraints.txt change.

# These targets start hundreds of Pythons that import the same files, which are compiled once whatever is set outside.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-long test-core test-pyodide test-pythons test-az test-clients test-doctor test-browser test-installed test-class test-faults parity soak fuzz mutants lab class site bench record recording docs constraints clean

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.acrlab-ready

# Newer ones are taken, too, and said to be untested.
TESTED := 3.11 3.12 3.13

# The Azure CLI has an environment of its own, which all checkouts of this user share: it is large, and pins much.
AZ_VERSION := 2.91.0
AZ_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/azure-cli-$(AZ_VERSION)
AZ := $(AZ_HOME)/$(notdir $(BIN))/az

# Clients of registries that come from PyPI, as the tests of container clients use them.
CLIENTS_PACKAGES := azure-containerregistry==1.2.0 azure-identity oras==0.2.43
CLIENTS_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/container-clients-1.2.0-0.2.43
CLIENTS := $(CLIENTS_HOME)/$(notdir $(BIN))/python

# What drives a browser, in the project's own environment: its tests open the project's own JupyterLab.
BROWSER := $(VENV)/.browser-ready

# Dask, on whose workers a class is prepared; in the project's own environment, too.
CLASS := $(VENV)/.class-ready

# JupyterHub and its proxy, which is a program for Node.js, for a class on this computer.
HUB := $(VENV)/.hub-ready
PROXY_VERSION := 5.3.0
PROXY_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/configurable-http-proxy-$(PROXY_VERSION)
PROXY := $(PROXY_HOME)/node_modules/.bin/configurable-http-proxy

# What builds the wheel, apart from what is in it.
BUILD_PACKAGES := build==1.6.1 hatchling==1.33.0
BUILD_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/build-1.6.1-1.33.0
BUILD := $(BUILD_HOME)/$(notdir $(BIN))/python

# JupyterLite and its widgets, which make the site; Node.js and npm have to be there.
LITE_PACKAGES := jupyterlite-core==0.8.6 jupyterlite-pyodide-kernel==0.8.6 jupyter-server jupyterlab-widgets==3.0.17 anywidget==0.11.0 pip
LITE_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/jupyterlite-0.8.6
LITE := $(LITE_HOME)/$(notdir $(BIN))/python
SITE := site
ROSTER :=

# What drives Firefox as it is; Chromium's driver takes only a Firefox of its own.
PUPPETEER_VERSION := 25.16.0
PUPPETEER_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/puppeteer-$(PUPPETEER_VERSION)
PUPPETEER := $(PUPPETEER_HOME)/package.json

# What changes the code to see whether a test notices.
MUTMUT := $(VENV)/.mutmut-ready

# Another emulated cloud, to measure beside.
MOTO_VERSION := 5.2.5
MOTO_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/acrlab/moto-$(MOTO_VERSION)
MOTO := $(MOTO_HOME)/$(notdir $(BIN))/moto_server

# What `make run` hands to `acrlab run`, and other targets to their tools: make run ARGS="--from 02 -p location westeurope"
ARGS :=
# Over HTTPS waiting takes real time, twenty minutes for all: SERVED="--every 6" lets every sixth request fail there.
SERVED :=

## To learn and to run

help: ## say what there is
	@awk -F ':.*## ' '/^## / { printf "\n%s\n", substr($$0, 4) } /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

run: $(READY) ## run the whole article on the emulated Azure; ARGS="--only 03" goes to `acrlab run`
	$(BIN)/acrlab run $(ARGS)

lab: $(READY) ## open the notebooks in JupyterLab; ARGS="--no-browser --port 9999" goes to `jupyter lab`
	$(BIN)/acrlab learn notebooks -- $(ARGS)

class: $(HUB) $(PROXY) ## open a class on this computer; ROSTER=file.csv, else five to try; ARGS="--host 0.0.0.0 --start"
	ACRLAB_PROXY=$(PROXY) $(BIN)/acrlab class open $(if $(ROSTER),'$(ROSTER)') $(ARGS)

site: $(READY) $(LITE) ## make the chapters a web site that runs in a browser alone; SITE=folder
	ACRLAB_LITE=$(LITE) $(BIN)/acrlab site --out $(SITE)

# Cells are tests for nbval, and pytest-randomly, where it is installed, would shuffle them.
test: $(READY) ## test every part, and compare every notebook's outputs with the stored ones
	$(BIN)/python -m pytest tests --ignore tests/real_clients --quick -p no:nbval -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest --nbval notebooks -p no:randomly

clean: ## delete what these targets made: environment, caches, runs, the emulated Azure
	rm -rf $(VENV) .acrlab runs build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

## To develop acrlab

test-long: $(READY) ## what `make test` leaves out: the other rows of its tables (faults, chapters, inputs), and long runs
	$(BIN)/python -m pytest tests --ignore tests/real_clients -m "table or long" -p no:nbval -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-core: $(READY) ## the core's tests where nothing is installed but what the core needs; ARGS="-x" goes to pytest
	$(BIN)/python -m tools.core_tests $(ARGS)

test-pyodide: $(READY) $(LITE) ## the core's tests in the web site's own Python, run by Node.js; ARGS="-x" goes to pytest
	ACRLAB_LITE=$(LITE) $(BIN)/python -m tools.pyodide_tests $(ARGS)

test-pythons: $(READY) ## threads, tests and notebooks on every other Python that is claimed, as far as it is on this computer
	$(BIN)/python -m tools.pythons

test-az: $(READY) $(AZ) ## type the article's commands, and more, into a shell with the real Azure CLI
	ACRLAB_AZ=$(AZ) $(BIN)/python -m pytest tests/real_clients/az -p no:nbval -n auto --maxprocesses 4 --dist loadfile

test-clients: $(READY) $(CLIENTS) ## pull with podman, docker, skopeo, curl, oras and the SDK, from inside and outside
	@tools/container_clients
	ACRLAB_CLIENTS=$(CLIENTS) $(BIN)/python -m pytest tests/real_clients/containers -p no:nbval -n auto --maxprocesses 4 \
		--dist loadfile -rs
	$(BIN)/python -m pytest --nbval notebooks/10-real-packets.ipynb -p no:randomly -rs

test-doctor: $(READY) $(AZ) ## plant every fault and fix it as the doctor prints it: as calls, and with the real az
	ACRLAB_AZ=$(AZ) $(BIN)/python -m tests.faults.doctor_table

test-browser: $(BROWSER) $(HUB) $(PROXY) $(LITE) $(PUPPETEER) ## open JupyterLab and the web site in browsers: run chapters, click every control
	@tools/browser
	ACRLAB_LITE=$(LITE) ACRLAB_PROXY=$(PROXY) ACRLAB_PUPPETEER=$(PUPPETEER_HOME) $(BIN)/python -m pytest tests/real_clients/browser -p no:nbval -q -rs
	ACRLAB_LITE=$(LITE) $(BIN)/python -m tools.pyodide_tests

test-installed: $(READY) $(BUILD) ## build the wheel and the sdist, install the wheel alone, and use it in an empty folder
	ACRLAB_KERNELS=plain ACRLAB_BUILD=$(BUILD) $(BIN)/python -m pytest tests/real_clients/installed -p no:nbval -q -rs

test-class: $(CLASS) $(HUB) $(BROWSER) $(PROXY) ## a hub with twelve learners, runs on workers of Dask; kill each of them
	@tools/browser
	ACRLAB_PROXY=$(PROXY) $(BIN)/python -m pytest tests/real_clients/classroom tests/classroom -p no:nbval -q -rs

test-faults: $(READY) ## fail every request in turn, run chapters again on what was left, kill runs; ARGS="--kills 50"
	$(BIN)/python -m tests.faults.fault_table
	$(BIN)/python -m tests.faults.fault_table --served $(SERVED)
	$(BIN)/python -m tests.faults.fault_table --timing as-azure $(LATE)
	$(BIN)/python -m tests.faults.rerun_table
	$(BIN)/python -m tests.faults.rerun_table --timing as-azure $(LATE)
	$(BIN)/python -m tests.faults.kill_table $(ARGS)

parity: $(READY) ## hold the emulated Azure against recorded traffic, where that is at hand; ARGS="--show 30"
	$(BIN)/python -m tests.parity $(ARGS)

fuzz: $(READY) ## ask every plane what no client means, for half an hour; ARGS="--minutes 5"
	$(BIN)/python -m tests.faults.fuzz $(ARGS)

mutants: $(MUTMUT) ## change what guards something, one thing at a time, and say which changes no test notices
	$(BIN)/python -m tools.mutants $(ARGS)

soak: $(READY) ## an hour of the world's time in two minutes: clients at once, a kill in the middle; ARGS="--seconds 20"
	$(BIN)/python -m tests.faults.soak $(ARGS)

bench: $(READY) $(AZ) $(MOTO) $(CLASS) ## measure, side by side: runs, requests per second, az, big worlds, workers; ARGS="served"
	ACRLAB_AZ=$(AZ) ACRLAB_MOTO=$(MOTO) $(BIN)/python -m tests.benchmarks $(ARGS)

record: $(READY) ## run every notebook again and store its outputs in it
	$(BIN)/acrlab record

recording: $(READY) ## record every chapter over HTTPS, as on a real subscription, for the tests of the replay
	$(BIN)/python -m tools.recording

docs: $(READY) ## write docs/reference from the code
	$(BIN)/python tools/reference.py

constraints: $(READY) ## pin everything again in constraints.txt (needs uv)
	uv pip compile -q --universal --python-version 3.11 --extra test --extra browser --extra class --extra hub --upgrade --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o $(VENV)/constraints.txt
	@{ grep '^#' constraints.txt; cat $(VENV)/constraints.txt; } > $(VENV)/new && mv $(VENV)/new constraints.txt

# A Python that is new enough, asked for by running it: a name on the PATH may be a stub.
$(READY): pyproject.toml constraints.txt
	@set -e; \
	if [ ! -x $(BIN)/python ] && [ ! -x $(BIN)/python.exe ]; then \
		for name in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
			found=$$("$$name" -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null) || found=; \
			if [ -n "$$found" ]; then break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "acrlab needs Python 3.11 or newer; none found. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
		fi; \
		echo "Setting up $(VENV) with $$found"; \
		version=$$("$$found" -c 'import sys; print("{}.{}".format(*sys.version_info))'); \
		case " $(TESTED) " in *" $$version "*) ;; *) \
			echo "acrlab is not tested with Python $$version, but with $(TESTED). To choose: make PYTHON=/path/to/python3" >&2;; esac; \
		rm -rf $(VENV); \
		if command -v uv >/dev/null 2>&1; then UV_PYTHON_DOWNLOADS=never uv venv -q --python "$$found" $(VENV); \
		else "$$found" -m venv $(VENV); fi; \
	fi; \
	if command -v uv >/dev/null 2>&1; then \
		UV_PYTHON_DOWNLOADS=never uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[test]'; \
	else \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'; \
	fi
	@echo ready > $(READY)

$(BROWSER): $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[test,browser]'; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,browser]'; fi
	@echo ready > $(BROWSER)

$(CLASS): $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[test,class]'; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,class]'; fi
	@echo ready > $(CLASS)

$(HUB): $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[test,hub]'; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,hub]'; fi
	@echo ready > $(HUB)

$(MUTMUT): $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python mutmut==3.8.1; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check mutmut==3.8.1; fi
	@echo ready > $(MUTMUT)

# $(call environment,FOLDER,PACKAGES): an environment of its own.
define environment
	@echo "Installing $(2)"; rm -rf $(1); set -e; \
	if command -v uv >/dev/null 2>&1; then \
		UV_PYTHON_DOWNLOADS=never uv venv -q --python $(BIN)/python $(1); \
		UV_PYTHON_DOWNLOADS=never uv pip install -q --compile-bytecode --python $(1)/$(notdir $(BIN))/python $(2); \
	else \
		$(BIN)/python -m venv $(1); \
		$(1)/$(notdir $(BIN))/python -m pip install -q --disable-pip-version-check $(2); \
	fi
endef

$(AZ): | $(READY)
	$(call environment,$(AZ_HOME),azure-cli==$(AZ_VERSION))

$(CLIENTS): | $(READY)
	$(call environment,$(CLIENTS_HOME),$(CLIENTS_PACKAGES))

$(BUILD): | $(READY)
	$(call environment,$(BUILD_HOME),$(BUILD_PACKAGES))

$(LITE): | $(READY)
	$(call environment,$(LITE_HOME),$(LITE_PACKAGES))

$(PUPPETEER):
	@echo "Installing puppeteer-core $(PUPPETEER_VERSION)"; mkdir -p $(PUPPETEER_HOME); \
	npm install --prefix $(PUPPETEER_HOME) --silent --no-audit --no-fund puppeteer-core@$(PUPPETEER_VERSION)

$(PROXY):
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null \
		|| { echo "A class needs Node.js 20 or newer, with npm. Install it, as from https://nodejs.org, and run this again." >&2; exit 1; }
	@echo "Installing configurable-http-proxy $(PROXY_VERSION)"; mkdir -p $(PROXY_HOME); \
	npm install --prefix $(PROXY_HOME) --silent --no-audit --no-fund configurable-http-proxy@$(PROXY_VERSION)

$(MOTO): | $(READY)
	$(call environment,$(MOTO_HOME),'moto[server]==$(MOTO_VERSION)')
