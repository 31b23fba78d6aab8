# Thin on purpose: the checks stand in tools/check.py, so that a system without make can run the same ones.
PYTHON ?= python3
BIN = .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY = .venv/.ready

.PHONY: demo test check docs bench builtin

demo: $(READY)
	$(BIN)/hatetinyllm demo

test: $(READY)
	$(BIN)/python tools/check.py tests

check: $(READY)
	$(BIN)/python tools/check.py

docs: $(READY)
	$(BIN)/python tools/make_docs.py

builtin: $(READY)
	$(BIN)/python tools/make_builtin.py

bench: $(READY)
	set -e; for file in benchmarks/*.py; do $(BIN)/python $$file; done

$(READY): pyproject.toml constraints.txt tools/install.py
	$(PYTHON) tools/install.py
