// Package shapes is a package of the notebook's own module.
package shapes

import (
	"fmt"

	"example.com/dep"
	"example.com/dep/sub"
)

var order = []string{"shapes after " + dep.Ready}

func init() { order = append(order, "init") }

// Order tells how the packages were initialized.
func Order() []string { return order }

// Square is a shape.
type Square struct{ Side float64 }

// Area is the side squared.
func (s *Square) Area() float64 { return s.Side * s.Side }

// String describes the square.
func (s *Square) String() string { return fmt.Sprintf("square of %v", s.Side) }

// Largest returns the shape with the largest area.
func Largest[S interface{ Area() float64 }](list ...S) S { return sub.MaxBy(list, S.Area) }
