// Command spark measures package spark beside its peers and prints tables for bench/results-spark.md.
//
//	go build -o /tmp/bench-spark ./bench/spark
//	/tmp/bench-spark -python bench/.venv/bin/python ring      all-reduce beside gloo (torch.distributed)
//	/tmp/bench-spark train                                    two workers beside one
//	/tmp/bench-spark scale                                    a model of the ring for up to 1,024 ranks
//	lathe spark up                                            prints ADDRESS
//	/tmp/bench-spark -python PYSPARK/bin/python pyspark ADDRESS [OPERATION...]
//
// It claims nothing about clusters of more than one machine.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/lathe-ml/lathe/spark/gang"
)

func main() {
	gang.Main()
	log.SetFlags(0)
	python := flag.String("python", "", "Python that has the peer")
	flag.Parse()
	ctx := context.Background()
	var err error
	switch flag.Arg(0) {
	case "ring":
		err = ring(ctx, *python)
	case "train":
		err = train(ctx)
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
	if err != nil {
		log.Fatal(err)
	}
}
