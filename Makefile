# `make` lists what there is. Needs GNU make 4 and a POSIX sh; everything else goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first interpreter that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCALES := portal/ui/translations
CODE := kb portal plugins

# Options of single runs: make test ARGS="tests/unit -k slug", make bench ONLY=http
ONLY ?=

.PHONY: help
help: ## 列出这些命令 · this list
	@echo '金石学堂 · Jinshi Portal'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

.PHONY: run
run: $(VENV)/.ready-run ## 安装并启动门户（PORT=8000）· install and start the portal
	@$(BIN)/portal init
	@PORTAL_ANONYMOUS_READ="$${PORTAL_ANONYMOUS_READ:-true}" \
		$(BIN)/portal serve $(if $(PORT),--port $(PORT))

# Some test leaves a connection to its own PostgreSQL database open until it is collected; which one
# is not found yet. Everything else that is left open is still an error.
LEFT_OPEN := -W 'ignore:<psycopg.Connection object:ResourceWarning'

# Not on PostgreSQL once more: these bring their own databases, both kinds or none.
BOTH_OR_NONE = $(addprefix --ignore=tests/,portal/migrations portal/testing plugins/search_fts5)

# Tests that need a program which is not there are left out, and it is said which.
have = $(shell PATH="$$PATH:/usr/sbin" command -v $(1) 2>/dev/null)
NO_BROWSER = $(if $(call have,chromium),,not browser)
NO_LDAP = $(if $(call have,slapd),,not ldap)
LEFT_OUT = -m '$(NO_BROWSER)$(if $(and $(NO_BROWSER),$(NO_LDAP)), and )$(NO_LDAP)'

.PHONY: test
test: $(VENV)/.ready-dev ## 运行全部测试（ARGS="-k 词"）· run the tests
ifndef ARGS
	@echo 'PostgreSQL 上的门户测试 · the portal on PostgreSQL'
	@JINSHI_TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n auto --dist loadfile \
		$(LEFT_OPEN) $(LEFT_OUT) $(BOTH_OR_NONE) tests/portal tests/plugins
	@echo '全部测试，在 SQLite 上 · everything, on SQLite'
endif
	@$(if $(NO_BROWSER),echo '没有找到 chromium：这次不跑浏览器测试。'; \
		echo '  → 安装后再来：sudo apt-get install chromium fonts-noto-cjk'; \
		echo '  (no chromium: the browser tests are left out)';)
	@$(if $(NO_LDAP),echo '没有找到 slapd：这次不跑 LDAP 测试。'; \
		echo '  → 安装后再来：sudo apt-get install slapd'; \
		echo '  (no slapd: the LDAP tests are left out)';)
	@exec $(BIN)/python -m pytest -n auto --dist loadfile $(LEFT_OUT) $(ARGS)

.PHONY: lint
lint: $(VENV)/.ready-dev ## 检查代码、类型、文章、翻译 · check code, types, articles, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE) wsgi.py bench tests/arch tests/browser
	$(BIN)/python -m tests.arch.translations
	$(BIN)/portal lint content

.PHONY: format
format: $(VENV)/.ready-dev ## 整理代码格式 · tidy the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(VENV)/.ready-dev ## 量一量快慢和大小（ONLY=http）· measure speed and sizes
	@$(BIN)/python -m bench $(ONLY)

.PHONY: translations
translations: $(VENV)/.ready-dev ## 收集要翻译的文字并编译 · collect and compile translations
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-location --sort-output --omit-header \
		-o $(LOCALES)/messages.pot $(CODE)
	@test -f $(LOCALES)/en/LC_MESSAGES/messages.po || \
		$(BIN)/pybabel -q init -i $(LOCALES)/messages.pot -d $(LOCALES) -l en
	$(BIN)/pybabel -q update -i $(LOCALES)/messages.pot -d $(LOCALES) -l en \
		--no-fuzzy-matching --ignore-obsolete --omit-header
	$(BIN)/pybabel -q compile -f -d $(LOCALES)
	@$(BIN)/python -m tests.arch.translations

.PHONY: docs
docs: $(VENV)/.ready-dev ## 重新生成插件文档里的参考部分 · write the generated parts of docs/plugins
	$(BIN)/python docs/reference.py
	$(BIN)/portal lint docs/plugins

.PHONY: wheel
wheel: $(VENV)/.ready-dev ## 打包成 wheel（放在 dist/）· build the wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

# An empty value switches off a machine's own package sources: the lock names only public files.
LOCK := PIP_EXTRA_INDEX_URL= PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND='make lock' \
	$(BIN)/python -m piptools compile --quiet --generate-hashes --no-emit-options \
	--strip-extras --allow-unsafe --build-deps-for editable

.PHONY: lock
lock: $(VENV)/.ready-dev ## 重新锁定依赖（ARGS=--upgrade）· pin the dependencies again
	$(LOCK) $(ARGS) --output-file requirements.txt setup.cfg
	$(LOCK) $(ARGS) --output-file requirements-dev.txt --extra dev -c requirements.txt setup.cfg

.PHONY: clean
clean: ## 删去生成的文件（不动 instance/ 和 .venv/）· remove generated files
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# --- The virtual environment: made once, filled again only when the lock or setup.cfg change. ---
# Its scripts hold absolute paths, so it is made anew when the folder has moved or Python has gone.

ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(VENV)/.made),$(CURDIR))
.PHONY: $(VENV)/.made
endif

$(VENV)/.made:
	@test -n "$(PYTHON)" || { \
		echo '需要 Python 3.11 或更新的版本，这台机器上没有找到。' >&2; \
		echo '  → 装好后再运行；或指明位置：make run PYTHON=/path/to/python3.12' >&2; \
		echo '  (Python 3.11 or newer is needed)' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo '$(PYTHON) 比 3.11 旧，或不能运行。' >&2; \
		echo '  → 指明一个新的：make run PYTHON=/path/to/python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '这个 Python 没有 venv 模块（Debian、Ubuntu 把它分开打包）。' >&2; \
		echo '  → sudo apt-get install python3-venv，然后再运行一次' >&2; exit 1; }
	@echo '准备虚拟环境 $(VENV) …'
	@"$(PYTHON)" -m venv --clear $(VENV)
	@echo '$(CURDIR)' > $@

# compat: a plain path. The default mode's import hooks are no folders to importlib.resources.
define install
	@echo '安装锁定的依赖（$(1)）…'
	@$(PIP) install --quiet --require-hashes -r $(1) || { \
		echo '依赖没有装上。' >&2; \
		echo '  → 检查网络和 pip 的镜像设置（pip config list），然后再运行一次' >&2; exit 1; }
	@$(PIP) install -qq --no-deps --no-build-isolation \
		--config-settings editable_mode=compat -e .
endef

$(VENV)/.ready-run: $(VENV)/.made requirements.txt setup.cfg pyproject.toml
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.made requirements-dev.txt setup.cfg pyproject.toml
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/.ready-run
