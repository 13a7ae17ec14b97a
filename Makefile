# Two commands do everything for a newcomer with Rust, Python and make: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
# Shared by every clone, so that polars is compiled once; override it as you like.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/disprop/target

BIN := $(VENV)/bin
# The module is rebuilt when any of these is newer than the one installed.
SOURCES := $(shell find crates python Cargo.toml pyproject.toml -name '*.rs' -o -name '*.toml' -o -name '*.py')

.DEFAULT_GOAL := help
.PHONY: help demo test test-spark test-browser attack check bench coverage docs lint wheel clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.module ## Set up, compute gaps from real figures and a synthetic authority, write out/
	$(BIN)/python examples/demo.py

test: $(VENV)/.module $(VENV)/.tools ## Set up and run every test, Rust and Python
	cargo test --release --workspace
	$(BIN)/python -m pytest

test-spark: $(VENV)/.module $(VENV)/.spark ## Set up PySpark (300 MB) and run its tests, in local mode and on a small cluster
	$(BIN)/python -m pytest tests/python/test_spark.py

# Chromium is the system's, or comes with its installer; where it cannot be had, the tests say so.
test-browser: $(VENV)/.module $(VENV)/.browser ## Set up a browser and marimo, look at every kind of page and notebook
	DISPROP_AXE=$$(ls $(abspath $(VENV))/axe/node_modules/axe-core/axe.min.js 2> /dev/null) $(BIN)/python -m pytest tests/python/test_browser.py tests/python/test_notebook.py

attack: ## Attack a hundred thousand random releases (takes a quarter of an hour or more)
	cargo test --release --workspace --test release_attack -- --ignored --nocapture

check: test lint docs wheel ## Run every gate: tests, lints, docs, benches in test mode, wheel, types
	cargo bench --profile release --workspace --benches -- --test

lint: $(VENV)/.module $(VENV)/.tools ## Format check, clippy, ruff, mypy, stub check
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest disprop._disprop

docs: ## Build the Rust documentation with warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --workspace

bench: $(VENV)/.module $(VENV)/.tools ## Run the benches and the side-by-side comparison
	cargo bench --profile release --workspace
	$(BIN)/python benches/peers/compare.py

coverage: $(VENV)/.base ## Find how often each interval holds the truth, refill docs/coverage.md
	$(BIN)/pip install --quiet --disable-pip-version-check "altair>=5" "vl-convert-python>=1"
	nice -n 15 cargo run --release -p disprop-coverage -- --out out/coverage
	$(BIN)/python benches/coverage/picture.py out/coverage/grid.csv out/coverage/summary.csv

wheel: $(VENV)/.module ## Build the wheel and hold it to its size
	rm -rf $(CARGO_TARGET_DIR)/wheels
	$(BIN)/maturin build --release --quiet --out $(CARGO_TARGET_DIR)/wheels
	$(BIN)/python -c "import pathlib, sys; w = next(pathlib.Path('$(CARGO_TARGET_DIR)/wheels').glob('*.whl')); n = w.stat().st_size / 2**20; print(f'{w.name}: {n:.1f} MiB'); sys.exit(n > 12)"

clean: ## Remove the environment and the outputs, keep the shared target folder
	rm -rf $(VENV) out

$(VENV)/.base:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check "maturin>=1.9,<2" "polars>=1.20" "fastexcel>=0.12" "rich>=13" "altair>=5.5" "vl-convert-python>=1.7" "xlsxwriter>=3" "python-docx>=1.1"
	touch $@

$(VENV)/.tools: $(VENV)/.base
	$(BIN)/pip install --quiet --disable-pip-version-check "pandas>=2" "pyarrow>=15" "duckdb>=1" "pytest>=8" "hypothesis>=6" "mypy>=1.13" "ruff>=0.8" "openpyxl>=3.1" "great-tables>=0.13" "nbclient>=0.10" "ipykernel>=6"
	touch $@

$(VENV)/.spark: $(VENV)/.tools
	$(BIN)/pip install --quiet --disable-pip-version-check "pyspark>=3.5,<4"
	touch $@

$(VENV)/.browser: $(VENV)/.tools
	-$(BIN)/pip install --quiet --disable-pip-version-check "playwright>=1.50" "marimo>=0.10"
	-command -v chromium chromium-browser google-chrome > /dev/null || { [ "$$(id -u)" = 0 ] && apt-get install --quiet --yes chromium; }
	-npm install --silent --no-audit --no-fund --prefix $(VENV)/axe axe-core@4
	touch $@

$(VENV)/.module: $(VENV)/.base $(SOURCES)
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --quiet
	touch $@
