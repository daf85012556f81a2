package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// PInvAttrs say which singular values count as 0: those of at most max(Absolute, Relative·largest).
type PInvAttrs struct {
	Absolute, Relative float64
	Symmetric          bool // only the lower part is read; the gradient is that of a symmetric matrix
}

// CholeskyAttrs say what becomes of matrices that are not positive definite.
type CholeskyAttrs struct{ Lenient bool } // no panic: the second result is 1

// factorization completes and registers an operator on matrices with the given result rule.
func factorization(
	rule func(t Type, batch engine.Shape, m, n int) ([]Type, error), run func(out []engine.Array, a engine.Array) error, d Def,
) *Def {
	d.Inputs, d.Takes, d.Tol = []string{"a"}, []Kinds{Reals | Complexes}, rounding
	d.Rule = func(_ Attrs, in []Type) ([]Type, error) {
		batch, m, n, err := matrixShape(in[0])
		if err != nil {
			return nil, err
		}
		return rule(in[0], batch, m, n)
	}
	name := d.Name
	if d.CPU == nil {
		d.CPU = func(_ Attrs, out, in []engine.Array) { check(name, run(out, in[0])) }
	}
	return Register(&d)
}

func wantSquare(m, n int) error {
	if m != n {
		return fmt.Errorf("the matrix is %d by %d, want a square one", m, n)
	}
	return nil
}

// real1 is t with the dtype of the parts of its elements.
func real1(t Type) Type { return Type{DType: partsOf(t.DType), Shape: t.Shape} }

// indices is t with another dtype.
func indices(t Type, d engine.DType) Type { return Type{DType: d, Shape: t.Shape} }

// Factorizations of matrices.
var (
	LU = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			return []Type{
				t, indices(with(t, batch, min(m, n)), engine.I32), indices(with(t, batch, m), engine.I64),
			}, nil
		},
		func(out []engine.Array, a engine.Array) error { return cpu.LU(out[0], out[1], out[2], a) },
		Def{
			Name: "LU", Outputs: []string{"lu", "pivots", "order"},
			Doc: "LU factors matrices a [… m n] = P·L·U. lu holds U and, below its diagonal, L, whose " +
				"diagonal is 1; row i was exchanged with row pivots[i], counted from 1, in turn (i32), so " +
				"that row i of L·U is row order[i] of a (i64). Agrees with torch.linalg.lu_factor.",
			Saves: SaveOut, Grad: luGrad, Cases: func() []Case { return matrixCases() },
		})
	Cholesky = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			return []Type{t, indices(with(t, batch), engine.I32)}, wantSquare(m, n)
		}, nil,
		Def{
			Name: "Cholesky", Outputs: []string{"l", "info"}, Attrs: CholeskyAttrs{},
			Doc: "Cholesky returns the lower triangular l with l·lᴴ = a for Hermitian positive definite " +
				"matrices [… n n], of which the lower part is read; info is 0. Other matrices panic, or, " +
				"when Lenient, have info 1. Agrees with torch.linalg.cholesky_ex.",
			Saves: SaveOut0, Grad: choleskyGrad,
			Cases: func() []Case { return allWith(squareCases(true), CholeskyAttrs{}) },
			CPU: func(a Attrs, out, in []engine.Array) {
				var info engine.Array
				check("Cholesky", cpu.Fill(out[1], 0))
				if a.(CholeskyAttrs).Lenient {
					info = out[1]
				}
				check("Cholesky", cpu.Cholesky(out[0], info, in[0]))
			},
		})
	QR = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			var err error
			if m < n {
				err = fmt.Errorf("the matrix is %d by %d, want at least as many rows as columns", m, n)
			}
			return []Type{t, with(t, batch, n, n)}, err
		},
		func(out []engine.Array, a engine.Array) error { return cpu.QR(out[0], out[1], a) },
		Def{
			Name: "QR", Outputs: []string{"q", "r"},
			Doc: "QR factors matrices a [… m n], m ≥ n, into q [… m n] with orthonormal columns and the " +
				"upper triangular r [… n n]. Agrees with torch.linalg.qr.",
			Saves: SaveOut, Grad: qrGrad, Cases: func() []Case { return tallCases() },
		})
	Householder = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			return []Type{t, with(t, batch, min(m, n))}, nil
		},
		func(out []engine.Array, a engine.Array) error { return cpu.Householder(out[0], out[1], a) },
		Def{
			Name: "Householder", Outputs: []string{"qr", "tau"},
			Doc: "Householder factors matrices a = Q·R into reflections I − τ·v·vᴴ: qr holds R and, below " +
				"its diagonal, the v without their leading ones. Has no gradient. Agrees with torch.geqrf.",
			Cases: func() []Case { return matrixCases() },
		})
	EigH = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			return []Type{real1(with(t, batch, n)), t}, wantSquare(m, n)
		},
		func(out []engine.Array, a engine.Array) error { return cpu.EigH(out[0], out[1], a) },
		Def{
			Name: "EigH", Outputs: []string{"w", "v"},
			Doc: "EigH returns the eigenvalues w of Hermitian matrices [… n n], ascending, and orthonormal " +
				"eigenvectors as the columns of v; the lower part is read. The gradient of v is infinite " +
				"where eigenvalues are equal. Agrees with torch.linalg.eigh.",
			Saves: SaveOut, Grad: eigHGrad, Cases: func() []Case { return squareCases(true) },
		})
	Eig = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			w := Type{DType: joined(partsOf(t.DType)), Shape: append(batch.Clone(), n)}
			return []Type{w, {DType: w.DType, Shape: t.Shape}}, wantSquare(m, n)
		},
		func(out []engine.Array, a engine.Array) error { return cpu.Eig(out[0], out[1], a) },
		Def{
			Name: "Eig", Outputs: []string{"w", "v"},
			Doc: "Eig returns the complex eigenvalues w of matrices [… n n] and eigenvectors of norm 1 as " +
				"the columns of v. The gradient of v is infinite where eigenvalues are equal, and holds for " +
				"functions that do not depend on the phase of vectors. Agrees with torch.linalg.eig.",
			Saves: SaveOut, Grad: eigGrad,
			Cases: func() []Case { return ungraded(squareCases(false), "the results are complex") },
		})
	SVD = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			k := min(m, n)
			return []Type{with(t, batch, m, k), real1(with(t, batch, k)), with(t, batch, k, n)}, nil
		},
		func(out []engine.Array, a engine.Array) error { return cpu.SVD(out[0], out[1], out[2], a) },
		Def{
			Name: "SVD", Outputs: []string{"u", "s", "vt"},
			Doc: "SVD factors matrices a [… m n] into u [… m k]·diag(s)·vt [… k n], k = min(m, n), with " +
				"orthonormal columns of u and rows of vt and s ≥ 0 descending. The gradient of u and vt is " +
				"infinite where singular values are equal. Agrees with torch.linalg.svd, full_matrices=False.",
			Saves: SaveOut, Grad: svdGrad, Cases: func() []Case { return matrixCases() },
		})
	PInv = factorization(
		func(t Type, batch engine.Shape, m, n int) ([]Type, error) {
			return []Type{with(t, batch, n, m)}, nil
		}, nil,
		Def{
			Name: "PInv", Attrs: PInvAttrs{}, Saves: SaveIn | SaveOut, Grad: pinvGrad,
			Doc: "PInv returns the pseudo-inverse [… n m] of matrices [… m n]; singular values of at most " +
				"max(Absolute, Relative·largest) count as 0. Agrees with torch.linalg.pinv.",
			Cases: func() []Case { return allWith(matrixCases(), PInvAttrs{Relative: 1e-6}) },
			CPU: func(a Attrs, out, in []engine.Array) {
				p, x := a.(PInvAttrs), in[0]
				if p.Symmetric {
					x = cpu.Mirrored(x)
				}
				check("PInv", cpu.PInv(out[0], x, p.Absolute, p.Relative))
			},
		})
)

// allWith gives all cases the attributes a.
func allWith(cases []Case, a Attrs) []Case {
	for i := range cases {
		cases[i].Attrs = a
	}
	return cases
}

// matrixCases are batches of wide, tall and square matrices of full rank.
func matrixCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F64, engine.F32} {
		for _, s := range []engine.Shape{{3, 3}, {4, 2}, {2, 4}, {2, 3, 2}, {0, 2, 2}, {3, 0}} {
			m, n := s[len(s)-2], s[len(s)-1]
			data, k := []float64{}, max(m, n)
			full := wellBehaved(s[:len(s)-2].Numel(), k)
			for i := 0; i < len(full); i += k * k {
				for r := range m {
					data = append(data, full[i+r*k:i+r*k+n]...)
				}
			}
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v%v", t, s), In: []Type{{DType: t, Shape: s}}, Data: [][]float64{data},
			})
		}
	}
	return cases
}

func tallCases() []Case {
	var cases []Case
	for _, c := range matrixCases() {
		if s := c.In[0].Shape; s[len(s)-2] >= s[len(s)-1] {
			cases = append(cases, c)
		}
	}
	return cases
}
