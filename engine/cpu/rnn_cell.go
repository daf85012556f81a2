package cpu

import "math"

func sigmoidOf[T float](x T) T { return T(1 / (1 + math.Exp(-float64(x)))) }

func tanhOf[T float](x T) T { return T(math.Tanh(float64(x))) }

// lstmRow computes one row of an LSTM cell. g holds the four gates before their functions and then
// after them: i, f, o = σ, g = tanh; c = f·p + i·g from the cell p before, h = o·tanh c.
func lstmRow[T float](g, p, c, h []T) {
	from, n := 0, len(c)
	if f, ok := any(g).([]float32); ok && lstmCell != nil {
		from = lstmCell(f, any(p).([]float32), any(c).([]float32), any(h).([]float32))
	}
	for j := from; j < n; j++ {
		i, f, o := sigmoidOf(g[j]), sigmoidOf(g[n+j]), sigmoidOf(g[3*n+j])
		u := tanhOf(g[2*n+j])
		c[j] = f*p[j] + i*u
		h[j] = o * tanhOf(c[j])
		g[j], g[n+j], g[2*n+j], g[3*n+j] = i, f, u, o
	}
}

// lstmRowGrad turns the gradients dh of the output and dc of the cell into those of the gates before
// their functions, and dc into that of the cell before.
func lstmRowGrad[T float](g, c, p, dh, dc, dg []T) {
	from, n := 0, len(c)
	if f, ok := any(g).([]float32); ok && lstmCellGrad != nil {
		from = lstmCellGrad(f, any(c).([]float32), any(p).([]float32), any(dh).([]float32),
			any(dc).([]float32), any(dg).([]float32))
	}
	for j := from; j < n; j++ {
		i, f, u, o := g[j], g[n+j], g[2*n+j], g[3*n+j]
		t := tanhOf(c[j])
		d := dc[j] + dh[j]*o*(1-t*t)
		dg[j] = d * u * i * (1 - i)
		dg[n+j] = d * p[j] * f * (1 - f)
		dg[2*n+j] = d * i * (1 - u*u)
		dg[3*n+j] = dh[j] * t * o * (1 - o)
		dc[j] = d * f
	}
}

// gruRow computes one row of a GRU cell. g holds r and z, the input's part of n and the state's part
// q; then r, z = σ, n = tanh(n + r·q) and h = n + z·(p − n) from the state p before.
func gruRow[T float](g, p, h []T) {
	from, n := 0, len(h)
	if f, ok := any(g).([]float32); ok && gruCell != nil {
		from = gruCell(f, any(p).([]float32), any(h).([]float32))
	}
	for j := from; j < n; j++ {
		r, z := sigmoidOf(g[j]), sigmoidOf(g[n+j])
		u := tanhOf(g[2*n+j] + r*g[3*n+j])
		h[j] = u + z*(p[j]-u)
		g[j], g[n+j], g[2*n+j] = r, z, u
	}
}

// gruRowGrad turns the gradient dh of the state into those of r, z, n before their functions and of q,
// and leaves in dh the part that goes straight to the state before.
func gruRowGrad[T float](g, p, dh, dg []T) {
	from, n := 0, len(p)
	if f, ok := any(g).([]float32); ok && gruCellGrad != nil {
		from = gruCellGrad(f, any(p).([]float32), any(dh).([]float32), any(dg).([]float32))
	}
	for j := from; j < n; j++ {
		r, z, u, q, d := g[j], g[n+j], g[2*n+j], g[3*n+j], dh[j]
		du := d * (1 - z) * (1 - u*u)
		dg[j] = du * q * r * (1 - r)
		dg[n+j] = d * (p[j] - u) * z * (1 - z)
		dg[2*n+j] = du
		dg[3*n+j] = du * r
		dh[j] = d * z
	}
}

// The routines of the current level return how many columns they computed; nil at the portable one.
var (
	lstmCell     func(g, p, c, h []float32) int
	lstmCellGrad func(g, c, p, dh, dc, dg []float32) int
	gruCell      func(g, p, h []float32) int
	gruCellGrad  func(g, p, dh, dg []float32) int
)
