package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/spark/gang"
	"github.com/lathe-ml/lathe/spark/local"
)

func sparkCommand() command {
	return command{
		name: "spark", args: "up | jar | worker FILE TASK [ARGUMENT...]",
		short:   "start a local Spark, make the jar that starts gangs, or try a task of a gang on this machine",
		example: "lathe spark up --workers 2        (then spark.Connect with the address that it prints)",
		run:     runSpark,
	}
}

func runSpark(ctx context.Context, e *env) error {
	workers := e.flags.Int("workers", 0, "up: processes of a standalone cluster, each with one core; 0: executors in the server; worker: size of the gang")
	port := e.flags.Int("port", 0, "up: port of the server; 0: any")
	memory := e.flags.String("memory", "1g", "up: memory of the server and of each executor")
	out := e.flags.String("o", "lathe-gang.jar", "jar: file to write")
	if err := e.parse(); err != nil {
		return err
	}
	if len(e.args) > 0 && e.args[0] == "worker" {
		return tryWorkers(ctx, e, *workers)
	}
	if len(e.args) != 1 || e.args[0] != "up" && e.args[0] != "jar" {
		return usagef("spark wants up, jar or worker, got %q", e.args)
	}
	home, err := local.Home()
	if err != nil {
		return err
	}
	if e.args[0] == "jar" {
		b, err := gang.Jar(home)
		if err != nil {
			return err
		}
		if err := os.WriteFile(*out, b, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s: %d bytes, for the Spark in %s\n", *out, len(b), home)
		return nil
	}
	c, err := local.Start(home, local.Options{Workers: *workers, Port: *port, Memory: *memory})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Spark answers at %s\nlogs are in %s; an interrupt ends it\n", c.Address, c.Dir)
	<-ctx.Done()
	return c.Stop()
}
