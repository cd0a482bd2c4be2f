# make reports · test · quick · check · lab · bench · calibrate · stress · house: each creates
# .venv first if it is missing or stale.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Python keeps compiled modules: reports and tests start it many times.
unexport PYTHONDONTWRITEBYTECODE
# Rooted here, so that notebooks can open their reports.
LAB := --ServerApp.root_dir=. --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate
NEWS := @jupyterlab/apputils-extension:announcements

# Three workers on two cores, one thread each: some wait for a kernel or the browser.
PYTEST := $(BIN)/python -m pytest -n 3

.PHONY: reports test quick check lab bench calibrate stress house notebooks pins clean

reports: .venv/run
	$(BIN)/python run_reports.py

test: .venv/dev
	$(PYTEST)

quick: .venv/dev  ## what needs no kernel, no browser and no server, for the hand that edits
	$(PYTEST) -n 2 -q -m "not kernel and not browser and not server and not long" tests

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: .venv/run
	$(BIN)/jupyter labextension disable $(NEWS)
	$(BIN)/jupyter lab $(LAB) notebooks/explore.ipynb

bench: .venv/dev
	$(BIN)/python benchmarks/bench_silhouette.py
	$(BIN)/python benchmarks/bench_reading.py
	$(BIN)/python -m benchmarks.bench_trust
	$(BIN)/python benchmarks/bench_runs.py
	$(BIN)/python -m benchmarks.bench_report --rounds 1
	$(BIN)/python -m benchmarks.bench_scoring
	$(BIN)/python benchmarks/bench_explore.py
	$(BIN)/python -m benchmarks.bench_engines
	$(BIN)/python -m benchmarks.bench_scale --rows 1500000 --rounds 1

calibrate: .venv/dev  ## how often the verdict is wrong: goes on where it stopped, writes docs/calibration.md
	$(BIN)/python -m benchmarks.calibrate

stress: .venv/dev  ## the long proofs, of which make test runs a tenth
	$(BIN)/python -m tests.data.fuzzing --count 20000
	$(BIN)/python -m tests.reporting.faults
	$(BIN)/python -m tests.analysis.mutating --count 10000

house: .venv/dev  ## the project in numbers; make house BASE=revision compares
	$(BIN)/python -m benchmarks.house $(if $(BASE),--base $(BASE))

notebooks: .venv/dev  ## runs the committed notebooks again and keeps their outputs
	cd notebooks && ../$(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level ERROR \
		--ExecutePreprocessor.skip_cells_with_tag=none --ExecutePreprocessor.store_widget_state=False \
		--ExecutePreprocessor.record_timing=False *.ipynb
	$(BIN)/python -m tests.still notebooks/explore.ipynb

pins: .venv/dev  ## resolves requirements*.in anew
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --custom-compile-command "make pins" requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --custom-compile-command "make pins" requirements-dev.in -o requirements-dev.txt

.venv/run: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (once, a minute or two) ..."
	@$(PIP) install -qq -r requirements.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@$(PIP) install -qq -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv reports/.staging
