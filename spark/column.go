package spark

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Column is an expression over the columns of a DataFrame. Its methods take columns or Go values, which are
// constants; names of columns are made columns by functions.Col.
type Column struct {
	expr *pb.Expression
	err  error // the first mistake in it
}

// Col is the column of that name; a.b is field b of column a, * all columns. Names with dots or spaces stand in
// backquotes.
func Col(name string) Column {
	if name == "*" {
		return Column{expr: &pb.Expression{ExprType: &pb.Expression_UnresolvedStar_{UnresolvedStar: &pb.Expression_UnresolvedStar{}}}}
	}
	return Column{expr: &pb.Expression{ExprType: &pb.Expression_UnresolvedAttribute_{
		UnresolvedAttribute: &pb.Expression_UnresolvedAttribute{UnparsedIdentifier: name},
	}}}
}

// Lit is a constant: a truth value, number, text, bytes, time.Time, time.Duration, nil, or a slice of them.
// A Column stays as it is.
func Lit(v any) Column {
	if c, ok := v.(Column); ok {
		return c
	}
	l, err := literal(v)
	return Column{&pb.Expression{ExprType: &pb.Expression_Literal_{Literal: l}}, err}
}

// Expr is an expression in SQL, such as "a + 1".
func Expr(sql string) Column {
	return Column{expr: &pb.Expression{ExprType: &pb.Expression_ExpressionString_{
		ExpressionString: &pb.Expression_ExpressionString{Expression: sql},
	}}}
}

// Call is the call of a function of SQL by its name, built in or registered. Arguments that are no columns are
// constants.
func Call(name string, args ...any) Column { return call(name, false, args...) }

// CallDistinct is Call of an aggregate over the distinct values: count(DISTINCT x).
func CallDistinct(name string, args ...any) Column { return call(name, true, args...) }

// CallInternal is Call of a function that the server hides from SQL, such as vector_to_array.
func CallInternal(name string, args ...any) Column {
	c := call(name, false, args...)
	c.expr.GetUnresolvedFunction().IsInternal = proto.Bool(true)
	return c
}

func call(name string, distinct bool, args ...any) Column {
	f := &pb.Expression_UnresolvedFunction{FunctionName: name, IsDistinct: distinct}
	c := Column{expr: &pb.Expression{ExprType: &pb.Expression_UnresolvedFunction_{UnresolvedFunction: f}}}
	for _, a := range args {
		l := Lit(a)
		f.Arguments = append(f.Arguments, l.expr)
		c.note(l)
	}
	return c
}

func (c *Column) note(other Column) {
	if c.err == nil {
		c.err = other.err
	}
	if c.err == nil && other.expr == nil {
		c.err = fmt.Errorf("spark: a Column without an expression; make one with functions.Col or functions.Lit")
	}
}

// named is a column for a name, and what Lit makes of anything else.
func named(v any) Column {
	if s, ok := v.(string); ok {
		return Col(s)
	}
	return Lit(v)
}

// NameOrColumn is the column of a name, and a Column itself; other values are constants. Package functions
// reads arguments with it.
func NameOrColumn(v any) Column { return named(v) }

// Add is c + v.
func (c Column) Add(v any) Column { return Call("+", c, v) }

// Sub is c − v.
func (c Column) Sub(v any) Column { return Call("-", c, v) }

// Mul is c · v.
func (c Column) Mul(v any) Column { return Call("*", c, v) }

// Div is c / v.
func (c Column) Div(v any) Column { return Call("/", c, v) }

// Mod is the remainder of c / v, with the sign of c.
func (c Column) Mod(v any) Column { return Call("%", c, v) }

// Pow is c to the power of v.
func (c Column) Pow(v any) Column { return Call("power", c, v) }

// Neg is −c.
func (c Column) Neg() Column { return Call("negative", c) }

// Eq is c = v; NULL if either is.
func (c Column) Eq(v any) Column { return Call("==", c, v) }

// Ne is c ≠ v.
func (c Column) Ne(v any) Column { return Call("not", Call("==", c, v)) }

// Lt is c < v.
func (c Column) Lt(v any) Column { return Call("<", c, v) }

// Le is c ≤ v.
func (c Column) Le(v any) Column { return Call("<=", c, v) }

// Gt is c > v.
func (c Column) Gt(v any) Column { return Call(">", c, v) }

// Ge is c ≥ v.
func (c Column) Ge(v any) Column { return Call(">=", c, v) }

// EqNullSafe is c = v, true if both are NULL and never NULL.
func (c Column) EqNullSafe(v any) Column { return Call("<=>", c, v) }

// And is true where both are.
func (c Column) And(v any) Column { return Call("and", c, v) }

// Or is true where one is.
func (c Column) Or(v any) Column { return Call("or", c, v) }

// Not is true where c is false.
func (c Column) Not() Column { return Call("not", c) }

// BitAnd, BitOr and BitXor are the bitwise operators.
func (c Column) BitAnd(v any) Column { return Call("&", c, v) }

// BitOr is the bitwise or.
func (c Column) BitOr(v any) Column { return Call("|", c, v) }

// BitXor is the bitwise exclusive or.
func (c Column) BitXor(v any) Column { return Call("^", c, v) }

// IsNull is true where c is NULL.
func (c Column) IsNull() Column { return Call("isNull", c) }

// IsNotNull is true where c is not NULL.
func (c Column) IsNotNull() Column { return Call("isNotNull", c) }

// IsNaN is true where c is NaN.
func (c Column) IsNaN() Column { return Call("isNaN", c) }

// Like is true where the text fits a pattern of SQL: % any characters, _ one.
func (c Column) Like(pattern string) Column { return Call("like", c, pattern) }

// ILike is Like that ignores case.
func (c Column) ILike(pattern string) Column { return Call("ilike", c, pattern) }

// RLike is true where a regular expression of Java matches a part of the text.
func (c Column) RLike(pattern string) Column { return Call("rlike", c, pattern) }

// Contains is true where the text contains v.
func (c Column) Contains(v any) Column { return Call("contains", c, v) }

// StartsWith is true where the text starts with v.
func (c Column) StartsWith(v any) Column { return Call("startswith", c, v) }

// EndsWith is true where the text ends with v.
func (c Column) EndsWith(v any) Column { return Call("endswith", c, v) }

// Substr is the part of the text from position start, the first being 1, of length characters.
func (c Column) Substr(start, length any) Column { return Call("substr", c, start, length) }

// Between is lower ≤ c ≤ upper.
func (c Column) Between(lower, upper any) Column { return c.Ge(lower).And(c.Le(upper)) }

// IsIn is true where c is one of the values.
func (c Column) IsIn(values ...any) Column { return Call("in", append([]any{c}, values...)...) }

// GetItem is element key of an array (from 0) or a map.
func (c Column) GetItem(key any) Column {
	k := Lit(key)
	out := Column{expr: &pb.Expression{ExprType: &pb.Expression_UnresolvedExtractValue_{
		UnresolvedExtractValue: &pb.Expression_UnresolvedExtractValue{Child: c.expr, Extraction: k.expr},
	}}}
	out.note(c)
	out.note(k)
	return out
}

// GetField is a field of a struct.
func (c Column) GetField(name string) Column { return c.GetItem(name) }

// WithField is the struct c with a field set.
func (c Column) WithField(name string, v any) Column {
	l := Lit(v)
	out := Column{expr: &pb.Expression{ExprType: &pb.Expression_UpdateFields_{
		UpdateFields: &pb.Expression_UpdateFields{StructExpression: c.expr, FieldName: name, ValueExpression: l.expr},
	}}}
	out.note(c)
	out.note(l)
	return out
}

// DropFields is the struct c without some fields.
func (c Column) DropFields(names ...string) Column {
	for _, n := range names {
		e := c.expr
		c.expr = &pb.Expression{ExprType: &pb.Expression_UpdateFields_{
			UpdateFields: &pb.Expression_UpdateFields{StructExpression: e, FieldName: n},
		}}
	}
	return c
}

// As names the column. Several names are those of the columns that a function such as posexplode makes.
func (c Column) As(names ...string) Column {
	c.expr = &pb.Expression{ExprType: &pb.Expression_Alias_{Alias: &pb.Expression_Alias{Expr: c.expr, Name: names}}}
	return c
}

// Alias is As.
func (c Column) Alias(names ...string) Column { return c.As(names...) }

// Cast converts to a type of SQL, such as double or array<int>.
func (c Column) Cast(typ string) Column { return c.cast(typ, pb.Expression_Cast_EVAL_MODE_UNSPECIFIED) }

// TryCast is Cast that gives NULL for values that do not fit.
func (c Column) TryCast(typ string) Column { return c.cast(typ, pb.Expression_Cast_EVAL_MODE_TRY) }

func (c Column) cast(typ string, mode pb.Expression_Cast_EvalMode) Column {
	c.expr = &pb.Expression{ExprType: &pb.Expression_Cast_{Cast: &pb.Expression_Cast{
		Expr: c.expr, CastToType: &pb.Expression_Cast_TypeStr{TypeStr: typ}, EvalMode: mode,
	}}}
	return c
}

// Asc sorts upwards, NULL first.
func (c Column) Asc() Column { return c.order(true, true) }

// AscNullsLast sorts upwards, NULL last.
func (c Column) AscNullsLast() Column { return c.order(true, false) }

// Desc sorts downwards, NULL last.
func (c Column) Desc() Column { return c.order(false, false) }

// DescNullsFirst sorts downwards, NULL first.
func (c Column) DescNullsFirst() Column { return c.order(false, true) }

func (c Column) order(up, nullsFirst bool) Column {
	o := &pb.Expression_SortOrder{
		Child: c.expr, Direction: pb.Expression_SortOrder_SORT_DIRECTION_DESCENDING,
		NullOrdering: pb.Expression_SortOrder_SORT_NULLS_LAST,
	}
	if up {
		o.Direction = pb.Expression_SortOrder_SORT_DIRECTION_ASCENDING
	}
	if nullsFirst {
		o.NullOrdering = pb.Expression_SortOrder_SORT_NULLS_FIRST
	}
	c.expr = &pb.Expression{ExprType: &pb.Expression_SortOrder_{SortOrder: o}}
	return c
}

// sortOrder is c as an order, upwards unless it says otherwise.
func (c Column) sortOrder() *pb.Expression_SortOrder {
	if o := c.expr.GetSortOrder(); o != nil {
		return o
	}
	return c.Asc().expr.GetSortOrder()
}

// When adds a case to functions.When: v where condition is true and no case before it was.
func (c Column) When(condition Column, v any) Column {
	f := c.expr.GetUnresolvedFunction()
	if f == nil || f.FunctionName != "when" || len(f.Arguments)%2 != 0 {
		c.note(Column{err: fmt.Errorf("spark: When follows functions.When, before Otherwise")})
		return c
	}
	return c.extend(condition, Lit(v))
}

// Otherwise ends functions.When: v where no case is true.
func (c Column) Otherwise(v any) Column {
	f := c.expr.GetUnresolvedFunction()
	if f == nil || f.FunctionName != "when" || len(f.Arguments)%2 != 0 {
		c.note(Column{err: fmt.Errorf("spark: Otherwise follows functions.When, once")})
		return c
	}
	return c.extend(Lit(v))
}

func (c Column) extend(more ...Column) Column {
	f := c.expr.GetUnresolvedFunction()
	args := append([]*pb.Expression{}, f.Arguments...)
	for _, m := range more {
		args = append(args, m.expr)
		c.note(m)
	}
	c.expr = &pb.Expression{ExprType: &pb.Expression_UnresolvedFunction_{
		UnresolvedFunction: &pb.Expression_UnresolvedFunction{FunctionName: "when", Arguments: args},
	}}
	return c
}
