package spark

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

var joinTypes = map[string]pb.Join_JoinType{
	"inner": pb.Join_JOIN_TYPE_INNER, "cross": pb.Join_JOIN_TYPE_CROSS,
	"outer": pb.Join_JOIN_TYPE_FULL_OUTER, "full": pb.Join_JOIN_TYPE_FULL_OUTER, "fullouter": pb.Join_JOIN_TYPE_FULL_OUTER,
	"left": pb.Join_JOIN_TYPE_LEFT_OUTER, "leftouter": pb.Join_JOIN_TYPE_LEFT_OUTER,
	"right": pb.Join_JOIN_TYPE_RIGHT_OUTER, "rightouter": pb.Join_JOIN_TYPE_RIGHT_OUTER,
	"semi": pb.Join_JOIN_TYPE_LEFT_SEMI, "leftsemi": pb.Join_JOIN_TYPE_LEFT_SEMI,
	"anti": pb.Join_JOIN_TYPE_LEFT_ANTI, "leftanti": pb.Join_JOIN_TYPE_LEFT_ANTI,
}

// Join joins two DataFrames. on is a column name, a []string of names that both have, or a condition; how is
// inner, left, right, outer, semi, anti or cross.
func (d *DataFrame) Join(other *DataFrame, on any, how string) *DataFrame {
	p := &pb.Join{Left: d.rel, Right: other.rel}
	var err error
	switch v := on.(type) {
	case nil:
	case string:
		p.UsingColumns = []string{v}
	case []string:
		p.UsingColumns = v
	case Column:
		p.JoinCondition, err = v.expr, v.err
	default:
		err = fmt.Errorf("spark.Join: on is %T; want a column name, []string or a Column", on)
	}
	typ, ok := joinTypes[strings.ReplaceAll(strings.ToLower(how), "_", "")]
	if !ok {
		err = fmt.Errorf("spark.Join: how is %q; want one of %v", how, slices.Sorted(maps.Keys(joinTypes)))
	}
	p.JoinType = typ
	return d.then(&pb.Relation{RelType: &pb.Relation_Join{Join: p}}).note(err).with(other)
}

// with notes the mistakes of a second input.
func (d *DataFrame) with(other *DataFrame) *DataFrame {
	if other.s.shared != d.s.shared {
		return d.note(fmt.Errorf("spark: DataFrames of two sessions (%s and %s) do not meet in one plan", d.s.id, other.s.id))
	}
	return d.note(other.err)
}

// CrossJoin pairs all rows of both.
func (d *DataFrame) CrossJoin(other *DataFrame) *DataFrame { return d.Join(other, nil, "cross") }

// Union is the rows of both, columns by position; it keeps repeated rows.
func (d *DataFrame) Union(other *DataFrame) *DataFrame {
	return d.set(other, pb.SetOperation_SET_OP_TYPE_UNION, true, false)
}

// UnionByName is Union with columns by name.
func (d *DataFrame) UnionByName(other *DataFrame) *DataFrame {
	return d.set(other, pb.SetOperation_SET_OP_TYPE_UNION, true, true)
}

// Intersect is the distinct rows that both have.
func (d *DataFrame) Intersect(other *DataFrame) *DataFrame {
	return d.set(other, pb.SetOperation_SET_OP_TYPE_INTERSECT, false, false)
}

// Except is the distinct rows that other does not have.
func (d *DataFrame) Except(other *DataFrame) *DataFrame {
	return d.set(other, pb.SetOperation_SET_OP_TYPE_EXCEPT, false, false)
}

// ExceptAll is the rows that other does not have, as often as they are more.
func (d *DataFrame) ExceptAll(other *DataFrame) *DataFrame {
	return d.set(other, pb.SetOperation_SET_OP_TYPE_EXCEPT, true, false)
}

func (d *DataFrame) set(other *DataFrame, t pb.SetOperation_SetOpType, all, byName bool) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_SetOp{SetOp: &pb.SetOperation{
		LeftInput: d.rel, RightInput: other.rel, SetOpType: t, IsAll: proto.Bool(all), ByName: proto.Bool(byName),
	}}}).with(other)
}

// Unpivot turns columns into rows: for each of values a row with ids, the column's name and its value.
func (d *DataFrame) Unpivot(ids, values []string, variable, value string) *DataFrame {
	exprs := func(names []string) (list []*pb.Expression) {
		for _, n := range names {
			list = append(list, Col(n).expr)
		}
		return list
	}
	return d.then(&pb.Relation{RelType: &pb.Relation_Unpivot{Unpivot: &pb.Unpivot{
		Input: d.rel, Ids: exprs(ids), Values: &pb.Unpivot_Values{Values: exprs(values)},
		VariableColumnName: variable, ValueColumnName: value,
	}}})
}

// FillNA replaces missing values of the given columns, without columns of all that v fits.
func (d *DataFrame) FillNA(v any, cols ...string) *DataFrame {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	l, err := literal(v)
	return d.then(&pb.Relation{RelType: &pb.Relation_FillNa{FillNa: &pb.NAFill{
		Input: d.rel, Cols: cols, Values: []*pb.Expression_Literal{l},
	}}}).note(err)
}

// DropNA leaves out rows that miss a value in one of the given columns, without columns in any.
func (d *DataFrame) DropNA(cols ...string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_DropNa{DropNa: &pb.NADrop{Input: d.rel, Cols: cols}}})
}

// Replace replaces values: old and replacement are of one kind (text, numbers as float64, or truth values).
func (d *DataFrame) Replace(old, replacement any, cols ...string) *DataFrame {
	double := func(v any) any {
		if n, ok := v.(int); ok {
			return float64(n)
		}
		return v
	}
	a, err := literal(double(old))
	b, err2 := literal(double(replacement))
	return d.then(&pb.Relation{RelType: &pb.Relation_Replace{Replace: &pb.NAReplace{
		Input: d.rel, Cols: cols, Replacements: []*pb.NAReplace_Replacement{{OldValue: a, NewValue: b}},
	}}}).note(err).note(err2)
}

// Describe is count, mean, stddev, min and max of columns, without columns of all.
func (d *DataFrame) Describe(cols ...string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Describe{Describe: &pb.StatDescribe{Input: d.rel, Cols: cols}}})
}

// Summary is statistics of all columns: count, mean, stddev, min, max, or percentiles such as 75%.
func (d *DataFrame) Summary(statistics ...string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Summary{Summary: &pb.StatSummary{Input: d.rel, Statistics: statistics}}})
}

// Crosstab counts the pairs of values of two columns.
func (d *DataFrame) Crosstab(a, b string) *DataFrame {
	return d.then(&pb.Relation{RelType: &pb.Relation_Crosstab{Crosstab: &pb.StatCrosstab{Input: d.rel, Col1: a, Col2: b}}})
}

// ApproxQuantile is the quantiles of columns, each as near as relativeError; 0 is exact.
func (d *DataFrame) ApproxQuantile(cols []string, probabilities []float64, relativeError float64) ([][]float64, error) {
	rows, err := d.then(&pb.Relation{RelType: &pb.Relation_ApproxQuantile{ApproxQuantile: &pb.StatApproxQuantile{
		Input: d.rel, Cols: cols, Probabilities: probabilities, RelativeError: relativeError,
	}}}).Collect()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([][]float64, len(cols))
	for i, v := range rows[0].Values[0].([]any) {
		for _, q := range v.([]any) {
			out[i] = append(out[i], q.(float64))
		}
	}
	return out, nil
}

// Correlation is Pearson's of two columns.
func (d *DataFrame) Correlation(a, b string) (float64, error) {
	return d.number(&pb.Relation{RelType: &pb.Relation_Corr{Corr: &pb.StatCorr{Input: d.rel, Col1: a, Col2: b}}})
}

// Covariance is the sample covariance of two columns.
func (d *DataFrame) Covariance(a, b string) (float64, error) {
	return d.number(&pb.Relation{RelType: &pb.Relation_Cov{Cov: &pb.StatCov{Input: d.rel, Col1: a, Col2: b}}})
}

func (d *DataFrame) number(r *pb.Relation) (float64, error) {
	rows, err := d.then(r).Collect()
	if err != nil {
		return 0, err
	}
	f, ok := rows[0].Values[0].(float64)
	if !ok {
		return 0, fmt.Errorf("spark: the server answers %v; want a number", rows[0].Values[0])
	}
	return f, nil
}
