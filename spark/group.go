package spark

import (
	"fmt"
	"sync/atomic"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Grouped is a DataFrame whose rows are in groups, for Agg.
type Grouped struct {
	d     *DataFrame
	typ   pb.Aggregate_GroupType
	by    []*pb.Expression
	pivot *pb.Aggregate_Pivot
	err   error
}

// GroupBy groups rows by columns; without columns all rows are one group.
func (d *DataFrame) GroupBy(cols ...any) *Grouped {
	return d.group(pb.Aggregate_GROUP_TYPE_GROUPBY, cols)
}

// Rollup groups by columns, by all of them but the last, and so on to none.
func (d *DataFrame) Rollup(cols ...any) *Grouped {
	return d.group(pb.Aggregate_GROUP_TYPE_ROLLUP, cols)
}

// Cube groups by every subset of columns.
func (d *DataFrame) Cube(cols ...any) *Grouped { return d.group(pb.Aggregate_GROUP_TYPE_CUBE, cols) }

func (d *DataFrame) group(t pb.Aggregate_GroupType, cols []any) *Grouped {
	by, err := expressions(cols)
	return &Grouped{d: d, typ: t, by: by, err: err}
}

// Agg is aggregates of all rows.
func (d *DataFrame) Agg(aggregates ...Column) *DataFrame { return d.GroupBy().Agg(aggregates...) }

// Pivot makes a column for each value of column; naming the values saves a query.
func (g *Grouped) Pivot(column any, values ...any) *Grouped {
	c := named(column)
	n := *g
	n.typ, n.pivot = pb.Aggregate_GROUP_TYPE_PIVOT, &pb.Aggregate_Pivot{Col: c.expr}
	if n.err == nil {
		n.err = c.err
	}
	for _, v := range values {
		l, err := literal(v)
		if err != nil {
			n.err = err
		}
		n.pivot.Values = append(n.pivot.Values, l)
	}
	return &n
}

// Agg is a row for each group: what it is grouped by, and the aggregates.
func (g *Grouped) Agg(aggregates ...Column) *DataFrame {
	p := &pb.Aggregate{Input: g.d.rel, GroupType: g.typ, GroupingExpressions: g.by, Pivot: g.pivot}
	err := g.err
	for _, a := range aggregates {
		if err == nil {
			err = a.err
		}
		p.AggregateExpressions = append(p.AggregateExpressions, a.expr)
	}
	return g.d.then(&pb.Relation{RelType: &pb.Relation_Aggregate{Aggregate: p}}).note(err)
}

// Count counts the rows of each group.
func (g *Grouped) Count() *DataFrame { return g.Agg(Call("count", 1).As("count")) }

// Sum sums columns in each group.
func (g *Grouped) Sum(cols ...string) *DataFrame { return g.each("sum", cols) }

// Avg averages columns in each group.
func (g *Grouped) Avg(cols ...string) *DataFrame { return g.each("avg", cols) }

// Min is the least value of columns in each group.
func (g *Grouped) Min(cols ...string) *DataFrame { return g.each("min", cols) }

// Max is the greatest value of columns in each group.
func (g *Grouped) Max(cols ...string) *DataFrame { return g.each("max", cols) }

func (g *Grouped) each(f string, cols []string) *DataFrame {
	list := make([]Column, len(cols))
	for i, c := range cols {
		list[i] = Call(f, Col(c)).As(fmt.Sprintf("%s(%s)", f, c))
	}
	return g.Agg(list...)
}

// Window says which rows a function sees beside the current one: PartitionBy("k").OrderBy("t").
type Window struct {
	w   *pb.Expression_Window
	err error
}

// PartitionBy is the window of rows that agree in columns.
func PartitionBy(cols ...any) Window { return Window{w: &pb.Expression_Window{}}.PartitionBy(cols...) }

// WindowOrderBy is the window of all rows in an order.
func WindowOrderBy(cols ...any) Window { return Window{w: &pb.Expression_Window{}}.OrderBy(cols...) }

func (w Window) copy() Window {
	return Window{&pb.Expression_Window{
		PartitionSpec: w.w.PartitionSpec, OrderSpec: w.w.OrderSpec, FrameSpec: w.w.FrameSpec,
	}, w.err}
}

// PartitionBy adds columns in which the rows of the window agree.
func (w Window) PartitionBy(cols ...any) Window {
	n := w.copy()
	list, err := expressions(cols)
	n.w.PartitionSpec = append(append([]*pb.Expression{}, n.w.PartitionSpec...), list...)
	if n.err == nil {
		n.err = err
	}
	return n
}

// OrderBy orders the rows of the window.
func (w Window) OrderBy(cols ...any) Window {
	n := w.copy()
	list, err := orders(cols)
	n.w.OrderSpec = append(append([]*pb.Expression_SortOrder{}, n.w.OrderSpec...), list...)
	if n.err == nil {
		n.err = err
	}
	return n
}

// Bounds of windows.
const (
	UnboundedPreceding int64 = -1 << 63
	UnboundedFollowing int64 = 1<<63 - 1
	CurrentRow         int64 = 0
)

// RowsBetween bounds the window by numbers of rows before (< 0) and after the current one.
func (w Window) RowsBetween(from, to int64) Window {
	return w.frame(pb.Expression_Window_WindowFrame_FRAME_TYPE_ROW, from, to)
}

// RangeBetween bounds the window by distances of the ordering column's value.
func (w Window) RangeBetween(from, to int64) Window {
	return w.frame(pb.Expression_Window_WindowFrame_FRAME_TYPE_RANGE, from, to)
}

func (w Window) frame(t pb.Expression_Window_WindowFrame_FrameType, from, to int64) Window {
	bound := func(n int64) *pb.Expression_Window_WindowFrame_FrameBoundary {
		b := &pb.Expression_Window_WindowFrame_FrameBoundary{}
		switch n {
		case CurrentRow:
			b.Boundary = &pb.Expression_Window_WindowFrame_FrameBoundary_CurrentRow{CurrentRow: true}
		case UnboundedPreceding, UnboundedFollowing:
			b.Boundary = &pb.Expression_Window_WindowFrame_FrameBoundary_Unbounded{Unbounded: true}
		default:
			v := Lit(n)
			if t == pb.Expression_Window_WindowFrame_FRAME_TYPE_ROW {
				v = Lit(int32(n))
			}
			b.Boundary = &pb.Expression_Window_WindowFrame_FrameBoundary_Value{Value: v.expr}
		}
		return b
	}
	n := w.copy()
	n.w.FrameSpec = &pb.Expression_Window_WindowFrame{FrameType: t, Lower: bound(from), Upper: bound(to)}
	return n
}

// Over computes an aggregate, or a function such as functions.RowNumber, over a window.
func (c Column) Over(w Window) Column {
	n := w.copy()
	n.w.WindowFunction = c.expr
	c.note(Column{expr: c.expr, err: w.err})
	c.expr = &pb.Expression{ExprType: &pb.Expression_Window_{Window: n.w}}
	return c
}

// Lambda is the function that higher-order functions of SQL apply to elements: f builds an expression of n
// parameters, at most three.
func Lambda(n int, f func(args []Column) Column) Column {
	names := []string{"x", "y", "z"}
	if n < 1 || n > len(names) {
		return Column{err: fmt.Errorf("spark.Lambda: %d parameters; want 1 to %d", n, len(names))}
	}
	l := &pb.Expression_LambdaFunction{}
	args := make([]Column, n)
	id := lambdas.Add(1)
	for i := range args {
		v := &pb.Expression_UnresolvedNamedLambdaVariable{NameParts: []string{fmt.Sprintf("%s_%d", names[i], id)}}
		l.Arguments = append(l.Arguments, v)
		args[i] = Column{expr: &pb.Expression{ExprType: &pb.Expression_UnresolvedNamedLambdaVariable_{UnresolvedNamedLambdaVariable: v}}}
	}
	body := f(args)
	l.Function = body.expr
	return Column{&pb.Expression{ExprType: &pb.Expression_LambdaFunction_{LambdaFunction: l}}, body.err}
}

// lambdas numbers the parameters of lambdas, so that one in another has names of its own.
var lambdas atomic.Int64
