# One word for everything one does here; `make help` lists the words.
# All of it happens in .venv and build/, and `make clean` takes them away again.

PYTHON = python3
VENV = .venv

PY = $(VENV)/bin/python
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check
# The tests see the installed package, never the folder fastnn/ that stands beside them;
# PYTHONSAFEPATH says so to the processes that tests start as well.
TEST = FASTNN_INSTALLED=1 PYTHONSAFEPATH=1 $(VENV)/bin/pytest
# What computes with kernels, to be run on those for any CPU as well.
ON_KERNELS = $(addprefix tests/,kernels ops network estimators graph test_fuzz.py \
  test_good_input.py test_bad_input.py test_public_threads.py test_quick_doors.py)
# Which tests `make test` runs; test-all runs all.
SOME = not slow
# Two at a time, for two cores; NumPy's own threads would take the other one's.
TWO = OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
  $(MAKE) --no-print-directory -j2 LANES=2
REQUIRED = import tomllib; \
  print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])
OPTIONAL = import sys, tomllib; \
  extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
  print(*(package for name in sys.argv[1].split(",") for package in extras[name]))

SOURCES := setup.py pyproject.toml $(shell find fastnn -type f \
  ! -name '*.c' ! -name '*.so' ! -name '*.html' ! -path '*/__pycache__/*')

.PHONY: help demo test test-all bench peers staircase suites lint sdist ci clean book
.PHONY: sdist-installed lane-of-tests lane-of-baseline
ifndef LANES
.NOTPARALLEL:
endif

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

demo: $(VENV)/demo  ## install fastnn into .venv and watch networks learn real digits
	@$(VENV)/bin/fastnn demo

# What is tested is the wheel that the sdist gives.
test:  ## lint, sdist, tests, benches, baseline: what one runs before a commit
	@$(TWO) lint sdist
	@$(MAKE) --no-print-directory sdist-installed
	@$(TWO) lane-of-tests lane-of-baseline
	@echo "Those that look at the clock, while nothing else runs:"
	@$(TEST) -m "speed and $(SOME)"
	@FASTNN_CPU=baseline $(TEST) -m "speed and $(SOME)" $(ON_KERNELS)

test-all:  ## the same with the slow ones: everything that the server runs
	@$(MAKE) --no-print-directory test SOME="(slow or not slow)"

ci: test-all  ## the same, as .ci/run calls it

lane-of-tests:
	@FASTNN_DIST=dist $(TEST) -m "not speed and $(SOME)" --ignore tests/book

# Its words wait for the end, so that those of the other lane can be read.
lane-of-baseline:
	@{ echo "The book:" && $(TEST) tests/book -m "not speed and $(SOME)" && \
	  echo "Every bench once:" && $(TEST) bench --benchmark-disable && \
	  echo "Again, with the kernels that run on any CPU (FASTNN_CPU=baseline):" && \
	  FASTNN_CPU=baseline $(TEST) -m "not speed and $(SOME)" $(ON_KERNELS); \
	} > $(VENV)/lane.log 2>&1; status=$$?; cat $(VENV)/lane.log; exit $$status

bench: $(VENV)/test  ## fastnn beside its peers: fills docs/benchmarks.md; ONLY=matmul
	@PYTHONSAFEPATH=1 $(PY) bench/compare.py --write $(ONLY)

# Brian2 2.9 wants NumPy 1, so it has an environment of its own, and writes programs.
peers: $(VENV)/test  ## torch, jax, MyGrad, micrograd, NEURON, Brian2, for make bench
	@$(INSTALL) --index-url https://download.pytorch.org/whl/cpu torch || \
	  $(INSTALL) torch
	@$(INSTALL) jax mygrad micrograd
	-@$(INSTALL) neuron
	-@$(PYTHON) -m venv $(VENV)/brian2 && \
	  $(VENV)/brian2/bin/pip install --quiet --disable-pip-version-check \
	  brian2 "numpy<2; python_version < '3.12'"

staircase: $(VENV)/test  ## a matrix product in eight steps: fills docs/staircase.md
	@PYTHONSAFEPATH=1 $(PY) bench/staircase.py --write

suites: $(VENV)/test  ## pytest-benchmark: every kernel, plain Python and NumPy
	@$(TEST) bench --benchmark-only \
	  --benchmark-sort=name --benchmark-columns=min,median,rounds

book: $(VENV)/book  ## the book, printed: docs/_build/html, and a look at its pages
	@PYTHONSAFEPATH=1 $(PY) docs/printing.py
	@PYTHONSAFEPATH=1 $(VENV)/bin/sphinx-build -q -W -b html docs docs/_build/html
	@FASTNN_SITE=docs/_build/html $(TEST) tests/book/test_site.py
	@echo "Open docs/_build/html/index.html"

lint: $(VENV)/tools  ## ruff, cython-lint and mypy
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/cython-lint --no-pycodestyle fastnn fastnn/_kernels/*.pxi bench
	@$(VENV)/bin/mypy

sdist: $(VENV)/ready  ## sdist and wheel in dist/, and a try of them in a clean environment
	@rm -rf dist && mkdir -p build
	@$(PY) -c 'from setuptools import build_meta; build_meta.build_sdist("dist")' \
	  > build/sdist.log 2>&1 || { cat build/sdist.log; exit 1; }
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(PYTHON) -m venv "$$folder" && \
	"$$folder/bin/pip" wheel -q --no-deps --wheel-dir dist dist/fastnn-*.tar.gz && \
	"$$folder/bin/pip" install -q dist/fastnn-*.whl && \
	cp tests/smoke.py "$$folder" && cd "$$folder" && bin/python smoke.py

clean:  ## back to a fresh clone
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	@rm -rf .hypothesis .benchmarks
	@rm -rf docs/_build docs/_static/katex docs/api docs/chapters
	@find fastnn/_kernels -name '*.c' -exec rm {} +
	@find fastnn/_kernels -name '*.so' -exec rm {} +
	@find fastnn/_kernels -name '*.html' -exec rm {} +
	@find . -name __pycache__ -exec rm -rf {} +

# The steps behind the words: an environment, and fastnn in it with what the word needs.

$(VENV)/ready: pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) was not found:" \
	  "install Python 3.11 or later, or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fastnn needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
	  "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments;" \
	  "on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making the environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) $$($(PY) -c '$(REQUIRED)')
	@touch $@

$(VENV)/demo: EXTRAS = plot,cli
$(VENV)/test: EXTRAS = plot,cli,data,sklearn,io,learn,test
$(VENV)/book: EXTRAS = plot,cli,data,io,learn,docs,test
# With it all that comes from the network is there: KaTeX's style and fonts as well.
$(VENV)/book: MORE = $(PY) docs/katex_files.py docs/_static/katex

$(VENV)/tools: $(VENV)/ready
	@echo "Installing what tests and linters need ..."
	@$(INSTALL) $$($(PY) -c '$(OPTIONAL)' plot,cli,data,sklearn,io,learn,test,dev)
	@touch $@

# What was installed last, so that FASTNN_PURE=1 and back again installs anew.
KIND = $(if $(filter-out 0,$(FASTNN_PURE)),pure,kernels)

$(VENV)/kernels $(VENV)/pure: $(VENV)/ready
	@rm -f $(VENV)/kernels $(VENV)/pure $(VENV)/book
	@touch $@

$(VENV)/demo $(VENV)/test $(VENV)/book: $(VENV)/$(KIND) $(SOURCES)
	@echo "Building fastnn and installing it with [$(EXTRAS)] ..."
	@$(INSTALL) --no-build-isolation ".[$(EXTRAS)]"
	@$(KERNELS_HERE)
	@$(MORE)
	@touch $@

# The wheel from dist/ in place of what was installed, and as good for the other words.
sdist-installed: $(VENV)/tools $(VENV)/$(KIND)
	@$(INSTALL) --force-reinstall --no-deps dist/fastnn-*.whl
	@$(KERNELS_HERE)
	@touch $(VENV)/demo $(VENV)/test

# The compiled modules beside their sources, for a Python that is started here.
KERNELS_HERE = cd "$$($(PY) -P -c 'import fastnn; print(*fastnn.__path__)')" && \
  find . -name '*.so' | while read -r module; do \
  cp "$$module" "$(CURDIR)/fastnn/$$module"; done
