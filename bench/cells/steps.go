package main

import (
	_ "embed"
	"fmt"
	"math"
	"strings"
	"time"
)

//go:embed networks.go
var networks string

// steps prints what a step of training takes in a cell and compiled, the best of nine rounds that take turns.
func steps() error {
	_, cell, _ := strings.Cut(networks, "\n)\n") // without the imports, which a session has
	var sides []side
	for _, name := range []string{"exact", "yaegi"} {
		s, err := executor(name)
		if err != nil {
			return err
		}
		if err := s.do(cell); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		sides = append(sides, s)
	}
	fmt.Println("| ms per step | compiled | exact | yaegi, lowered | exact/compiled | yaegi/compiled |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, c := range []struct {
		name, make string
		native     func() func()
		n          int
	}{{"MLP b32", "mlp", mlp, 400}, {"CNN b64", "cnn", cnn, 10}, {"ResNet-18 b8", "resNet18", resNet18, 1}} {
		for _, s := range sides {
			if err := s.do(c.make + "Step := " + c.make + "();"); err != nil {
				return fmt.Errorf("%s: %s: %w", c.name, s.name, err)
			}
		}
		native := c.native()
		best := []float64{math.Inf(1), math.Inf(1), math.Inf(1)}
		note := func(k int, began time.Time) { best[k] = min(best[k], time.Since(began).Seconds()*1e3/float64(c.n)) }
		for range 9 {
			began := time.Now()
			for range c.n {
				native()
			}
			note(0, began)
			for k, s := range sides {
				began := time.Now()
				if err := s.do(fmt.Sprintf("for range %d { %sStep() }", c.n, c.make)); err != nil {
					return fmt.Errorf("%s: %s: %w", c.name, s.name, err)
				}
				note(k+1, began)
			}
		}
		fmt.Printf("| %s | %.3f | %.3f | %.3f | %.2f | %.2f |\n", c.name, best[0], best[1], best[2], best[1]/best[0], best[2]/best[0])
	}
	return nil
}
