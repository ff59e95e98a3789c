# The ways to build, run and check Comity. `make` alone lists them.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build run test bench bench-large lint generate fresh race soak assets deps

export CGO_ENABLED ?= 0

# templ, staticcheck and gofumpt have a go.mod of their own, so that nothing of
# theirs gets into the program.
TOOL := go tool -modfile=tools/go.mod

# Rooms in which several things happen at once. The SQL engine is C turned into
# Go: the race detector finds nothing there and makes it four times slower.
RACY := $(wildcard internal/ledger internal/store internal/jobs internal/node exchange internal/exchange screening)
RACE := -race '-gcflags=modernc.org/...=-race=false -d=checkptr=0'

MAX_BINARY_MB := 60

# Pages are calls of small functions by the thousand, and spreadsheets and
# grammars are read once in a while: drawn out in place they would be a tenth of
# the program.
PLAIN := $(addprefix github.com/comity-project/comity/,$(addprefix internal/,web cli letter demo api taxii node licensing denial dispatch \
	enforcement incidents verification evidence instruments account notice statistics assessment lists genuine party event fault rulebook) statement) \
	github.com/antlr4-go google.golang.org github.com/go-text github.com/pressly \
	github.com/wneessen go.yaml.in gopkg.in github.com/jackc/pgx/v5/pgtype \
	$(addprefix cel.dev/cel-go/,parser checker ext common/stdlib common/decls common/cost)
SMALL := $(foreach p,$(PLAIN),-gcflags=$(p)/...=-l)

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: generate ## pages' assets, then one static binary: bin/comity
	go build -trimpath -ldflags='-s -w' $(SMALL) -o bin/comity ./cmd/comity
	@size=$$(stat -c %s bin/comity); echo "bin/comity: $$((size / 1000000)) MB"; \
	if (( size > $(MAX_BINARY_MB) * 1000000 )); then echo "bin/comity is over $(MAX_BINARY_MB) MB" >&2; exit 1; fi

run: build ## build all and start a demo state on http://127.0.0.1:8080
	bin/comity demo serve

generate: assets ## write what is made from other files: styles, scripts, templates
	scripts/generate

assets: web/node_modules/.package-lock.json

web/node_modules/.package-lock.json: web/package-lock.json
	@if command -v npm >/dev/null; then cd web && npm ci --no-progress && touch node_modules/.package-lock.json; \
	else echo "npm is not installed: the committed assets are used as they are"; fi

deps: ## install what the tests need and this machine lacks (Debian, as root)
	scripts/deps

# Vet has had its say in lint.
test: deps fresh lint build ## everything: both SQL engines, the browser, the race detector
	go test -vet=off -timeout 20m ./...
	@$(MAKE) --no-print-directory race

race: ## the race detector on the rooms where several things happen at once
	CGO_ENABLED=1 go test -vet=off -timeout 20m $(RACE) $(addprefix ./,$(addsuffix /...,$(RACY)))

soak: ## a hundred thousand random changes of audience among 24 nodes
	go test -vet=off -count=1 -v -timeout 2h -run '^TestManyNodes$$' ./internal/exchange -args -changes 100000 -trouble 500

lint: ## gofumpt, vet, staticcheck
	@unformatted=$$($(TOOL) gofumpt -l .); if [[ -n $$unformatted ]]; then \
	echo "not formatted; run: $(TOOL) gofumpt -w ." >&2; echo "$$unformatted" >&2; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck ./...

fresh: assets ## are the generated files that are committed the ones their sources give?
	scripts/fresh

bench: ## every benchmark, as one table
	scripts/bench ./...

bench-large: build ## a million cases on both engines: making them, then reading the pages
	scripts/bench-large
