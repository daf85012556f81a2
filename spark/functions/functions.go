// Package functions has the functions of Spark SQL, for the columns of data frames.
//
//	import F "github.com/lathe-ml/lathe/spark/functions"
//	d.Filter(F.Col("km").Gt(10)).GroupBy("driver").Agg(F.Avg("fare").As("fare"), F.Count("*"))
//	d.WithColumn("grade", F.When(F.Col("x").Gt(1), "high").Otherwise("low"))
//	w := spark.PartitionBy("driver").OrderBy(F.Desc("fare"))
//	d.WithColumn("rank", F.RowNumber().Over(w))
//
// Arguments follow pyspark's: where a function takes a column, a string is the column's name; where it takes
// a constant, such as a pattern or a format, a string is the text. A Column is itself everywhere, and Lit
// makes a constant column. Functions of the server that are missing here are reached with spark.Call. The
// package computes nothing.
package functions

import (
	"fmt"

	"github.com/lathe-ml/lathe/spark"
)

// Col is the column of that name.
func Col(name string) spark.Column { return spark.Col(name) }

// Lit is a constant.
func Lit(v any) spark.Column { return spark.Lit(v) }

// Expr is an expression in SQL.
func Expr(sql string) spark.Column { return spark.Expr(sql) }

// names reads arguments that are columns.
func names(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = spark.NameOrColumn(a)
	}
	return out
}

// constants reads arguments that are constants.
func constants(args []any) []any { return args }

// further reads optional arguments: those at a c of modes are columns, the others constants.
func further(function, modes string, args []any) []any {
	if len(args) > len(modes) {
		return []any{fmt.Errorf("functions.%s: %d optional arguments; want at most %d", function, len(args), len(modes))}
	}
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		if modes[i] == 'c' {
			out[i] = spark.NameOrColumn(a)
		}
	}
	return out
}

// Count counts the rows in which a column is not NULL; "*" counts all.
func Count(col any) spark.Column {
	if col == "*" {
		return spark.Call("count", 1).As("count(1)")
	}
	return spark.Call("count", spark.NameOrColumn(col))
}

// CountDistinct counts the distinct values, or combinations of values, in which no column is NULL.
func CountDistinct(cols ...any) spark.Column { return spark.CallDistinct("count", names(cols)...) }

// PercentileApprox is approximate percentiles: percentage is a number of [0, 1] or []float64; a greater
// accuracy takes more memory (10000 is usual).
func PercentileApprox(col, percentage any, accuracy int) spark.Column {
	return spark.Call("percentile_approx", spark.NameOrColumn(col), percentage, accuracy)
}

// When is v where condition is true; more cases follow with When, and Otherwise ends it.
func When(condition spark.Column, v any) spark.Column { return spark.Call("when", condition, v) }

// Asc sorts by a column upwards, NULL first.
func Asc(col any) spark.Column { return spark.NameOrColumn(col).Asc() }

// Desc sorts by a column downwards, NULL last.
func Desc(col any) spark.Column { return spark.NameOrColumn(col).Desc() }

// Broadcast advises to send the DataFrame to all executors in a join.
func Broadcast(d *spark.DataFrame) *spark.DataFrame { return d.Hint("broadcast") }

// Array is an array of columns.
func Array(cols ...any) spark.Column { return spark.Call("array", names(cols)...) }

// Struct is a struct of columns, with their names.
func Struct(cols ...any) spark.Column { return spark.Call("struct", names(cols)...) }

// CreateMap is a map of keys and values in turn.
func CreateMap(cols ...any) spark.Column { return spark.Call("map", names(cols)...) }

// MapConcat is the union of maps.
func MapConcat(cols ...any) spark.Column { return spark.Call("map_concat", names(cols)...) }

// FromJSON reads text as JSON of a schema such as "a int, b array<double>"; NULL where it does not fit.
func FromJSON(col any, schema string) spark.Column {
	return spark.Call("from_json", spark.NameOrColumn(col), schema)
}

// Window is the window of time, such as "10 minutes", that a time falls into: a struct with start and end.
// With a slide, windows overlap.
func Window(timeColumn any, duration string, slide ...string) spark.Column {
	args := []any{spark.NameOrColumn(timeColumn), duration}
	if len(slide) > 0 {
		args = append(args, slide[0])
	}
	return spark.Call("window", args...)
}

// SessionWindow is the window of times between which no gap is as long as gap.
func SessionWindow(timeColumn, gap any) spark.Column {
	return spark.Call("session_window", spark.NameOrColumn(timeColumn), gap)
}

// VectorToArray makes an array of doubles of a vector of MLlib.
func VectorToArray(col any) spark.Column {
	return spark.CallInternal("vector_to_array", spark.NameOrColumn(col), "float64")
}

// ArrayToVector makes a dense vector of MLlib of an array of numbers.
func ArrayToVector(col any) spark.Column {
	return spark.CallInternal("array_to_vector", spark.NameOrColumn(col))
}

func one(f func(x spark.Column) spark.Column) spark.Column {
	return spark.Lambda(1, func(a []spark.Column) spark.Column { return f(a[0]) })
}

func two(f func(x, y spark.Column) spark.Column) spark.Column {
	return spark.Lambda(2, func(a []spark.Column) spark.Column { return f(a[0], a[1]) })
}

// Transform applies f to each element of an array.
func Transform(col any, f func(x spark.Column) spark.Column) spark.Column {
	return spark.Call("transform", spark.NameOrColumn(col), one(f))
}

// Filter keeps the elements of an array for which f is true.
func Filter(col any, f func(x spark.Column) spark.Column) spark.Column {
	return spark.Call("filter", spark.NameOrColumn(col), one(f))
}

// Exists is true if f is for an element of an array.
func Exists(col any, f func(x spark.Column) spark.Column) spark.Column {
	return spark.Call("exists", spark.NameOrColumn(col), one(f))
}

// Forall is true if f is for all elements of an array.
func Forall(col any, f func(x spark.Column) spark.Column) spark.Column {
	return spark.Call("forall", spark.NameOrColumn(col), one(f))
}

// Aggregate folds an array: merge(state, element) from initial on.
func Aggregate(col, initial any, merge func(state, x spark.Column) spark.Column) spark.Column {
	return spark.Call("aggregate", spark.NameOrColumn(col), spark.NameOrColumn(initial), two(merge))
}

// ZipWith merges two arrays element by element.
func ZipWith(left, right any, f func(x, y spark.Column) spark.Column) spark.Column {
	return spark.Call("zip_with", spark.NameOrColumn(left), spark.NameOrColumn(right), two(f))
}

// TransformKeys replaces the keys of a map by f(key, value).
func TransformKeys(col any, f func(k, v spark.Column) spark.Column) spark.Column {
	return spark.Call("transform_keys", spark.NameOrColumn(col), two(f))
}

// TransformValues replaces the values of a map by f(key, value).
func TransformValues(col any, f func(k, v spark.Column) spark.Column) spark.Column {
	return spark.Call("transform_values", spark.NameOrColumn(col), two(f))
}

// MapFilter keeps the entries of a map for which f(key, value) is true.
func MapFilter(col any, f func(k, v spark.Column) spark.Column) spark.Column {
	return spark.Call("map_filter", spark.NameOrColumn(col), two(f))
}

// ArraySort sorts an array upwards, NULL last; compare returns a negative number, zero or a positive one, and nil
// stands for the natural order.
func ArraySort(col any, compare func(x, y spark.Column) spark.Column) spark.Column {
	if compare == nil {
		return spark.Call("array_sort", spark.NameOrColumn(col))
	}
	return spark.Call("array_sort", spark.NameOrColumn(col), two(compare))
}

// Greatest is the greatest value of columns that are not NULL.
func Greatest(cols ...any) spark.Column { return spark.Call("greatest", names(cols)...) }

// Least is the least value of columns that are not NULL.
func Least(cols ...any) spark.Column { return spark.Call("least", names(cols)...) }

// SHA2 is the hash of the SHA-2 family with bits bits (224, 256, 384 or 512), in hexadecimal digits.
func SHA2(col any, bits int) spark.Column {
	return spark.Call("sha2", spark.NameOrColumn(col), bits)
}
