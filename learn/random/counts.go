package random

import "math"

// Poisson returns a count with that mean.
func (s *State) Poisson(mean float64) int {
	switch {
	case mean >= 10:
		return s.poissonPTRS(mean)
	case mean <= 0:
		return 0
	}
	limit, product := math.Exp(-mean), 1.0
	for n := 0; ; n++ {
		if product *= s.Float64(); product <= limit {
			return n
		}
	}
}

// poissonPTRS is transformed rejection (Hörmann 1993).
func (s *State) poissonPTRS(mean float64) int {
	root, logMean := math.Sqrt(mean), math.Log(mean)
	b := 0.931 + 2.53*root
	a := -0.059 + 0.02483*b
	inv := 1.1239 + 1.1328/(b-3.4)
	vr := 0.9277 - 3.6224/(b-2)
	for {
		u, v := s.Float64()-0.5, s.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + mean + 0.43)
		if us >= 0.07 && v <= vr {
			return int(k)
		}
		if k < 0 || us < 0.013 && v > us {
			continue
		}
		g, _ := math.Lgamma(k + 1)
		if math.Log(v)+math.Log(inv)-math.Log(a/(us*us)+b) <= -mean+k*logMean-g {
			return int(k)
		}
	}
}

// Binomial returns how many of n trials succeed with probability p.
func (s *State) Binomial(n int, p float64) int {
	if n == 0 || p == 0 {
		return 0
	}
	if p > 0.5 {
		return n - s.Binomial(n, 1-p)
	}
	if p*float64(n) <= 30 {
		return s.binomialInversion(n, p)
	}
	return s.binomialBTPE(n, p)
}

func (s *State) binomialInversion(n int, p float64) int {
	q, f := 1-p, float64(n)
	start := math.Exp(f * math.Log(q))
	np := f * p
	bound := int(min(f, np+10*math.Sqrt(np*q+1)))
	x, px, u := 0, start, s.Float64()
	for u > px {
		if x++; x > bound {
			x, px, u = 0, start, s.Float64()
			continue
		}
		u -= px
		px = float64(n-x+1) * p * px / (float64(x) * q)
	}
	return x
}

// binomialBTPE is the method of Kachitvichyanukul and Schmeiser (1988), for p ≤ ½.
func (s *State) binomialBTPE(n int, r float64) int {
	q, f := 1-r, float64(n)
	fm := f*r + r
	m := math.Floor(fm)
	p1 := math.Floor(2.195*math.Sqrt(f*r*q)-4.6*q) + 0.5
	xm := m + 0.5
	xl, xr := xm-p1, xm+p1
	c := 0.134 + 20.5/(15.3+m)
	a := (fm - xl) / (fm - xl*r)
	left := a * (1 + a/2)
	a = (xr - fm) / (xr * q)
	right := a * (1 + a/2)
	p2 := p1 * (1 + 2*c)
	p3 := p2 + c/left
	p4 := p3 + c/right
	for {
		u, v := s.Float64()*p4, s.Float64()
		var y float64
		switch {
		case u <= p1:
			return int(math.Floor(xm - p1*v + u))
		case u <= p2:
			x := xl + (u-p1)/c
			if v = v*c + 1 - math.Abs(m-x+0.5)/p1; v > 1 {
				continue
			}
			y = math.Floor(x)
		case u <= p3:
			if y = math.Floor(xl + math.Log(v)/left); y < 0 || v == 0 {
				continue
			}
			v *= (u - p2) * left
		default:
			if y = math.Floor(xr - math.Log(v)/right); y > f || v == 0 {
				continue
			}
			v *= (u - p3) * right
		}
		if accepted(f, r, m, xm, y, v) {
			return int(y)
		}
	}
}

// accepted is the test of binomialBTPE for a candidate y.
func accepted(n, r, m, xm, y, v float64) bool {
	q, k := 1-r, math.Abs(y-m)
	nrq := n * r * q
	if k <= 20 || k >= nrq/2-1 {
		s, f := r/q, 1.0
		a := s * (n + 1)
		for i := m + 1; i <= y; i++ {
			f *= a/i - s
		}
		for i := y + 1; i <= m; i++ {
			f /= a/i - s
		}
		return v <= f
	}
	rho := (k / nrq) * ((k*(k/3+0.625)+0.16666666666666666)/nrq + 0.5)
	t, l := -k*k/(2*nrq), math.Log(v)
	if l < t-rho {
		return true
	}
	if l > t+rho {
		return false
	}
	x, f, z, w := y+1, m+1, n+1-m, n-y+1
	stirling := func(v float64) float64 {
		v2 := v * v
		return (13680 - (462-(132-(99-140/v2)/v2)/v2)/v2) / v / 166320
	}
	return l <= xm*math.Log(f/x)+(n-m+0.5)*math.Log(z/w)+(y-m)*math.Log(w*r/(x*q))+
		stirling(f)+stirling(z)+stirling(x)+stirling(w)
}

// Multinomial returns how many of n trials end in each of the outcomes.
func (s *State) Multinomial(n int, p []float64) []int {
	out, left := make([]int, len(p)), 1.0
	for i, v := range p[:len(p)-1] {
		out[i] = s.Binomial(n, v/left)
		if n -= out[i]; n <= 0 {
			return out
		}
		left -= v
	}
	out[len(p)-1] = n
	return out
}
