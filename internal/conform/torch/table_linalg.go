package torch

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/engine"
)

// eachCutoff reads atol and rtol as tensors, one number for each matrix.
func (c *call) eachCutoff(a *tensor) (absolute, relative *tensor, ok bool) {
	read := func(name string) *tensor {
		if t, is := c.get(name).(*tensor); is && t.Numel() != 1 {
			ok = true
			return t
		}
		return nil
	}
	absolute, relative = read("atol"), read("rtol")
	whole := func(t *tensor, name string) *tensor {
		if t == nil && c.has(name) {
			return eager.New(c.scalar(name))
		}
		return t
	}
	return whole(absolute, "atol"), whole(relative, "rtol"), ok
}

// cutoff reads atol and rtol, numbers or tensors of one.
func (c *call) cutoff() linalg.Cutoff {
	k := linalg.DefaultCutoff
	for name, p := range map[string]*float64{"atol": &k.Absolute, "rtol": &k.Relative, "rcond": &k.Relative} {
		if t, ok := c.get(name).(*tensor); ok {
			need(t.Numel() == 1, name+" for each matrix")
			*p = t.Item()
		} else {
			*p = c.float(name, *p)
		}
	}
	return k
}

// normName is a norm of matrices as a word.
func normName(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return fmt.Sprint(v)
	case float64:
		switch {
		case math.IsInf(v, 1):
			return "inf"
		case math.IsInf(v, -1):
			return "-inf"
		}
		return fmt.Sprint(v)
	}
	panic(unsupported("norm"))
}

// matrixNorm is a norm over two axes, which are moved to the end.
func matrixNorm(x *tensor, kind string, axes []int, keep bool) *tensor {
	n := x.Rank()
	y := linalg.MatrixNorm(permuted(x, axes, []int{n - 2, n - 1}), kind)
	if !keep {
		return y
	}
	s := x.Shape().Clone()
	for _, a := range axes {
		s[(a+n)%n] = 1
	}
	return y.Reshape(s...)
}

// norm is linalg.norm: of vectors, or of matrices where two axes are named.
func norm(ord any, x *tensor, axes []int, keep bool) *tensor {
	if t, ok := ord.(string); ok && (t == "inf" || t == "-inf") {
		ord = map[string]float64{"inf": math.Inf(1), "-inf": math.Inf(-1)}[t]
	}
	if ord != nil && len(axes) == 0 && x.Rank() == 2 {
		axes = []int{0, 1}
	}
	if ord != nil && len(axes) == 2 {
		return matrixNorm(x, normName(ord), axes, keep)
	}
	p := 2.0
	switch v := ord.(type) {
	case int:
		p = float64(v)
	case float64:
		p = v
	}
	return over(x, axes, keep, func(x *tensor, axes ...int) *tensor { return x.VectorNorm(p, axes...) })
}

func triangularOptions(c *call) linalg.TriangularOptions {
	return linalg.TriangularOptions{
		Upper: c.bool("upper", false), Unit: c.bool("unitriangular", false), Right: !c.bool("left", true),
	}
}

func unaryPair(f func(a *tensor) (*tensor, *tensor)) entry {
	return entry{"input", func(c *call) any { x, y := f(c.t("input")); return []any{x, y} }}
}

// zeroInfo is the status of a batch of matrices that all went well.
func zeroInfo(a *tensor) *tensor {
	return eager.Zeros(a.Shape()[:a.Rank()-2]...).To(engine.I32)
}

var matrices = map[string]entry{
	"linalg.solve": {"input other", func(c *call) any { return linalg.Solve(c.t("input"), c.t("other")) }},
	"linalg.inv":   unary(linalg.Inv),
	"linalg.inv_ex": {"input", func(c *call) any {
		return []any{linalg.Inv(c.t("input")), zeroInfo(c.t("input"))}
	}},
	"linalg.det":     unary(linalg.Det),
	"linalg.slogdet": unaryPair(linalg.SlogDet),
	"logdet":         unary(linalg.LogDet),
	"linalg.solve_triangular": {"input other", func(c *call) any {
		return linalg.SolveTriangular(c.t("input"), c.t("other"), triangularOptions(c))
	}},
	"triangular_solve": {"input A upper transpose unitriangular", func(c *call) any {
		a := c.t("A")
		o := linalg.TriangularOptions{Upper: c.bool("upper", true), Unit: c.bool("unitriangular", false)}
		if c.bool("transpose", false) {
			o.Upper = !o.Upper
			return []any{linalg.SolveTriangular(a.T(), c.t("input"), o), a.Clone()}
		}
		return []any{linalg.SolveTriangular(a, c.t("input"), o), a.Clone()}
	}},
	"linalg.cholesky": {"input", func(c *call) any {
		return turnedIf(c.bool("upper", false), linalg.Cholesky(c.t("input")))
	}},
	"linalg.cholesky_ex": {"input", func(c *call) any {
		l, info := linalg.CholeskyEx(c.t("input"))
		return []any{turnedIf(c.bool("upper", false), l), info}
	}},
	"cholesky_solve": {"input L upper", func(c *call) any {
		return linalg.CholeskySolve(turnedIf(c.bool("upper", false), c.t("L")), c.t("input"))
	}},
	"cholesky_inverse": {"input upper", func(c *call) any {
		l := turnedIf(c.bool("upper", false), c.t("input"))
		n := l.Size(-1)
		eye := eager.Eye(n).To(l.DType()).Expand(l.Shape()...)
		return linalg.CholeskySolve(l, eye)
	}},
	"linalg.lu_solve": {"input pivots B", func(c *call) any {
		lu, p, b := c.t("input"), c.t("pivots"), c.t("B")
		solve, turn := linalg.LUSolve, c.bool("adjoint", false)
		if left := c.bool("left", true); !left {
			if turn {
				return adjoint(solve(lu, p, adjoint(b)))
			}
			return adjoint(linalg.LUSolveT(lu, p, adjoint(b)))
		}
		if turn {
			solve = linalg.LUSolveT
		}
		return solve(lu, p, b)
	}},
	"lu_solve": {"input LU pivots", func(c *call) any {
		return linalg.LUSolve(c.t("LU"), c.t("pivots"), c.t("input"))
	}},
	"linalg.svdvals":  unary(linalg.SVDVals),
	"linalg.eigvals":  unary(linalg.EigVals),
	"linalg.eigvalsh": {"input", func(c *call) any { return linalg.EigValsH(symmetricOf(c)) }},
	"linalg.pinv": {"input factor", func(c *call) any {
		x := c.t("input")
		if c.has("factor") { // recorded of the product input·factorᵀ, which is singular
			return linalg.PInv(x.MatMul(c.t("factor").T()), c.cutoff())
		}
		if c.bool("hermitian", false) {
			return linalg.PInvH(x, c.cutoff())
		}
		return linalg.PInv(x, c.cutoff())
	}},
	"pinverse": {"input rcond", func(c *call) any { return linalg.PInv(c.t("input"), c.cutoff()) }},
	"linalg.matrix_rank": {"input", func(c *call) any {
		a := c.t("input")
		if c.bool("hermitian", false) {
			a = a.Tril(0).Add(a.Tril(-1).T())
		}
		if absolute, relative, ok := c.eachCutoff(a); ok {
			return linalg.MatrixRankEach(a, absolute, relative)
		}
		return linalg.MatrixRank(a, c.cutoff())
	}},
	"linalg.matrix_norm": {"input ord dim keepdim", func(c *call) any {
		axes, kind := []int{-2, -1}, "fro"
		if c.has("dim") {
			axes = c.ints("dim")
		}
		if c.has("ord") {
			kind = normName(c.get("ord"))
		}
		return matrixNorm(c.t("input"), kind, axes, c.bool("keepdim", false))
	}},
	"linalg.norm": {"input ord dim keepdim", func(c *call) any {
		return norm(c.get("ord"), c.t("input"), c.ints("dim"), c.bool("keepdim", false))
	}},
	"norm": {"input p dim keepdim", func(c *call) any {
		p, axes := c.get("p"), c.ints("dim")
		if s, ok := p.(string); ok {
			need(s == "fro" || s == "nuc", "norm "+s)
			if s == "nuc" {
				if len(axes) == 0 {
					axes = []int{0, 1}
				}
				return matrixNorm(c.t("input"), s, axes, c.bool("keepdim", false))
			}
			p = nil
		}
		return over(c.t("input"), axes, c.bool("keepdim", false), func(x *tensor, axes ...int) *tensor {
			if p == nil {
				return x.VectorNorm(2, axes...)
			}
			return x.VectorNorm(number64(p), axes...)
		})
	}},
	"linalg.cond": {"input p", func(c *call) any {
		x := c.t("input")
		if !c.has("p") {
			return linalg.Cond(x)
		}
		kind := normName(c.get("p"))
		return linalg.MatrixNorm(x, kind).Mul(linalg.MatrixNorm(linalg.Inv(x), kind))
	}},
	"linalg.matrix_power": {"input n", func(c *call) any { return linalg.MatrixPower(c.t("input"), c.int("n", 1)) }},
	"matrix_exp":          unary(linalg.MatrixExp),
	"linalg.matrix_exp":   unary(linalg.MatrixExp),
	"linalg.polar":        unaryPair(linalg.Polar),
	"linalg.cross":        {"input other dim", crossed},
	"cross":               {"input other dim", crossed},
	"linalg.vander": {"input", func(c *call) any {
		x := c.t("input")
		if x.Rank() == 0 {
			x = x.Reshape(1)
		}
		return linalg.Vander(x, c.int("N", x.Size(-1)))
	}},
	"linalg.tensorinv": {"input ind", func(c *call) any {
		return linalg.TensorInv(c.t("input"), c.int("ind", 2))
	}},
	"linalg.tensorsolve": {"input other dims", func(c *call) any {
		return linalg.TensorSolve(c.t("input"), c.t("other"), c.ints("dims")...)
	}},
	"linalg.householder_product": {"input tau", func(c *call) any {
		return linalg.HouseholderProduct(c.t("input"), c.t("tau"))
	}},
	"ormqr": {"input tau other left transpose", func(c *call) any {
		qr, tau, x := c.t("input"), c.t("tau"), c.t("other")
		turned := c.bool("transpose", false)
		if !c.bool("left", true) {
			return adjoint(linalg.HouseholderApply(qr, tau, adjoint(x), !turned))
		}
		return linalg.HouseholderApply(qr, tau, x, turned)
	}},
	"einsum": {"tensors equation", func(c *call) any {
		return eager.Einsum(c.str("equation", ""), c.ts("tensors")...)
	}},
	"tensordot": {"input other dims", func(c *call) any {
		x, y := c.t("input"), c.t("other")
		if n, ok := c.get("dims").(int); ok {
			var xs, ys []int
			for i := range n {
				xs, ys = append(xs, x.Rank()-n+i), append(ys, i)
			}
			return eager.TensorDot(x, y, xs, ys)
		}
		d := list(c.get("dims"))
		return eager.TensorDot(x, y, ints(d[0], "dims"), ints(d[1], "dims"))
	}},
	"kron": {"input other", func(c *call) any { return c.t("input").Kron(c.t("other")) }},
}

func crossed(c *call) any {
	x, axis := c.t("input"), c.int("dim", -1)
	return linalg.Cross(x, c.t("other"), axis)
}

func turnedIf(turn bool, x *tensor) *tensor {
	if turn {
		return adjoint(x)
	}
	return x
}

// symmetricOf is the input with the triangle that UPLO names below.
func symmetricOf(c *call) *tensor {
	return turnedIf(c.str("UPLO", "L") == "U", c.t("input"))
}
