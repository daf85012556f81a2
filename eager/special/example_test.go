package special_test

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
)

func Example() {
	x := eager.Of(-3, 0, 3)
	p := special.NormalCDF(x)
	fmt.Printf("%.4f\n", p.Float64s())
	fmt.Printf("%.3f\n", special.NormalInv(p).Float64s())
	fmt.Printf("%.4f\n", special.Digamma(eager.Of(1, 2)).Float64s())
	// Output:
	// [0.0013 0.5000 0.9987]
	// [-3.000 0.000 3.000]
	// [-0.5772 0.4228]
}
