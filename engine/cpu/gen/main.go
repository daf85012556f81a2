// Command gen writes the assembly of package cpu: matrix, elementwise, reduction and optimizer
// routines for AVX-512 and for AVX2 with FMA.
//
//	go generate ./engine/cpu
//
// Each family of routines goes to its own file, simd_FAMILY_amd64.s, with the Go declarations
// beside it. Every routine has a portable twin in package cpu, which the tests compare it with. gen
// decides nothing about blocking, threads or dispatch.
package main

import (
	"flag"
	"log"
	"maps"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

var zmm = []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}

var ymm = []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
}

// families are the routines by output file.
var families = map[string]func(){
	"gemm":      func() { gemm512(); gemm256(); gemv() },
	"transpose": transpositions,
	"conv":      func() { maxPool2(); correlations(); columnRoutines(); windowRoutines(); depthTiles() },
	"lanes":     laneRoutines,
	"vector":    elementwise,
	"compare":   comparisons,
	"integer":   integers,
	"quant":     quantized,
	"random":    randoms,
	"norm":      norms,
	"reduce":    reductions,
	"attention": attention,
	"rnn":       recurrences,
	"winograd":  winograds,
}

func main() {
	family := flag.String("family", "", "family of routines to write")
	flag.Parse()
	write, ok := families[*family]
	if !ok {
		log.Fatalf("gen: -family %q is none of %v", *family, slices.Sorted(maps.Keys(families)))
	}
	ConstraintExpr("amd64")
	write()
	Generate()
}
