package torch

import "fmt"

// The last of the tables: it wraps operators of the others.
func init() {
	for n := 1; n <= 3; n++ {
		name := fmt.Sprintf("%dd", n)
		for _, op := range []string{"conv", "conv_transpose"} {
			e := operators["nn.functional."+op+name]
			operators["nn.functional."+op+name] = throughF64(e, "input", "weight", "bias")
		}
		for _, op := range []string{"max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"} {
			e := operators["nn.functional."+op+name]
			operators["nn.functional."+op+name] = throughF64(e, "input")
		}
	}
	e := operators["nn.functional.bilinear"]
	operators["nn.functional.bilinear"] = throughF64(e, "input1", "input2", "weight", "bias")
}
