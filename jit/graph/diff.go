package graph

import (
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// Diff lists the lines in which the texts of two graphs differ: those of a alone behind "- ", those of b
// alone behind "+ ". It is empty for equal graphs.
func Diff(a, b *Graph) string {
	x, y := lines(a), lines(b)
	// common[i][j] is the length of the longest common subsequence of x[i:] and y[j:].
	common := make([][]int, len(x)+1)
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out strings.Builder
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			out.WriteString("- " + x[i] + "\n")
			i++
		default:
			out.WriteString("+ " + y[j] + "\n")
			j++
		}
	}
	return out.String()
}

func lines(g *Graph) []string { return strings.Split(strings.TrimSuffix(g.String(), "\n"), "\n") }

// Scalar returns the value of a real array with one element.
func Scalar(a engine.Array) (float64, bool) {
	if a.Numel() != 1 {
		return 0, false
	}
	switch a.DType {
	case engine.F32:
		return float64(engine.View[float32](a)[0]), true
	case engine.F64:
		return engine.View[float64](a)[0], true
	case engine.I64:
		return float64(engine.View[int64](a)[0]), true
	case engine.I32:
		return float64(engine.View[int32](a)[0]), true
	case engine.Bool, engine.U8:
		return float64(engine.View[uint8](a)[0]), true
	}
	return 0, false
}
