package main

// One row of a recurrent cell and of its gradient; the formulas are at the twins in cpu/rnn_cell.go.

func recurrences() {
	for _, v := range []*isa{avx512, avx2} {
		v.lstm()
		v.gru()
	}
}

func reads(names ...string) []operand {
	var all []operand
	for _, n := range names {
		all = append(all, operand{name: n, read: true})
	}
	return all
}

func writes(names ...string) []operand {
	var all []operand
	for _, n := range names {
		all = append(all, operand{name: n, write: true})
	}
	return all
}

func changes(names ...string) []operand {
	all := reads(names...)
	for i := range all {
		all[i].write = true
	}
	return all
}

// oneMinus returns 1 − x.
func (v *isa) oneMinus(x vec) vec { return v.sub(v.load(c(1)), x) }

func (v *isa) lstm() {
	v.routine("lstmCell", append(append(changes("i", "f", "u", "o"), reads("p")...), writes("c", "h")...), nil,
		func(in []vec, _ func(int) vec) []vec {
			f := v.sigmoid(in[1])
			cell := v.mul(f, in[4])
			i := v.sigmoid(in[0])
			g := v.tanh(in[2])
			cell = v.fma(i, g, cell)
			o := v.sigmoid(in[3])
			return []vec{i, f, g, o, cell, v.mul(o, v.tanh(cell))}
		})
	arrays := append(reads("i", "f", "u", "o", "c", "p", "dh"), changes("dc")...)
	v.routine("lstmCellGrad", append(arrays, writes("di", "df", "du", "do")...), nil,
		func(in []vec, _ func(int) vec) []vec {
			i, f, g, o, p, dh := in[0], in[1], in[2], in[3], in[5], in[6]
			t := v.tanh(in[4])
			u := v.mul(dh, o)
			dc := v.fma(u, v.fnma(t, t, c(1)), in[7])
			do := v.mul(v.mul(v.mul(dh, t), o), v.oneMinus(o))
			di := v.mul(v.mul(v.mul(dc, g), i), v.oneMinus(i))
			df := v.mul(v.mul(v.mul(dc, p), f), v.oneMinus(f))
			dg := v.mul(v.mul(dc, i), v.fnma(g, g, c(1)))
			return []vec{v.mul(dc, f), di, df, dg, do}
		})
}

func (v *isa) gru() {
	v.routine("gruCell", append(append(changes("r", "z", "c"), reads("q", "p")...), writes("h")...), nil,
		func(in []vec, _ func(int) vec) []vec {
			r, z := v.sigmoid(in[0]), v.sigmoid(in[1])
			n := v.tanh(v.fma(r, in[3], in[2]))
			return []vec{r, z, n, v.fma(z, v.sub(in[4], n), n)}
		})
	arrays := append(reads("r", "z", "c", "q", "p"), changes("dh")...)
	v.routine("gruCellGrad", append(arrays, writes("dr", "dz", "dc", "dq")...), nil,
		func(in []vec, _ func(int) vec) []vec {
			r, z, n, q, p, dh := in[0], in[1], in[2], in[3], in[4], in[5]
			dz := v.mul(v.mul(v.mul(dh, v.sub(p, n)), z), v.oneMinus(z))
			dn := v.mul(v.mul(dh, v.oneMinus(z)), v.fnma(n, n, c(1)))
			dr := v.mul(v.mul(v.mul(dn, q), r), v.oneMinus(r))
			return []vec{v.mul(dh, z), dr, dz, dn, v.mul(dn, r)}
		})
}
