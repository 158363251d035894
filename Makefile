# Everything a newcomer needs: `make demo` and `make test` do all set-up, system packages included.
PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed
PORT ?= 8080
ANSWERS ?=
ONCE ?=
QUICK ?=
ONLY ?=
SEED ?=
# the files of the suite side by side; a file stays with one worker, and with the window or server its tests share.
# Long files come first (tests/conftest.py). Three workers on two cores, since servers and windows are waited for.
SIDE_BY_SIDE ?= -n 3 --dist loadfile --no-loadscope-reorder
PURE_SIDE_BY_SIDE ?= -n 2 --dist loadfile

# every worker, server and kiosk of the suite would compile all modules anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check bench screens torture format lock clean

help:
	@echo 'make demo    server, kios dan jawaban nyata: dari ketukan sampai nilai IKM'
	@echo '             (ONCE=1 berhenti setelah tabel; ANSWERS=berkas.csv; PORT=8080)'
	@echo 'make test    semua uji, termasuk PostgreSQL, Chromium, LibreOffice dan jendela kios'
	@echo 'make check   yang cepat: gaya, tipe, arah impor, uji tanpa layar dan layanan'
	@echo 'make bench   ukuran kinerja, di var/bench/results.json'
	@echo 'make screens semua layar sebagai gambar, lembar contoh dan angka, di var/screens'
	@echo 'make torture listrik padam, proses dibunuh, jaringan rusak: ada yang hilang atau ganda?'
	@echo '             (QUICK=1 di bawah lima menit; ONLY=bagian; SEED=benih)'
	@echo 'make format  merapikan kode      make lock  memperbarui kunci dependensi'
	@echo 'make clean   menghapus lingkungan dan hasil sementara'

demo: $(INSTALLED)
	@.ci/system-packages demo
	@$(VENV)/bin/python -m kiosk.demo --port $(PORT) $(if $(ANSWERS),--answers '$(ANSWERS)') $(if $(ONCE),--once)

test: $(INSTALLED)
	@.ci/system-packages test
	@$(MAKE) --no-print-directory style types imports
	$(VENV)/bin/pytest $(SIDE_BY_SIDE)

# side by side, the longest first, so that it alone decides
check: $(INSTALLED)
	@$(MAKE) --no-print-directory -j 3 --output-sync=target pure types style imports

.PHONY: style types imports pure
style:
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types:
	@$(VENV)/bin/mypy

imports:
	@$(VENV)/bin/lint-imports

pure:
	@$(VENV)/bin/pytest -q $(PURE_SIDE_BY_SIDE) -m 'not window and not postgres and not browser and not office and not whole and not long'

bench: $(INSTALLED)
	@.ci/system-packages test
	@$(VENV)/bin/python -m tests.bench

screens: $(INSTALLED)
	@.ci/system-packages test
	@$(VENV)/bin/python -m tests.screens.sheet

torture: $(INSTALLED)
	@.ci/system-packages test
	@$(VENV)/bin/python -m tests.torture $(if $(QUICK),--quick) $(addprefix --only ,$(ONLY)) $(if $(SEED),--seed $(SEED))

format: $(INSTALLED)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# needs uv, which people who change dependencies have
lock:
	uv pip compile pyproject.toml --extra kiosk --generate-hashes --no-emit-index-url --no-header --no-annotate --universal -q -o requirements-kiosk.lock
	uv pip compile pyproject.toml --extra server --generate-hashes --no-emit-index-url --no-header --no-annotate --universal -q -o requirements-server.lock
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate --universal -q -o requirements-dev.lock

# only what this repository's commands made
clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find ikm kiosk sync tests -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.lock pyproject.toml
	@PYTHON='$(PYTHON)' .ci/system-packages check
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo 'Diperlukan Python 3.11 sampai 3.13; pilih dengan: make PYTHON=python3.11 ...' >&2; exit 1; }
	@echo 'Menyiapkan lingkungan Python di $(VENV) (sekali saja, satu sampai dua menit)'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
