package cpu

import "github.com/lathe-ml/lathe/engine"

// flips reports whether c = a·b is faster as cᵀ = bᵀ·aᵀ: both have to be packed, and a, of which each thread packs
// all, is the smaller one. That is a layer x·wᵀ on few samples. Elements are the same sums in the same order.
func (g *product[T]) flips(threads int) bool {
	far := g.b.cs * g.size
	return g.given == nil && g.a.cs == 1 && g.b.rs == 1 && g.b.cs != 1 && !g.e.add && g.e.delta == 0 && !g.e.clamp &&
		g.e.alpha == 1 && g.m%g.strip == 0 && 2*g.m*threads <= g.n && g.k >= 64 && 2*g.k < 3*deepPacked &&
		far%4096 != 0 && g.m*g.n*g.k >= 4*leastWork
}

// runFlipped computes rows of cᵀ, which begins with the bias, and stores them as columns of c.
func (g *product[T]) runFlipped(threads int) {
	var buf *engine.Buffer
	columns := matrix[T]{room[T](&buf, g.n*g.m, g.size), 0, g.m, 1}
	defer buf.Release()
	f := &product[T]{
		t: g.t, tile: g.tile, size: g.size, strip: g.strip, m: g.n, n: g.m, k: g.k, c: columns, a: g.b.t(), b: g.a.t(),
		e: epilogue[T]{relu: g.e.relu, add: g.e.bias != nil, alpha: 1}, strips: g.m / g.strip, kc: g.k,
	}
	f.tall = (g.n + threads - 1) / threads
	engine.Parallel((g.n+f.tall-1)/f.tall, 1, func(lo, hi int) {
		w := newTask(f)
		w.end = f.strips
		for t := lo; t < hi; t++ {
			w.i = t * f.tall
			w.m = min(f.tall, f.m-w.i)
			if f.e.add { // the bias as g.m equal rows
				transposeAny(columns.d, g.e.bias, w.i*g.m, g.e.boff+w.i, w.m, g.m, g.m, 0)
			}
			w.run()
			transposeAny(g.c.d, columns.d, g.c.at(0, w.i), w.i*g.m, g.m, w.m, g.c.rs, g.m)
		}
		w.release()
	})
}
