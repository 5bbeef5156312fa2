# The two commands of the README: make demo, make test.
.PHONY: build demo test

build:
	@mkdir -p bin
	go build -o bin/penstock ./cmd/penstock

# The bundled example from nothing: sample data, deployment, run, report.
demo: build
	@rm -rf bin/demo
	./bin/penstock demo bin/demo

# Everything that takes seconds; .ci/run adds the slower suites.
test: build
	go vet ./...
	PENSTOCK_BIN=$(CURDIR)/bin/penstock ./test/inmemory go test -short ./...
