package spark

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// DataFrame is a table that Spark computes when it is asked for: a plan. It does not change; methods return
// others. Columns are given as names or as Columns, conditions as Columns or as text in SQL.
type DataFrame struct {
	s   *Session
	rel *pb.Relation
	err error // the first mistake in the plan
}

// frame makes the DataFrame of a relation; r needs its RelType alone.
func (s *Session) frame(r *pb.Relation) *DataFrame {
	r.Common = s.common()
	return &DataFrame{s: s, rel: r}
}

// FromRelation is the DataFrame of a relation of the protocol, for what the methods here do not make.
func (s *Session) FromRelation(r *pb.Relation) *DataFrame {
	if r.Common == nil {
		return s.frame(r)
	}
	return &DataFrame{s: s, rel: r}
}

// Relation is the plan as the protocol has it, and the first mistake in it.
func (d *DataFrame) Relation() (*pb.Relation, error) { return d.rel, d.err }

// Session is the session of d.
func (d *DataFrame) Session() *Session { return d.s }

// then is a DataFrame on top of d.
func (d *DataFrame) then(r *pb.Relation) *DataFrame {
	n := d.s.frame(r)
	n.err = d.err
	return n
}

func (d *DataFrame) note(err error) *DataFrame {
	if d.err == nil {
		d.err = err
	}
	return d
}

// expressions reads columns given as names or Columns.
func expressions(cols []any) (list []*pb.Expression, err error) {
	for _, v := range cols {
		c := named(v)
		if c.err != nil && err == nil {
			err = c.err
		}
		list = append(list, c.expr)
	}
	return list, err
}

// condition reads a Column or text in SQL.
func condition(v any) Column {
	if s, ok := v.(string); ok {
		return Expr(s)
	}
	return Lit(v)
}

// Col is a column of this DataFrame, which tells columns of one name apart in a join.
func (d *DataFrame) Col(name string) Column {
	c := Col(name)
	if a := c.expr.GetUnresolvedAttribute(); a != nil {
		a.PlanId = d.rel.Common.PlanId
	}
	return c
}

// Select is the given columns.
func (d *DataFrame) Select(cols ...any) *DataFrame {
	list, err := expressions(cols)
	return d.then(&pb.Relation{RelType: &pb.Relation_Project{Project: &pb.Project{Input: d.rel, Expressions: list}}}).note(err)
}

// SelectExpr is Select with expressions in SQL.
func (d *DataFrame) SelectExpr(sql ...string) *DataFrame {
	cols := make([]any, len(sql))
	for i, s := range sql {
		cols[i] = Expr(s)
	}
	return d.Select(cols...)
}

// Filter is the rows for which condition is true.
func (d *DataFrame) Filter(where any) *DataFrame {
	c := condition(where)
	return d.then(&pb.Relation{RelType: &pb.Relation_Filter{Filter: &pb.Filter{Input: d.rel, Condition: c.expr}}}).note(c.err)
}

// Where is Filter.
func (d *DataFrame) Where(where any) *DataFrame { return d.Filter(where) }

// WithColumn adds, or replaces, a column.
func (d *DataFrame) WithColumn(name string, v any) *DataFrame {
	c := Lit(v)
	return d.then(&pb.Relation{RelType: &pb.Relation_WithColumns{WithColumns: &pb.WithColumns{
		Input: d.rel, Aliases: []*pb.Expression_Alias{{Expr: c.expr, Name: []string{name}}},
	}}}).note(c.err)
}

// WithColumnRenamed gives a column another name; without the column nothing happens.
func (d *DataFrame) WithColumnRenamed(old, name string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_WithColumnsRenamed{WithColumnsRenamed: &pb.WithColumnsRenamed{
		Input: d.rel, Renames: []*pb.WithColumnsRenamed_Rename{{ColName: old, NewColName: name}},
	}}})
}

// ToDF gives all columns new names.
func (d *DataFrame) ToDF(names ...string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_ToDf{ToDf: &pb.ToDF{Input: d.rel, ColumnNames: names}}})
}

// Drop leaves columns out.
func (d *DataFrame) Drop(cols ...any) *DataFrame {
	p := &pb.Drop{Input: d.rel}
	var err error
	for _, v := range cols {
		if name, ok := v.(string); ok {
			p.ColumnNames = append(p.ColumnNames, name)
			continue
		}
		c := Lit(v)
		if c.err != nil {
			err = c.err
		}
		p.Columns = append(p.Columns, c.expr)
	}
	return d.then(&pb.Relation{RelType: &pb.Relation_Drop{Drop: p}}).note(err)
}

// Alias names the DataFrame, so that a.x names one of its columns.
func (d *DataFrame) Alias(name string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_SubqueryAlias{SubqueryAlias: &pb.SubqueryAlias{Input: d.rel, Alias: name}}})
}

// OrderBy sorts by columns, upwards unless they say otherwise.
func (d *DataFrame) OrderBy(cols ...any) *DataFrame { return d.sort(true, cols) }

// SortWithinPartitions is OrderBy within each partition.
func (d *DataFrame) SortWithinPartitions(cols ...any) *DataFrame { return d.sort(false, cols) }

func (d *DataFrame) sort(global bool, cols []any) *DataFrame {
	orders, err := orders(cols)
	return d.then(&pb.Relation{RelType: &pb.Relation_Sort{Sort: &pb.Sort{
		Input: d.rel, Order: orders, IsGlobal: proto.Bool(global),
	}}}).note(err)
}

func orders(cols []any) (list []*pb.Expression_SortOrder, err error) {
	for _, v := range cols {
		c := named(v)
		if c.err != nil && err == nil {
			err = c.err
		}
		list = append(list, c.sortOrder())
	}
	return list, err
}

// Limit is the first n rows.
func (d *DataFrame) Limit(n int) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Limit{Limit: &pb.Limit{Input: d.rel, Limit: int32(n)}}})
}

// Offset leaves out the first n rows.
func (d *DataFrame) Offset(n int) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Offset{Offset: &pb.Offset{Input: d.rel, Offset: int32(n)}}})
}

// Tail is the last n rows.
func (d *DataFrame) Tail(n int) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Tail{Tail: &pb.Tail{Input: d.rel, Limit: int32(n)}}})
}

// Distinct leaves repeated rows out.
func (d *DataFrame) Distinct() *DataFrame { return d.DropDuplicates() }

// DropDuplicates keeps one of the rows that agree in the given columns, without columns in all.
func (d *DataFrame) DropDuplicates(cols ...string) *DataFrame {
	p := &pb.Deduplicate{Input: d.rel, ColumnNames: cols}
	if len(cols) == 0 {
		p.AllColumnsAsKeys = proto.Bool(true)
	}
	return d.then(&pb.Relation{RelType: &pb.Relation_Deduplicate{Deduplicate: p}})
}

// Sample is each row with probability fraction.
func (d *DataFrame) Sample(fraction float64, seed int64) *DataFrame {
	return d.slice(0, fraction, seed, false)
}

// slice is the rows whose random number of [0, 1) lies in [low, high).
func (d *DataFrame) slice(low, high float64, seed int64, ordered bool) *DataFrame {
	n := d.then(&pb.Relation{RelType: &pb.Relation_Sample{Sample: &pb.Sample{
		Input: d.rel, LowerBound: low, UpperBound: high, WithReplacement: proto.Bool(false), Seed: &seed, DeterministicOrder: ordered,
	}}})
	if low < 0 || high > 1 || low > high {
		n.note(fmt.Errorf("spark.Sample: fractions %g to %g; want 0 ≤ fraction ≤ 1", low, high))
	}
	return n
}

// RandomSplit divides the rows at random into parts of the given weights.
func (d *DataFrame) RandomSplit(seed int64, weights ...float64) []*DataFrame {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	parts, low := make([]*DataFrame, len(weights)), 0.0
	for i, w := range weights {
		high := min(low+w/sum, 1)
		if i == len(weights)-1 {
			high = 1
		}
		parts[i], low = d.slice(low, high, seed, true), high
		if w < 0 {
			parts[i].note(fmt.Errorf("spark.RandomSplit: weight %g; want weights ≥ 0", w))
		}
	}
	return parts
}

// Slice is the rows whose random number of [0, 1), which seed decides, lies in [low, high).
func (d *DataFrame) Slice(low, high float64, seed int64) *DataFrame {
	return d.slice(low, high, seed, true)
}

// Repartition divides the rows into n partitions, by the values of columns if there are any.
func (d *DataFrame) Repartition(n int, cols ...any) *DataFrame {
	if len(cols) == 0 {
		return d.then(&pb.Relation{RelType: &pb.Relation_Repartition{Repartition: &pb.Repartition{
			Input: d.rel, NumPartitions: int32(n), Shuffle: proto.Bool(true),
		}}})
	}
	list, err := expressions(cols)
	p := &pb.RepartitionByExpression{Input: d.rel, PartitionExprs: list}
	if n > 0 {
		p.NumPartitions = proto.Int32(int32(n))
	}
	return d.then(&pb.Relation{RelType: &pb.Relation_RepartitionByExpression{RepartitionByExpression: p}}).note(err)
}

// Coalesce merges partitions until there are n.
func (d *DataFrame) Coalesce(n int) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Repartition{Repartition: &pb.Repartition{
		Input: d.rel, NumPartitions: int32(n), Shuffle: proto.Bool(false),
	}}})
}

// Hint advises the optimizer, for example broadcast.
func (d *DataFrame) Hint(name string, parameters ...any) *DataFrame {
	p := &pb.Hint{Input: d.rel, Name: name}
	var err error
	for _, v := range parameters {
		c := Lit(v)
		if c.err != nil {
			err = c.err
		}
		p.Parameters = append(p.Parameters, c.expr)
	}
	return d.then(&pb.Relation{RelType: &pb.Relation_Hint{Hint: p}}).note(err)
}

// WithWatermark says how late rows may come in a stream, by the time in a column.
func (d *DataFrame) WithWatermark(column, delay string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_WithWatermark{WithWatermark: &pb.WithWatermark{
		Input: d.rel, EventTime: column, DelayThreshold: delay,
	}}})
}

// WithError is d with a mistake that the first method that runs it returns; nil changes nothing.
func (d *DataFrame) WithError(err error) *DataFrame {
	n := *d
	return n.note(err)
}
