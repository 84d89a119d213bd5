# `make` lists what there is.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Functions begin at multiples of 16 bytes, as on arm64; by default it is 32 on amd64. With less,
# the runtime's table of functions does not hold.
LDFLAGS := -s -w -funcalign=16 -X github.com/fathom-k8s/fathom/cmd/fathom/version.Number=$(VERSION)
# Inlined functions of what is large and seldom runs, most of it generated, are 3 MB of
# the binary. Decoding a pod takes as long without.
COLD    := k8s.io/api k8s.io/cli-runtime k8s.io/kube-openapi k8s.io/kubectl github.com/alecthomas/chroma \
	github.com/dlclark/regexp2 github.com/go-openapi github.com/google/gnostic-models github.com/spf13 \
	go.yaml.in/yaml sigs.k8s.io/kustomize k8s.io/client-go k8s.io/component-helpers google.golang.org/protobuf \
	golang.org/x/text sigs.k8s.io/structured-merge-diff github.com/google github.com/fxamacker/cbor \
	github.com/json-iterator net crypto/x509 crypto/tls golang.org/x/net golang.org/x/oauth2 math/big mime \
	k8s.io/klog k8s.io/metrics k8s.io/utils k8s.io/apimachinery/pkg/apis k8s.io/apimachinery/pkg/api \
	k8s.io/apimachinery/pkg/util encoding/asn1 runtime/pprof archive charm.land github.com/charmbracelet \
	github.com/emicklei github.com/ulikunitz log/slog os/user plugin sigs.k8s.io/randfill sigs.k8s.io/yaml text
# What of ours runs once for a key or a screen, and triage, which is within its limits without
# inlining; without the packages below it.
OWN     := $(addprefix github.com/fathom-k8s/fathom/,cmd/fathom kube/credential kube/helm kube/history \
	kube/memapi kube/openapi kube/plugins kube/process kube/recorder kube/tape kube/triage kube/triage/live views)
GCFLAGS := $(foreach path,$(COLD),-gcflags=$(path)/...=-l) $(foreach path,$(OWN),-gcflags=$(path)=-l)
TOOLS   := $(or $(FATHOM_TOOLS),$(shell $(GO) env GOCACHE)/../fathom-tools)
BIN     = $(or $(shell $(GO) env GOBIN),$(shell $(GO) env GOPATH)/bin)
LINT    := $(TOOLS)/golangci-lint-2.15.0
VULN    := $(TOOLS)/govulncheck-1.9.0
FUZZTIME ?= 1m
GUIDED   := -fuzz .

.DEFAULT_GOAL := help
.PHONY: help build install test unit e2e race lint vuln fuzz fuzz-short demo bench profile bench-short incidents screenshot demo-tape size clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

include e2e/cluster.mk

build: ## build ./fathom, stripped
	CGO_ENABLED=0 $(GO) build -trimpath $(GCFLAGS) -ldflags '$(LDFLAGS)' -o fathom ./cmd/fathom

install: build ## put fathom and kubectl-fathom into GOBIN
	mkdir -p "$(BIN)"
	install fathom "$(BIN)/fathom"
	ln -sf fathom "$(BIN)/kubectl-fathom"

test: unit fuzz-short size e2e ## every test: unit tests, fuzzing for seconds, the binary's size, the suite on a real cluster

unit: ## unit tests, with the race detector
	$(GO) vet ./...
	$(GO) test -race ./...

# Go runs one target at a time. The binary is built once for a package: its -test.fuzz
# needs a folder for what is new, and the folder of the corpus.
fuzz: ## run every fuzz target for a minute each (FUZZTIME=10m; FUZZ=./kube/... for some packages)
	@set -e; root=$$PWD; cache=$$($(GO) env GOCACHE)/fuzz; binary=$$(mktemp); trap 'rm -f "$$binary"' EXIT; \
	for package in $$($(GO) list -f '{{.ImportPath}} {{.Dir}}' $(or $(FUZZ),./...) | tr ' ' '|'); do \
		name=$${package%|*}; dir=$${package#*|}; cd "$$root"; \
		grep -qs '^func Fuzz' "$$dir"/*_test.go || continue; \
		$(GO) test -c $(GUIDED) -o "$$binary" "$$name"; cd "$$dir"; \
		for target in $$("$$binary" -test.list '^Fuzz'); do \
			echo "fuzz $$name $$target $(FUZZTIME)"; \
			"$$binary" -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $(FUZZTIME) \
				-test.fuzzcachedir "$$cache/$$name" -test.fuzzminimizetime 10s; \
		done; \
	done

# To build everything again for the guidance by coverage would take longer than this.
# A count, not a time: up to Go 1.26 a target may fail with "context deadline exceeded"
# when its time is over (https://go.dev/issue/75804).
fuzz-short: ## run every fuzz target 20,000 times, without guidance
	@$(MAKE) --no-print-directory fuzz FUZZTIME=20000x GUIDED=

vuln: $(VULN) ## known vulnerabilities in what is called; asks vuln.go.dev, or GOVULNDB
	$(VULN) $(if $(GOVULNDB),-db $(GOVULNDB)) ./...

$(VULN):
	GOBIN="$(TOOLS)" $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	mv "$(TOOLS)/govulncheck" $(VULN)

e2e: build ## the suite on a real cluster (PROVIDER=auto|native|kind|existing)
	$(GO) -C e2e vet ./...
	FATHOM_E2E_PROVIDER=$(or $(PROVIDER),auto) $(GO) -C e2e test -count=1 -p 1 -parallel 3 -timeout 45m ./...

demo: export FATHOM_E2E_PROVIDER := $(or $(PROVIDER),$(FATHOM_E2E_PROVIDER),auto)
demo: build ## start a real cluster with the shop on it and open fathom there (PROVIDER=auto|native|kind)
	$(GO) -C e2e run ./demo
	./fathom --kubeconfig "$$($(GO) -C e2e run ./cluster kubeconfig)" -n shop

size: build ## the binary stays under 42 MB
	@bytes=$$(wc -c < fathom); echo "fathom: $$bytes bytes"; test $$bytes -lt 42000000 || { echo "over 42 MB"; exit 1; }

lint: $(LINT) ## golangci-lint over both modules
	$(LINT) run --allow-parallel-runners ./...
	cd e2e && $(LINT) run --allow-parallel-runners -c ../.golangci.yml ./...

$(LINT):
	GOBIN="$(TOOLS)" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv "$(TOOLS)/golangci-lint" $(LINT)

bench: ## docs/performance.md from a run at every size, an hour and a half (BENCH="-runs 1" for less)
	$(GO) -C e2e run ./bench -o $(or $(TMPDIR),/tmp)/fathom-bench -page ../docs/performance.md $(BENCH)

profile: ## profiles of fathom's memory and CPU at S2 and S3 (BENCH="-sizes S1" for others), for go tool pprof
	$(GO) -C e2e run ./bench -programs fathom -sizes S2,S3 -profile $(or $(TMPDIR),/tmp)/fathom-profiles $(BENCH)

bench-short: ## what fathom asks, writes and allocates, asserted at the two smaller sizes
	$(GO) -C e2e test -count=1 -run TestCountsAndRatios -v ./bench

incidents: ## docs/triage-results.md: what triage says of incidents, forty minutes (INCIDENTS="-run storage" for some)
	$(GO) -C e2e run ./incidents -o ../docs/triage-results.md $(INCIDENTS)

demo-tape: ## cmd/fathom/demo.tape, recorded on the real cluster, which takes ten minutes
	$(GO) -C e2e run ./demotape -o ../cmd/fathom/demo.tape

screenshot: build ## docs/screen.svg, drawn from the real program on the real cluster
	$(GO) -C e2e run ./screenshot -o ../docs/screen.svg

clean: ## remove what was built here
	rm -f fathom
