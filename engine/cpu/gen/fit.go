package main

import (
	"math"
	"math/big"
)

// fit returns the coefficients, the highest first, of the polynomial of degree n that interpolates f
// at the Chebyshev nodes of [lo, hi]; its error is within a small factor of the least possible.
func fit(f func(x float64) float64, lo, hi float64, n int) []float64 {
	const precision = 400
	num := func(x float64) *big.Float { return big.NewFloat(x).SetPrec(precision) }
	x, d := make([]float64, n+1), make([]*big.Float, n+1)
	for i := range x {
		x[i] = (lo+hi)/2 + (hi-lo)/2*math.Cos((float64(i)+0.5)*math.Pi/float64(n+1))
		d[i] = num(f(x[i]))
	}
	for k := 1; k <= n; k++ { // Newton's divided differences
		for i := n; i >= k; i-- {
			d[i].Sub(d[i], d[i-1])
			d[i].Quo(d[i], num(0).Sub(num(x[i]), num(x[i-k])))
		}
	}
	p := make([]*big.Float, n+1) // p[i] belongs to the i-th power
	for i := range p {
		p[i] = num(0)
	}
	for k := n; k >= 0; k-- { // p = p·(x − x[k]) + d[k]
		for i := n; i >= 0; i-- {
			p[i].Mul(p[i], num(-x[k]))
			if i > 0 {
				p[i].Add(p[i], p[i-1])
			}
		}
		p[0].Add(p[0], d[k])
	}
	c := make([]float64, n+1)
	for i := range p {
		c[n-i], _ = p[i].Float64()
	}
	return c
}

// ofSquare turns an odd f into the function of x² by which x is multiplied.
func ofSquare(f func(x float64) float64) func(z float64) float64 {
	return func(z float64) float64 { return f(math.Sqrt(z)) / math.Sqrt(z) }
}
