// Command penstock is the pipeline tool, the runtime and, started by the runtime as "penstock child", its workers and warehouses.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"penstock/internal/child/warehouse"
	"penstock/internal/child/worker"
	"penstock/internal/cli"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2], os.Args[3:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// child is the life of a worker or warehouse process. It ends when the control process does, not by an interrupt of the terminal that
// both share: the control process stops its children itself.
func child(kind string, args []string) int {
	signal.Ignore(os.Interrupt)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	switch kind {
	case "warehouse":
		return warehouse.Main(context.Background(), args, log)
	case "worker":
		return worker.Main(context.Background(), args, log)
	}
	log.Error("there is no such child", "kind", kind)
	return 2
}
