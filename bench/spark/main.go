// Command spark measures package spark beside its peers and prints tables for bench/results-spark.md.
//
//	go build -o /tmp/bench-spark ./bench/spark
//	/tmp/bench-spark -python bench/.venv/bin/python ring      all-reduce beside gloo (torch.distributed)
//	/tmp/bench-spark -bind train [ADDRESS]                    two workers beside one, here or in a Spark's executors
//	/tmp/bench-spark scale                                    a model of the ring for up to 1,024 ranks
//	lathe spark up                                            prints ADDRESS
//	/tmp/bench-spark -python PYSPARK/bin/python pyspark ADDRESS [OPERATION...]
//
// It claims nothing about clusters of more than one machine.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"runtime/pprof"

	"github.com/lathe-ml/lathe/spark/gang"
)

func main() {
	gang.Main()
	log.SetFlags(0)
	python := flag.String("python", "", "Python that has the peer")
	bind := flag.Bool("bind", false, "train: give each worker a processor of its own")
	tls := flag.Bool("tls", false, "train: encrypt")
	profile := flag.String("profile", "", "file for a profile of this process's time")
	flag.Parse()
	stop, err := profiled(*profile)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	switch flag.Arg(0) {
	case "ring":
		err = ring(ctx, *python)
	case "train":
		err = train(ctx, flag.Arg(1), *bind, *tls)
	case "scale":
		err = scale(ctx)
	case "pyspark":
		if flag.NArg() < 2 {
			log.Fatal("bench/spark: pyspark wants the address of a server")
		}
		err = pyspark(ctx, *python, flag.Arg(1), flag.Args()[2:])
	default:
		log.Fatalf("bench/spark: %q; want ring, train, scale or pyspark", flag.Arg(0))
	}
	if err := errors.Join(err, stop()); err != nil {
		log.Fatal(err)
	}
}

// profiled writes where this process spends its time to file, if there is a name, until stop.
func profiled(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, pprof.StartCPUProfile(f)
}
