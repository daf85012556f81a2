package cpu

import "github.com/lathe-ml/lathe/engine"

// flips reports whether c = a·b is faster as cᵀ = bᵀ·aᵀ: both have to be packed, and a, of which each thread packs
// all, is the smaller one. That is a layer x·wᵀ on few samples. Elements are the same sums in the same order.
func (g *product[T]) flips(threads int) bool {
	far := g.b.cs * g.size
	return g.given == nil && g.a.cs == 1 && g.b.rs == 1 && g.b.cs != 1 && !g.e.add && !g.e.rows && g.e.delta == 0 && !g.e.clamp &&
		g.e.alpha == 1 && g.m%g.strip == 0 && 2*g.m*threads <= g.n && g.k >= 64 && 2*g.k < 3*deepPacked &&
		far%4096 != 0 && g.m*g.n*g.k >= 4*leastWork
}

// runFlipped computes rows of cᵀ and stores them as columns of c.
func (g *product[T]) runFlipped(threads int) {
	tall := (g.n + threads - 1) / threads
	engine.Parallel((g.n+tall-1)/tall, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			g.runColumns(t*tall, min(tall, g.n-t*tall))
		}
	})
}

// runColumns computes n columns from j on. They lie behind the packed operand until they are done.
func (g *product[T]) runColumns(j, n int) {
	f := &product[T]{
		t: g.t, tile: g.tile, size: g.size, strip: g.strip, m: n, n: g.m, k: g.k, a: g.b.t(), b: g.a.t(),
		e: epilogue[T]{relu: g.e.relu, bias: g.e.bias, boff: g.e.boff + j, rows: true, alpha: 1}, strips: g.m / g.strip,
		kc: g.k,
	}
	f.a.off = g.b.at(0, j)
	w := newTask(f)
	defer w.release()
	packed := g.m * g.k
	f.c = matrix[T]{w.packRoom(packed + n*g.m)[packed:], 0, g.m, 1}
	w.m, w.end = n, f.strips
	w.run()
	transposeAny(g.c.d, f.c.d, g.c.at(0, j), 0, g.m, n, g.c.rs, g.m)
}
