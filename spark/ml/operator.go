package ml

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lathe-ml/lathe/spark"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Kind says what an operator does.
type Kind int

// The kinds of operators.
const (
	EstimatorKind Kind = iota + 1
	TransformerKind
	EvaluatorKind
)

// ParamType is the type of a parameter's value.
type ParamType int

// The types of parameters. They have no exported names: Param.Type.String tells them.
const (
	integer ParamType = iota + 1
	double
	boolean
	text
	texts
	doubles
	integers
	lists
	vector
	matrix
)

// String is the Go form of the type.
func (t ParamType) String() string {
	return [...]string{
		"?", "int", "float64", "bool", "string", "[]string", "[]float64", "[]int", "[][]float64", "spark.Vector", "spark.Matrix",
	}[t]
}

// Param is a parameter of an operator.
type Param struct {
	Name    string
	Type    ParamType
	Default string // as JSON; "": none, or made anew each time, such as a seed
	Doc     string
}

// Spec describes an operator of MLlib.
type Spec struct {
	Name   string
	Class  string // of Scala
	Kind   Kind
	Params []Param
}

// Operators lists the operators by name.
func Operators() []*Spec {
	return slices.SortedFunc(maps.Values(registry), func(a, b *Spec) int { return strings.Compare(a.Name, b.Name) })
}

// Params are values of parameters by their names in MLlib.
type Params map[string]any

// Operator is an operator of MLlib with its parameters. One that is a transformer transforms data frames.
type Operator struct {
	Spec *Spec
	UID  string

	params Params
	err    error
}

func newOperator(name string, p []Params) *Operator { return operatorOf(registry[name], p) }

func operatorOf(spec *Spec, p []Params) *Operator {
	o := &Operator{Spec: spec, UID: newUID(spec.Name), params: Params{}}
	for _, m := range p {
		for k, v := range m {
			o.set(k, v)
		}
	}
	return o
}

// newUID is a name for an operator that is a word in SQL, too.
func newUID(name string) string {
	return name + "_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
}

func newTransformer(name string, p []Params) *Operator { return newOperator(name, p) }

// set sets a parameter, or notes why it cannot.
func (o *Operator) set(name string, v any) {
	i := slices.IndexFunc(o.Spec.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		o.note(fmt.Errorf("ml.%s: there is no parameter %q; parameters: %s", o.Spec.Name, name, o.names()))
		return
	}
	x, err := o.Spec.Params[i].Type.of(v)
	if err != nil {
		o.note(fmt.Errorf("ml.%s: parameter %s: %w", o.Spec.Name, name, err))
		return
	}
	o.params[name] = x
}

func (o *Operator) note(err error) {
	if o.err == nil {
		o.err = err
	}
}

func (o *Operator) names() string {
	names := make([]string, len(o.Spec.Params))
	for i, p := range o.Spec.Params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// With is a copy of o with further parameters.
func (o *Operator) With(p Params) *Operator {
	c := &Operator{Spec: o.Spec, UID: o.UID, params: maps.Clone(o.params), err: o.err}
	for k, v := range p {
		c.set(k, v)
	}
	return c
}

// Param is the value of a parameter: the given one, or the default; nil without either.
func (o *Operator) Param(name string) any {
	if v, ok := o.params[name]; ok {
		return v
	}
	for _, p := range o.Spec.Params {
		if p.Name == name && p.Default != "" {
			var v any
			if json.Unmarshal([]byte(p.Default), &v) != nil {
				return nil
			}
			if x, err := p.Type.of(v); err == nil {
				return x
			}
		}
	}
	return nil
}

// text is the value of a parameter that is a column's name.
func (o *Operator) text(name string) string {
	s, _ := o.Param(name).(string)
	return s
}

// String names the operator and the parameters that were given.
func (o *Operator) String() string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(o.params)) {
		parts = append(parts, fmt.Sprintf("%s=%v", k, o.params[k]))
	}
	return o.Spec.Name + "(" + strings.Join(parts, ", ") + ")"
}

// of converts v to the type, where nothing is lost.
func (t ParamType) of(v any) (any, error) {
	wrong := fmt.Errorf("%v (%T); want %v", v, v, t)
	r := reflect.ValueOf(v)
	switch t {
	case integer, double:
		f, ok := number(r)
		if !ok || t == integer && f != math.Trunc(f) {
			return nil, wrong
		}
		if t == integer {
			if n, isLong := v.(int64); isLong {
				return n, nil
			}
			return int(f), nil
		}
		return f, nil
	case boolean:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case text:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case vector:
		switch x := v.(type) {
		case spark.Vector:
			return x, nil
		case []float64:
			return spark.Vector{Size: len(x), Values: x}, nil
		}
		if r.IsValid() && r.Kind() == reflect.Slice {
			if x, err := doubles.list(r, wrong); err == nil {
				return vector.of(x)
			}
		}
	case matrix:
		if m, ok := v.(spark.Matrix); ok {
			return m, nil
		}
	default:
		if r.IsValid() && r.Kind() == reflect.Slice {
			return t.list(r, wrong)
		}
	}
	return nil, wrong
}

func number(r reflect.Value) (float64, bool) {
	switch {
	case !r.IsValid():
		return 0, false
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return 0, false
}

var elements = map[ParamType]struct {
	t    ParamType
	zero any
}{texts: {text, ""}, doubles: {double, 0.0}, integers: {integer, 0}, lists: {doubles, []float64{}}}

func (t ParamType) list(r reflect.Value, wrong error) (any, error) {
	e := elements[t]
	out := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(e.zero)), 0, r.Len())
	for i := range r.Len() {
		v, err := e.t.of(r.Index(i).Interface())
		if err != nil || reflect.TypeOf(v) != reflect.TypeOf(e.zero) {
			return nil, wrong
		}
		out = reflect.Append(out, reflect.ValueOf(v))
	}
	return out.Interface(), nil
}

// message is the parameters as the protocol has them.
func (o *Operator) message() (*pb.MlParams, error) {
	if o.err != nil {
		return nil, o.err
	}
	m := &pb.MlParams{Params: map[string]*pb.Expression_Literal{}}
	for k, v := range o.params {
		if n, ok := v.(int); ok && (k == "seed") {
			v = int64(n)
		}
		l, err := spark.Literal(v)
		if err != nil {
			return nil, fmt.Errorf("ml.%s: parameter %s: %w", o.Spec.Name, k, err)
		}
		m.Params[k] = l
	}
	return m, nil
}

func (o *Operator) operator() *pb.MlOperator {
	t := map[Kind]pb.MlOperator_OperatorType{
		EstimatorKind: pb.MlOperator_OPERATOR_TYPE_ESTIMATOR, TransformerKind: pb.MlOperator_OPERATOR_TYPE_TRANSFORMER,
		EvaluatorKind: pb.MlOperator_OPERATOR_TYPE_EVALUATOR,
	}[o.Spec.Kind]
	return &pb.MlOperator{Name: o.Spec.Class, Uid: o.UID, Type: t}
}

// Transform is d with the columns that the transformer makes. Mistakes come back when it runs.
func (o *Operator) Transform(d *spark.DataFrame) *spark.DataFrame {
	p, err := o.message()
	if err == nil && o.Spec.Kind != TransformerKind {
		err = fmt.Errorf("ml.%s: it is no transformer; fit it and transform with its model", o.Spec.Name)
	}
	return relation(d, err, &pb.MlRelation_Transform{
		Operator: &pb.MlRelation_Transform_Transformer{Transformer: o.operator()}, Params: p,
	})
}

func relation(d *spark.DataFrame, err error, t *pb.MlRelation_Transform) *spark.DataFrame {
	in, first := d.Relation()
	if first == nil {
		first = err
	}
	t.Input = in
	return d.Session().FromRelation(&pb.Relation{RelType: &pb.Relation_MlRelation{
		MlRelation: &pb.MlRelation{MlType: &pb.MlRelation_Transform_{Transform: t}},
	}}).WithError(first)
}

// command runs a command of MLlib.
func command(s *spark.Session, c *pb.MlCommand) (*pb.MlCommandResult, error) {
	out := &pb.MlCommandResult{}
	err := s.Execute(&pb.Command{CommandType: &pb.Command_MlCommand{MlCommand: c}}, func(r *pb.ExecutePlanResponse) error {
		if x := r.GetMlCommandResult(); x != nil {
			out = x
		}
		return nil
	})
	return out, err
}
