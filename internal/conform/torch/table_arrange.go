package torch

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func diagonal(params string, a, b int) entry {
	return entry{params, func(c *call) any {
		return c.t("input").Diagonal(c.int("offset", 0), c.int("dim1", a), c.int("dim2", b))
	}}
}

func triangle(f func(x *tensor, k int) *tensor) entry {
	return entry{"input diagonal", func(c *call) any { return f(c.t("input"), c.int("diagonal", 0)) }}
}

func triangleIndices(f func(rows, cols, k int) *tensor) entry {
	return entry{"row col offset", func(c *call) any {
		y := f(c.int("row", 0), c.int("col", 0), c.int("offset", 0))
		return y.To(c.dtype("dtype", engine.I64))
	}}
}

// rolled is the list dims of roll; one shift without dims rolls the flattened operand.
func rolled(c *call) any {
	x, shifts, dims := c.t("input"), c.ints("shifts"), c.ints("dims")
	if x.Rank() == 0 {
		return x.Clone()
	}
	return x.Roll(shifts, dims)
}

var arrangements = map[string]entry{
	"diagonal":        diagonal("input offset dim1 dim2", 0, 1),
	"linalg.diagonal": diagonal("input offset dim1 dim2", -2, -1),
	"diag_embed": {"input offset dim1 dim2", func(c *call) any {
		return c.t("input").DiagEmbed(c.int("offset", 0), c.int("dim1", -2), c.int("dim2", -1))
	}},
	"diag": {"input diagonal", func(c *call) any { return c.t("input").Diag(c.int("diagonal", 0)) }},
	"diagflat": {"input offset", func(c *call) any {
		return c.t("input").Reshape(-1).Diag(c.int("offset", 0))
	}},
	"diagonal_scatter": {"input src offset dim1 dim2", func(c *call) any {
		return c.t("input").DiagonalScatter(c.t("src"), c.int("offset", 0), c.int("dim1", 0), c.int("dim2", 1))
	}},
	"select_scatter": {"input src dim index", func(c *call) any {
		return c.t("input").SelectScatter(c.t("src"), c.int("dim", 0), c.int("index", 0))
	}},
	"slice_scatter": {"input src dim start end step", func(c *call) any {
		x := c.t("input")
		return x.SliceScatter(c.t("src"), c.int("dim", 0), c.int("start", 0), c.int("end", math.MaxInt),
			c.int("step", 1))
	}},
	"as_strided": {"input size stride storage_offset", func(c *call) any {
		return c.t("input").AsStrided(c.ints("size"), c.ints("stride"), c.int("storage_offset", 0))
	}},
	"unfold": {"input dimension size step", func(c *call) any {
		return c.t("input").Unfold(c.int("dimension", 0), c.int("size", 0), c.int("step", 1))
	}},
	"fmax":         binary((*tensor).FMax),
	"fmin":         binary((*tensor).FMin),
	"heaviside":    binary((*tensor).Heaviside),
	"ldexp":        binary((*tensor).Ldexp),
	"trace":        unary((*tensor).Trace),
	"tril":         triangle((*tensor).Tril),
	"triu":         triangle((*tensor).Triu),
	"tril_indices": triangleIndices(eager.TrilIndices),
	"triu_indices": triangleIndices(eager.TriuIndices),

	"tile":   {"input dims...", func(c *call) any { return c.t("input").Tile(c.ints("dims")...) }},
	"repeat": {"input repeats...", func(c *call) any { return c.t("input").Repeat(c.ints("repeats")...) }},
	"repeat_interleave": {"input repeats dim output_size", func(c *call) any {
		x, axis := c.t("input"), c.int("dim", 0)
		c.int("output_size", 0)
		if !c.has("dim") {
			x = x.Reshape(-1)
		}
		if n, ok := c.get("repeats").(int); ok {
			return x.RepeatInterleave(axis, n)
		}
		return x.RepeatEach(axis, c.t("repeats"))
	}},
	"roll": {"input shifts dims", rolled},
	"rot90": {"input k dims", func(c *call) any {
		d := []int{0, 1}
		if c.has("dims") {
			d = c.ints("dims")
		}
		return c.t("input").Rot90(c.int("k", 1), d[0], d[1])
	}},
	"cartesian_prod": {"tensors...", func(c *call) any { return eager.CartesianProd(c.ts("tensors")...) }},
	"block_diag":     {"tensors...", func(c *call) any { return eager.BlockDiag(c.ts("tensors")...) }},
	"column_stack":   {"tensors", func(c *call) any { return eager.ColumnStack(c.ts("tensors")...) }},
	"combinations": {"input r with_replacement", func(c *call) any {
		return c.t("input").Combinations(c.int("r", 2), c.bool("with_replacement", false))
	}},
	"sum_to_size": {"input size...", func(c *call) any { return c.t("input").SumTo(c.ints("size")...) }},
	"resize_":     reshaping("input shape..."),
	"zero_":       unary(eager.ZerosLike),
	"linspace": {"start end steps", func(c *call) any {
		return eager.LinspaceOf(c.dtype("dtype", engine.F32), c.scalar("start"), c.scalar("end"),
			c.int("steps", 0))
	}},
	"logspace": {"start end steps base", func(c *call) any {
		return eager.LogspaceOf(c.dtype("dtype", engine.F32), c.scalar("start"), c.scalar("end"),
			c.int("steps", 0), c.float("base", 10))
	}},
}

// scalar is a number, or a tensor of one.
func (c *call) scalar(name string) float64 {
	if x, ok := c.get(name).(*tensor); ok {
		return x.Item()
	}
	return c.float(name, 0)
}
