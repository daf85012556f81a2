package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// matrixOps holds what the gradient rules of linear algebra apply; see prim.
var matrixOps struct{ solve, solveTriangular, choleskySolve, scatter *Def }

func init() {
	m := &matrixOps
	m.solve, m.solveTriangular, m.choleskySolve, m.scatter = Solve, SolveTriangular, CholeskySolve, Scatter
}

// rounding is the tolerance of factorizations.
var rounding = Tolerance{
	Rel32: 1e-4, Rel64: 1e-10, Reason: "the condition of the matrix multiplies rounding errors",
}

// squareShape is the batch and the order of square matrices.
func squareShape(t Type) (batch engine.Shape, n int, err error) {
	batch, m, n, err := matrixShape(t)
	if err == nil && m != n {
		err = fmt.Errorf("the matrix is %d by %d, want a square one", m, n)
	}
	return batch, n, err
}

// matrixShape splits a shape into batch, rows and columns.
func matrixShape(t Type) (batch engine.Shape, m, n int, err error) {
	k := len(t.Shape) - 2
	if k < 0 {
		return nil, 0, 0, fmt.Errorf("want matrices, [… m n], got shape %v", t.Shape)
	}
	return t.Shape[:k:k], t.Shape[k], t.Shape[k+1], nil
}

func with(t Type, batch engine.Shape, tail ...int) Type {
	return Type{DType: t.DType, Shape: append(batch.Clone(), tail...)}
}

// systemRule is the rule of systems a·x = b.
func systemRule(_ Attrs, in []Type) ([]Type, error) {
	batch, n, err := squareShape(in[0])
	if err != nil {
		return nil, err
	}
	other, rows, _, err := matrixShape(in[1])
	if err == nil && (rows != n || !other.Equal(batch)) {
		err = fmt.Errorf("the right side must be %v with columns", with(in[0], batch, n).Shape)
	}
	return in[1:], err
}

func matmul(b Builder, x, y Value) Value { return b.Apply(prim.matMul, nil, x, y)[0] }

// band keeps the elements of x for which keep(column − row, k) holds.
func band(b Builder, x Value, keep *Def, k float64) Value {
	s := x.Type().Shape
	m, n := s[len(s)-2], s[len(s)-1]
	count := func(start, n int) Value {
		return b.Apply(Range, RangeAttrs{Start: float64(start), Step: 1, N: n, DType: engine.I64})[0]
	}
	rows := reshape(b, count(0, m), engine.Shape{m, 1})
	mask := b.Apply(keep, nil, sub(b, count(0, n), rows), num(b, rows, k))[0]
	return where(b, mask, x, num(b, x, 0))
}

func lower(b Builder, x Value, k float64) Value { return band(b, x, prim.le, k) }
func upper(b Builder, x Value, k float64) Value { return band(b, x, prim.ge, k) }

// adjoint is xᴴ, the transpose of real matrices.
func adjoint(b Builder, x Value) Value { return swap(b, conj(b, x)) }

// solveT solves aᴴ·x = y for a triangular a, which is upper when up.
func solveT(b Builder, a, y Value, up, unit bool) Value {
	return b.Apply(matrixOps.solveTriangular, TriangularAttrs{Upper: !up, Unit: unit}, adjoint(b, a), y)[0]
}

// TriangularAttrs say which part of a matrix counts.
type TriangularAttrs struct{ Upper, Unit bool }

// Systems of linear equations.
var (
	Solve = Register(&Def{
		Name: "Solve", Inputs: []string{"a", "b"}, Outputs: []string{"x"},
		Doc: "Solve returns x with a·x = b for square matrices: a [… n n], b [… n k]. Panics when a " +
			"matrix is singular. Agrees with torch.linalg.solve.",
		Promote: ToCommon, Takes: []Kinds{Reals | Complexes}, Saves: SaveIn0 | SaveOut0, Tol: rounding,
		Rule: systemRule,
		CPU:  func(_ Attrs, out, in []engine.Array) { check("Solve", cpu.Solve(out[0], in[0], in[1])) },
		Grad: func(b Builder, c *Call) []Value {
			db := b.Apply(matrixOps.solve, nil, adjoint(b, c.In[0]), c.DOut[0])[0]
			g := []Value{nil, db}
			if c.Wants(0) {
				g[0] = neg(b, matmul(b, db, adjoint(b, c.Out[0])))
			}
			return g
		},
		Cases: func() []Case { return systemCases() },
	})
	SolveTriangular = Register(&Def{
		Name: "SolveTriangular", Inputs: []string{"a", "b"}, Outputs: []string{"x"},
		Doc: "SolveTriangular returns x with a·x = b, where only the lower (Upper: upper) part of a " +
			"[… n n] counts, with ones on the diagonal when Unit; b is [… n k]. Agrees with " +
			"torch.linalg.solve_triangular.",
		Attrs: TriangularAttrs{}, Promote: ToCommon, Takes: []Kinds{Reals | Complexes}, Saves: SaveIn0 | SaveOut0,
		Tol: rounding, Rule: systemRule,
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(TriangularAttrs)
			check("SolveTriangular", cpu.SolveTriangular(out[0], in[0], in[1], p.Upper, p.Unit))
		},
		Grad: func(b Builder, c *Call) []Value {
			p := c.Attrs.(TriangularAttrs)
			db := solveT(b, c.In[0], c.DOut[0], p.Upper, p.Unit)
			g := []Value{nil, db}
			if c.Wants(0) {
				k, part := 0.0, lower
				if p.Unit {
					k = -1
				}
				if p.Upper {
					k, part = -k, upper
				}
				g[0] = part(b, neg(b, matmul(b, db, adjoint(b, c.Out[0]))), k)
			}
			return g
		},
		Cases: func() []Case { return triangularCases() },
	})
	// dl = −(dA + dAᴴ)·l with dA = db·xᴴ, of the system A·x = b with A = l·lᴴ
	CholeskySolve = Register(&Def{
		Name: "CholeskySolve", Inputs: []string{"l", "b"}, Outputs: []string{"x"},
		Doc: "CholeskySolve returns x with l·lᴴ·x = b for lower triangular matrices l [… n n]; b is [… n " +
			"k]. The gradient of l does not leave out its upper part. Agrees with torch.cholesky_solve.",
		Promote: ToCommon, Takes: []Kinds{Reals | Complexes}, Saves: SaveIn0 | SaveOut0, Tol: rounding, Rule: systemRule,
		CPU: func(_ Attrs, out, in []engine.Array) {
			check("CholeskySolve", cpu.CholeskySolve(out[0], in[0], in[1]))
		},
		Grad: func(b Builder, c *Call) []Value {
			db := b.Apply(matrixOps.choleskySolve, nil, c.In[0], c.DOut[0])[0]
			g := []Value{nil, db}
			if c.Wants(0) {
				da := matmul(b, db, adjoint(b, c.Out[0]))
				g[0] = neg(b, matmul(b, add(b, da, adjoint(b, da)), c.In[0]))
			}
			return g
		},
		Cases: func() []Case { return ungraded(systemCases(), "the gradient has an upper part") },
	})
	LogDet = Register(&Def{
		Name: "LogDet", Inputs: []string{"a"}, Outputs: []string{"sign", "log"},
		Doc: "LogDet returns the sign (−1, 0 or 1; for complex ones det a/|det a|) and log|det a| of square " +
			"matrices [… n n]; −Inf for singular ones, which have no gradient. Agrees with torch.linalg.slogdet.",
		Takes: []Kinds{Reals | Complexes}, Saves: SaveIn0 | SaveOut0, Tol: rounding,
		Rule: func(_ Attrs, in []Type) ([]Type, error) {
			batch, _, err := squareShape(in[0])
			sign := with(in[0], batch)
			return []Type{sign, real1(sign)}, err
		},
		CPU:   func(_ Attrs, out, in []engine.Array) { check("LogDet", cpu.LogDet(out[0], out[1], in[0])) },
		Grad:  logDetGrad,
		Cases: func() []Case { return squareCases(false) },
	})
)

// logDetGrad is (dlog − i·Im(conj(dsign)·sign))·a⁻ᴴ; the sign of real matrices has no gradient.
func logDetGrad(b Builder, c *Call) []Value {
	a, f := c.In[0], c.DOut[1]
	if isComplex(a) && c.DOut[0] != nil {
		turn := b.Apply(complexOps.imag, nil, mul(b, conj(b, c.DOut[0]), c.Out[0]))[0]
		if f == nil {
			f = zeros(b, turn)
		}
		f = join1(b, f, neg(b, turn))
	}
	if f == nil {
		return []Value{nil}
	}
	t := a.Type()
	d := reshape(b, f, append(f.Type().Shape.Clone(), 1, 1))
	eye := lower(b, upper(b, b.Const(t, 1), 0), 0)
	return []Value{mul(b, d, b.Apply(matrixOps.solve, nil, adjoint(b, a), eye)[0])}
}

// wellBehaved are matrices of order n with eigenvalues far from 0 and from each other.
func wellBehaved(count, n int) []float64 {
	v := make([]float64, 0, count*n*n)
	for k := range count {
		for i := range n {
			for j := range n {
				x := 0.3 * float64((i*7+j*3+k*5)%5-2)
				if i == j {
					x += 2 + 1.5*float64(i)
				}
				v = append(v, x)
			}
		}
	}
	return v
}

func symmetricOf(count, n int) []float64 {
	v := wellBehaved(count, n)
	for k := range count {
		m := v[k*n*n:]
		for i := range n {
			for j := range i {
				m[j*n+i] = m[i*n+j]
			}
		}
	}
	return v
}

// squareCases are batches of square matrices, symmetric ones with positive eigenvalues when symmetric.
func squareCases(symmetric bool) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F64, engine.F32} {
		for _, s := range []engine.Shape{{1, 3, 3}, {1, 1}, {2, 4, 4}, {0, 3, 3}, {0, 0}} {
			n, name := s[len(s)-1], "general"
			data := wellBehaved(s[:len(s)-2].Numel(), n)
			if symmetric {
				name, data = "symmetric; differences are not", symmetricOf(s[:len(s)-2].Numel(), n)
			}
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v%v %s", t, s, name), In: []Type{{DType: t, Shape: s}},
				Data: [][]float64{data}, NoGrad: symmetric,
			})
		}
	}
	return cases
}

func systemCases() []Case {
	var cases []Case
	for _, c := range squareCases(false) {
		t := c.In[0]
		b := t.Shape.Clone()
		b[len(b)-1] = 2
		c.In, c.Data = append(c.In, Type{DType: t.DType, Shape: b}), append(c.Data, nil)
		cases = append(cases, c)
	}
	return cases
}

// ungraded are cases whose gradient differences do not check, and why.
func ungraded(cases []Case, why string) []Case {
	for i, c := range cases {
		cases[i].Name, cases[i].NoGrad = c.Name+"; "+why, true
	}
	return cases
}

func triangularCases() []Case {
	var cases []Case
	for i, p := range []TriangularAttrs{{}, {Upper: true}, {Unit: true}, {Upper: true, Unit: true}} {
		for _, c := range systemCases() {
			c.Attrs, c.Name = p, fmt.Sprintf("%s %d", c.Name, i)
			cases = append(cases, c)
		}
	}
	return cases
}
