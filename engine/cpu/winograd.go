package cpu

import (
	"math"
	"unsafe"
)

// Winograd's transforms of 6×6 tiles: y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A gives m×m sums of r×r products, m+r = 7,
// from 36 multiplications instead of m²·r². The matrices evaluate polynomials at 0, ±√½, ±√2 and ∞. Sources:
// Lavin and Gray 2016; for the points, Barabasz et al. 2020.

// tileSide is the side of a transformed tile, tileSize the number of its elements.
const (
	tileSide = 6
	tileSize = tileSide * tileSide
)

var winogradPoints = [5]float64{0, math.Sqrt2 / 2, -math.Sqrt2 / 2, math.Sqrt2, -math.Sqrt2}

// winogradMatrix is a matrix of up to 6 rows and columns.
type winogradMatrix [tileSide][tileSide]float32

// inputMatrix is Bᵀ: the row of a point has the coefficients of Π(x − q) over the other points, the last one
// those over all.
func inputMatrix() (m winogradMatrix) {
	for i := range tileSide {
		c := []float64{1}
		for j, q := range winogradPoints {
			if i == j {
				continue
			}
			next := make([]float64, len(c)+1)
			for k, v := range c {
				next[k] -= q * v
				next[k+1] += v
			}
			c = next
		}
		for k, v := range c {
			m[i][k] = float32(v)
		}
	}
	return m
}

// filterMatrix is G for r elements: the row of a point p has its powers over Π(p − q).
func filterMatrix(r int) (m winogradMatrix) {
	for i, p := range winogradPoints {
		d := 1.0
		for j, q := range winogradPoints {
			if i != j {
				d *= p - q
			}
		}
		for j := range r {
			m[i][j] = float32(math.Pow(p, float64(j)) / d)
		}
	}
	m[tileSide-1][r-1] = 1
	return m
}

// outputMatrix is Aᵀ for m results: the powers of the points.
func outputMatrix(m int) (a winogradMatrix) {
	for i := range m {
		for j, p := range winogradPoints {
			a[i][j] = float32(math.Pow(p, float64(i)))
		}
	}
	a[m-1][tileSide-1] = 1
	return a
}

// both returns a·x·aᵀ, rows×rows from n×n elements.
func (a *winogradMatrix) both(x *winogradMatrix, rows, n int) (y winogradMatrix) {
	var half winogradMatrix
	for i := range rows {
		for j := range n {
			for k := range n {
				half[i][j] += a[i][k] * x[k][j]
			}
		}
	}
	for i := range rows {
		for j := range rows {
			for k := range n {
				y[i][j] += a[j][k] * half[i][k]
			}
		}
	}
	return y
}

// winogradTile is one inverse transform. The assembly knows the offsets of the fields; distances are in bytes.
type winogradTile struct {
	m          unsafe.Pointer // 36 vectors of count channels
	ldm        int            // between them
	count      int
	y          unsafe.Pointer // the first pixel
	row, pix   int
	rows, cols int // of the map, from the first pixel on
	bias       unsafe.Pointer
	flags      int // flagAdd, flagClamp
	delta      int // with flagAdd: from y to what is added
	low, high  uint64
}

// filterTransform computes G·g·Gᵀ of filters; see winogradKernels.
type filterTransform = func(u, w *float32, count, row, column, step, ldu int)

// winogradKernels are the transforms of an instruction set, which take whole vectors of lanes channels.
type winogradKernels struct {
	lanes int
	// input and grad transform 6×6 and 4×4 pixels of count channels, each at its own address, to vectors ldv
	// bytes apart: Bᵀ·x·B and G·x·Gᵀ.
	input, grad func(v *float32, x **float32, count, ldv int)
	// filters, by r, transform count filters of 32 columns, step bytes apart, whose elements are row and column
	// bytes apart.
	filters [6]filterTransform
	// outputs, by m, report whether all sums are finite.
	outputs [5]func(t *winogradTile) bool
}

var (
	inputB  = inputMatrix()
	filterG = [6]winogradMatrix{3: filterMatrix(3), 4: filterMatrix(4), 5: filterMatrix(5)}
	outputA = [5]winogradMatrix{2: outputMatrix(2), 3: outputMatrix(3), 4: outputMatrix(4)}
)

// winogradGo are the portable transforms.
var winogradGo = &winogradKernels{
	lanes:   1,
	input:   func(v *float32, x **float32, count, ldv int) { tableGo(&inputB, tileSide, v, x, count, ldv) },
	grad:    func(v *float32, x **float32, count, ldv int) { tableGo(&filterG[4], 4, v, x, count, ldv) },
	filters: [6]filterTransform{3: filtersOf(3), 4: filtersOf(4), 5: filtersOf(5)},
	outputs: [5]func(t *winogradTile) bool{
		2: func(t *winogradTile) bool { return outputGo(2, t) },
		3: func(t *winogradTile) bool { return outputGo(3, t) },
		4: func(t *winogradTile) bool { return outputGo(4, t) },
	},
}

// winograds are the transforms of the current level.
var winograds = winogradGo

func elementAt(p unsafe.Pointer, bytes int) *float32 { return (*float32)(unsafe.Add(p, bytes)) }

// scatter stores the elements of x ld bytes apart.
func (x *winogradMatrix) scatter(d unsafe.Pointer, ld int) {
	for k := range tileSize {
		*elementAt(d, k*ld) = x[k/tileSide][k%tileSide]
	}
}

func tableGo(a *winogradMatrix, n int, v *float32, x **float32, count, ldv int) {
	table := unsafe.Slice(x, n*n)
	for c := range count {
		var d winogradMatrix
		for k, p := range table {
			d[k/n][k%n] = *elementAt(unsafe.Pointer(p), 4*c)
		}
		d = a.both(&d, tileSide, n)
		d.scatter(unsafe.Add(unsafe.Pointer(v), 4*c), ldv)
	}
}

// filtersOf returns the portable transform of filters of r×r.
func filtersOf(r int) filterTransform {
	return func(u, w *float32, count, row, column, step, ldu int) {
		filtersGo(r, u, w, count, row, column, step, ldu)
	}
}

func filtersGo(r int, u, w *float32, count, row, column, step, ldu int) {
	for i := range count {
		for j := range strip {
			var g winogradMatrix
			for k := range r * r {
				g[k/r][k%r] = *elementAt(unsafe.Pointer(w), i*step+k/r*row+k%r*column+4*j)
			}
			g = filterG[r].both(&g, tileSide, r)
			g.scatter(unsafe.Add(unsafe.Pointer(u), 4*(i*strip+j)), ldu)
		}
	}
}

func outputGo(m int, t *winogradTile) bool {
	finite := true
	low, high := math.Float32frombits(uint32(t.low)), math.Float32frombits(uint32(t.high))
	for c := range t.count {
		var x winogradMatrix
		for k := range tileSize {
			x[k/tileSide][k%tileSide] = *elementAt(t.m, k*t.ldm+4*c)
		}
		x = outputA[m].both(&x, m, tileSide)
		for i := range min(m, t.rows) {
			for j := range min(m, t.cols) {
				y, v := elementAt(t.y, i*t.row+j*t.pix+4*c), x[i][j]
				finite = finite && v-v == 0
				v += *elementAt(t.bias, 4*c)
				if t.flags&flagAdd != 0 {
					v += *elementAt(unsafe.Pointer(y), t.delta)
				}
				if t.flags&flagClamp != 0 {
					v = bounded(v, low, high)
				}
				*y = v
			}
		}
	}
	return finite
}
