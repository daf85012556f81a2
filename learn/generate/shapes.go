package generate

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// positive fails when a size is below 1.
func positive(where, what string, n int) {
	if n < 1 {
		learn.Fail("generate."+where, "%s is %d; want at least 1", what, n)
	}
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// shuffled puts rows of x and y in a random order.
func shuffled(r *random.State, x, y *learn.Matrix) (*learn.Matrix, *learn.Matrix) {
	index := make([]int, x.Rows)
	for i := range index {
		index[i] = i
	}
	r.Shuffle(len(index), func(i, j int) { index[i], index[j] = index[j], index[i] })
	return learn.TakeRows(x, index).(*learn.Matrix), learn.TakeRows(y, index).(*learn.Matrix)
}

// MoonsOptions are the options of Moons and Circles.
type MoonsOptions struct {
	Samples int     // 0: 100
	Ordered bool    // rows are not shuffled
	Noise   float64 // standard deviation of what is added to the points
	Seed    int64
	Factor  float64 // Circles: radius of the inner circle, in [0, 1); 0: 0.8
}

// Moons returns two half circles that interleave, [samples 2], and which one each point is of
// (make_moons).
func Moons(o MoonsOptions) (x, y *learn.Matrix) {
	return twoCurves("Moons", o, func(i, outer, inner int) (a, b float64) {
		if i < outer {
			t := linspace(math.Pi, outer, i)
			return math.Cos(t), math.Sin(t)
		}
		t := linspace(math.Pi, inner, i-outer)
		return 1 - math.Cos(t), 1 - math.Sin(t) - 0.5
	})
}

// linspace is element i of n numbers from 0 to end.
func linspace(end float64, n, i int) float64 {
	if n == 1 {
		return 0
	}
	if i == n-1 {
		return end
	}
	return float64(i) * (end / float64(n-1))
}

// Circles returns a circle within a circle, [samples 2], and which one each point is of (make_circles).
func Circles(o MoonsOptions) (x, y *learn.Matrix) {
	if o.Factor == 0 {
		o.Factor = 0.8
	}
	if !(o.Factor >= 0 && o.Factor < 1) {
		learn.Fail("generate.Circles", "Factor is %v; want at least 0 and less than 1", o.Factor)
	}
	return twoCurves("Circles", o, func(i, outer, inner int) (a, b float64) {
		if i < outer {
			t := float64(i) * (2 * math.Pi / float64(outer))
			return math.Cos(t), math.Sin(t)
		}
		t := float64(i-outer) * (2 * math.Pi / float64(inner))
		return math.Cos(t) * o.Factor, math.Sin(t) * o.Factor
	})
}

func twoCurves(where string, o MoonsOptions, at func(i, outer, inner int) (a, b float64)) (x, y *learn.Matrix) {
	n := or(o.Samples, 100)
	positive(where, "Samples", n)
	r := random.New(o.Seed)
	x, y = learn.NewMatrix(n, 2), learn.NewMatrix(n, 1)
	outer := n / 2
	for i := range n {
		x.Data[2*i], x.Data[2*i+1] = at(i, outer, n-outer)
		if i >= outer {
			y.Data[i] = 1
		}
	}
	if !o.Ordered {
		x, y = shuffled(r, x, y)
	}
	if o.Noise > 0 {
		for i := range x.Data {
			x.Data[i] += r.Normal(0, o.Noise)
		}
	}
	return x, y
}

// RollOptions are the options of SwissRoll and SCurve.
type RollOptions struct {
	Samples int // 0: 100
	Noise   float64
	Hole    bool // SwissRoll: leave out the middle
	Seed    int64
}

// SwissRoll returns points of a rolled-up sheet, [samples 3], and where each lies along it (make_swiss_roll).
func SwissRoll(o RollOptions) (x, t *learn.Matrix) {
	n := or(o.Samples, 100)
	positive("SwissRoll", "Samples", n)
	r := random.New(o.Seed)
	x, t = learn.NewMatrix(n, 3), learn.NewMatrix(n, 1)
	if o.Hole {
		corner := r.Ints(8, n)
		for i := range n {
			c := corner[i]
			if c >= 4 {
				c++ // the middle one of nine is left out
			}
			t.Data[i], x.Data[3*i+1] = math.Pi*(1.5+float64(c/3)), float64(c%3)*7
		}
		for i := range n {
			t.Data[i] += r.Float64() * math.Pi
		}
		for i := range n {
			x.Data[3*i+1] += r.Float64() * 7
		}
	} else {
		for i := range n {
			t.Data[i] = 1.5 * math.Pi * (1 + 2*r.Float64())
		}
		for i := range n {
			x.Data[3*i+1] = 21 * r.Float64()
		}
	}
	for i := range n {
		x.Data[3*i], x.Data[3*i+2] = t.Data[i]*math.Cos(t.Data[i]), t.Data[i]*math.Sin(t.Data[i])
	}
	addColumns(r, x, o.Noise)
	return x, t
}

// addColumns adds noise column by column.
func addColumns(r *random.State, x *learn.Matrix, noise float64) {
	for j := range x.Cols {
		for i := range x.Rows {
			x.Data[i*x.Cols+j] += noise * r.Gauss()
		}
	}
}

// SCurve returns points of a sheet bent to an S, [samples 3], and where each lies along it (make_s_curve).
func SCurve(o RollOptions) (x, t *learn.Matrix) {
	n := or(o.Samples, 100)
	positive("SCurve", "Samples", n)
	r := random.New(o.Seed)
	x, t = learn.NewMatrix(n, 3), learn.NewMatrix(n, 1)
	for i := range n {
		t.Data[i] = 3 * math.Pi * (r.Float64() - 0.5)
	}
	for i, v := range t.Data {
		x.Data[3*i], x.Data[3*i+1] = math.Sin(v), 2*r.Float64()
		sign := 0.0
		switch {
		case v > 0:
			sign = 1
		case v < 0:
			sign = -1
		}
		x.Data[3*i+2] = sign * (math.Cos(v) - 1)
	}
	addColumns(r, x, o.Noise)
	return x, t
}

// BlobsOptions are the options of Blobs.
type BlobsOptions struct {
	Samples  int           // 0: 100
	Features int           // 0: 2
	Centers  int           // how many blobs; 0: 3
	At       *learn.Matrix // their centres [centers features]; nil: drawn from Box
	Std      float64       // standard deviation of a blob; 0: 1
	Box      [2]float64    // bounds of centres that are drawn; both 0: −10, 10
	Ordered  bool          // rows are not shuffled
	Seed     int64
}

// Blobs returns points around centres, [samples features], and the number of each point's centre (make_blobs).
func Blobs(o BlobsOptions) (x, y *learn.Matrix) {
	n, f, k := or(o.Samples, 100), or(o.Features, 2), or(o.Centers, 3)
	if o.Box == [2]float64{} {
		o.Box = [2]float64{-10, 10}
	}
	if o.Std == 0 {
		o.Std = 1
	}
	r := random.New(o.Seed)
	if o.At != nil {
		k, f = o.At.Rows, o.At.Cols
	}
	positive("Blobs", "Samples", n)
	positive("Blobs", "Features", f)
	positive("Blobs", "Centers", k)
	centers := o.At
	if centers == nil {
		centers = learn.NewMatrix(k, f)
		for i := range centers.Data {
			centers.Data[i] = r.Uniform(o.Box[0], o.Box[1])
		}
	}
	x, y = learn.NewMatrix(n, f), learn.NewMatrix(n, 1)
	at := 0
	for c := range k {
		rows := n / k
		if c < n%k {
			rows++
		}
		for range rows {
			for j := range f {
				x.Data[at*f+j] = r.Normal(centers.Data[c*f+j], o.Std)
			}
			y.Data[at] = float64(c)
			at++
		}
	}
	if !o.Ordered {
		x, y = shuffled(r, x, y)
	}
	return x, y
}
