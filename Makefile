# `make demo` and `make test` need Python 3.10+ and make, nothing else: all else goes into .venv. With
# IOSEMU_REQUIRE_ALL=1 the automation clients are installed too, and a test that lacks something fails.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LAB    := examples/getvpn-basic
comma  := ,

.PHONY: demo test lint bench clean

$(BIN)/iosemu: pyproject.toml setup.py iosemu/fastpath/_native.c
	@$(PYTHON) -m venv $(VENV) || { echo "python venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: $(BIN)/iosemu
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev$(if $(IOSEMU_REQUIRE_ALL),$(comma)clients)]'
	@touch $@

demo: $(BIN)/iosemu
	$(BIN)/iosemu lab run $(LAB) \
		-c 'wait 30' -c 'H1: ping 192.168.2.10' -c 'GM1: show crypto gdoi' -c 'KS1: show crypto gdoi ks members'
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/iosemu lab run $(LAB); fi

test: $(VENV)/dev
	$(BIN)/python -m pytest -n logical --dist worksteal

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BIN)/iosemu
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build dist *.egg-info
