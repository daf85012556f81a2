package cpu

// hookRecurrence installs the routines of a level. Those of AVX2 compute whole vectors.
func hookRecurrence(level string) {
	lstmCell, lstmCellGrad, gruCell, gruCellGrad = nil, nil, nil, nil
	switch level {
	case "avx512":
		lstmCell, lstmCellGrad = lstmWith(lstmCell512, 0), lstmGradWith(lstmCellGrad512, 0)
		gruCell, gruCellGrad = gruWith(gruCell512, 0), gruGradWith(gruCellGrad512, 0)
	case "avx2":
		lstmCell, lstmCellGrad = lstmWith(lstmCell256, 7), lstmGradWith(lstmCellGrad256, 7)
		gruCell, gruCellGrad = gruWith(gruCell256, 7), gruGradWith(gruCellGrad256, 7)
	}
}

func lstmWith(
	f func(i, f, g, o, p, c, h *float32, n int), low int,
) func(g, p, c, h []float32) int {
	return func(g, p, c, h []float32) int {
		n := len(c)
		k := n &^ low
		if k > 0 {
			f(&g[0], &g[n], &g[2*n], &g[3*n], &p[0], &c[0], &h[0], k)
		}
		return k
	}
}

func lstmGradWith(
	f func(i, f, g, o, c, p, dh, dc, di, df, dg, do *float32, n int), low int,
) func(g, c, p, dh, dc, dg []float32) int {
	return func(g, c, p, dh, dc, dg []float32) int {
		n := len(c)
		k := n &^ low
		if k > 0 {
			f(&g[0], &g[n], &g[2*n], &g[3*n], &c[0], &p[0], &dh[0], &dc[0], &dg[0], &dg[n], &dg[2*n],
				&dg[3*n], k)
		}
		return k
	}
}

func gruWith(f func(r, z, c, q, p, h *float32, n int), low int) func(g, p, h []float32) int {
	return func(g, p, h []float32) int {
		n := len(h)
		k := n &^ low
		if k > 0 {
			f(&g[0], &g[n], &g[2*n], &g[3*n], &p[0], &h[0], k)
		}
		return k
	}
}

func gruGradWith(
	f func(r, z, c, q, p, dh, dr, dz, dc, dq *float32, n int), low int,
) func(g, p, dh, dg []float32) int {
	return func(g, p, dh, dg []float32) int {
		n := len(p)
		k := n &^ low
		if k > 0 {
			f(&g[0], &g[n], &g[2*n], &g[3*n], &p[0], &dh[0], &dg[0], &dg[n], &dg[2*n], &dg[3*n], k)
		}
		return k
	}
}
