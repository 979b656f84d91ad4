# Two commands: `make demo` and `make test`. Both set up the environment first, again only when its definition changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHARED ?= ../shared
ARTICLES ?=

.PHONY: demo test lint train bench notebooks clean

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tension needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/python examples/demo.py $(ARTICLES)

test: $(READY)
	$(BIN)/ruff check --quiet .
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .

train: $(READY)
	$(BIN)/python -m tension.relations.train --shared $(SHARED) --out models/tension-minilm

bench: $(READY)
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check sentence-transformers
	$(BIN)/python benchmarks/throughput.py --shared $(SHARED)
	$(BIN)/python benchmarks/candidates.py --shared $(SHARED)
	$(BIN)/python benchmarks/article.py --shared $(SHARED)
	$(BIN)/python benchmarks/articles.py --shared $(SHARED)
	$(BIN)/python benchmarks/gold.py --shared $(SHARED)
	$(BIN)/python benchmarks/judgement.py --shared $(SHARED)
	$(BIN)/python benchmarks/behaviour.py
	$(BIN)/python benchmarks/neutrality.py
	$(BIN)/python benchmarks/similarity.py
	$(BIN)/python benchmarks/relations_cv.py --shared $(SHARED)
	$(BIN)/python benchmarks/corpus.py --shared $(SHARED)
	$(BIN)/python benchmarks/validity.py --shared $(SHARED)
	$(BIN)/python benchmarks/simulation.py
	$(BIN)/python benchmarks/aggregation.py
	$(BIN)/python benchmarks/store.py
	$(BIN)/python benchmarks/tables.py

notebooks: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check nbclient ipykernel
	cd examples && for name in *.ipynb; do ../$(BIN)/jupyter execute --inplace "$$name"; done

clean:
	rm -rf $(VENV) build dist out .pytest_cache .ruff_cache
