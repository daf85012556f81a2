package ml

import (
	"fmt"

	"github.com/lathe-ml/lathe/spark"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Transformer makes columns of a data frame.
type Transformer interface {
	Transform(d *spark.DataFrame) *spark.DataFrame
}

// Fitter fits a transformer to a data frame: an Estimator, a Pipeline, a CrossValidator …
type Fitter interface {
	// Learn fits with further parameters for some of the estimators in it.
	Learn(d *spark.DataFrame, more Setting) (Transformer, error)
}

// Setting is parameters for estimators, which are told apart by their UID.
type Setting map[*Operator]Params

// of is what a setting says of o; copies of an operator have one UID.
func (s Setting) of(o *Operator) Params {
	all := Params{}
	for k, p := range s {
		if k.UID == o.UID {
			for name, v := range p {
				all[name] = v
			}
		}
	}
	return all
}

// Estimator is an operator that fits a model.
type Estimator struct{ *Operator }

func newEstimator(name string, p []Params) *Estimator { return &Estimator{newOperator(name, p)} }

// With is a copy of e with further parameters.
func (e *Estimator) With(p Params) *Estimator { return &Estimator{e.Operator.With(p)} }

// Fit fits the model to d, on the cluster.
func (e *Estimator) Fit(d *spark.DataFrame) (*Model, error) {
	p, err := e.message()
	if err != nil {
		return nil, err
	}
	in, err := d.Relation()
	if err != nil {
		return nil, err
	}
	r, err := command(d.Session(), &pb.MlCommand{Command: &pb.MlCommand_Fit_{Fit: &pb.MlCommand_Fit{
		Estimator: e.operator(), Params: p, Dataset: in,
	}}})
	if err != nil {
		return nil, fmt.Errorf("ml.%s: %w", e.Spec.Name, err)
	}
	info := r.GetOperatorInfo()
	if info.GetObjRef().GetId() == "" {
		return nil, fmt.Errorf("ml.%s: the server sent no model", e.Spec.Name)
	}
	return &Model{Of: e.Operator, Warning: info.GetWarningMessage(), s: d.Session(), ref: info.GetObjRef().GetId(), data: in}, nil
}

// Learn is Fit for what is made of several estimators.
func (e *Estimator) Learn(d *spark.DataFrame, more Setting) (Transformer, error) {
	return e.With(more.of(e.Operator)).Fit(d)
}

// Model is a fitted model on the server.
type Model struct {
	Of      *Operator // what fitted it; nil after Load
	Warning string    // what the server says of the fit

	s      *spark.Session
	ref    string
	params *Operator    // parameters for Transform, see With
	data   *pb.Relation // that it was fitted to
}

// With is the model with other parameters for Transform, such as another predictionCol or threshold.
func (m *Model) With(p Params) *Model {
	c := *m
	if m.params == nil {
		if m.Of == nil {
			c.params = &Operator{err: fmt.Errorf("ml.Model: a loaded model keeps its parameters; set them before Save")}
			return &c
		}
		c.params = &Operator{Spec: m.Of.Spec, params: Params{}}
	}
	c.params = c.params.With(p)
	return &c
}

func (m *Model) name() string {
	if m.Of == nil {
		return "Model"
	}
	return m.Of.Spec.Name
}

// String names the model.
func (m *Model) String() string { return "model of " + m.name() }

// Transform is d with the columns that the model makes, such as prediction.
func (m *Model) Transform(d *spark.DataFrame) *spark.DataFrame {
	var p *pb.MlParams
	var err error
	if m.params != nil {
		p, err = m.params.message()
	}
	return relation(d, err, &pb.MlRelation_Transform{
		Operator: &pb.MlRelation_Transform_ObjRef{ObjRef: &pb.ObjectRef{Id: m.ref}}, Params: p,
	})
}

// call is an attribute of the model, or of what an attribute has: summary, accuracy.
type call struct {
	name string
	args []any
}

func (m *Model) fetch(calls []call) (*pb.Fetch, error) {
	f := &pb.Fetch{ObjRef: &pb.ObjectRef{Id: m.ref}}
	for _, c := range calls {
		method := &pb.Fetch_Method{Method: c.name}
		for _, v := range c.args {
			a := &pb.Fetch_Method_Args{}
			if d, ok := v.(*spark.DataFrame); ok {
				in, err := d.Relation()
				if err != nil {
					return nil, err
				}
				a.ArgsType = &pb.Fetch_Method_Args_Input{Input: in}
			} else {
				l, err := spark.Literal(v)
				if err != nil {
					return nil, err
				}
				a.ArgsType = &pb.Fetch_Method_Args_Param{Param: l}
			}
			method.Args = append(method.Args, a)
		}
		f.Methods = append(f.Methods, method)
	}
	return f, nil
}

func chain(attributes []string) []call {
	calls := make([]call, len(attributes))
	for i, a := range attributes {
		calls[i] = call{name: a}
	}
	return calls
}

// Get is an attribute of the model by its name in MLlib, such as Get("coefficients") or Get("summary",
// "accuracy"): float64, int64, bool, string, slices of them, spark.Vector, spark.Matrix, or *Model (a tree of
// a forest).
func (m *Model) Get(attributes ...string) (any, error) { return m.get(chain(attributes)) }

// Call is the result of a method of the model with arguments, such as Call("predict", spark.Vector{…}).
func (m *Model) Call(method string, args ...any) (any, error) { return m.get([]call{{method, args}}) }

func (m *Model) get(calls []call) (any, error) {
	f, err := m.fetch(calls)
	if err != nil {
		return nil, fmt.Errorf("ml.%s: %w", m.name(), err)
	}
	r, err := command(m.s, &pb.MlCommand{Command: &pb.MlCommand_Fetch{Fetch: f}})
	if err != nil && spark.ErrorClass(err) == "CONNECT_ML.MODEL_SUMMARY_LOST" && m.data != nil {
		// the server dropped the summary to save memory, and makes it again
		if _, err := command(m.s, &pb.MlCommand{Command: &pb.MlCommand_CreateSummary_{CreateSummary: &pb.MlCommand_CreateSummary{
			ModelRef: &pb.ObjectRef{Id: m.ref}, Dataset: m.data,
		}}}); err != nil {
			return nil, fmt.Errorf("ml.%s: %w", m.name(), err)
		}
		r, err = command(m.s, &pb.MlCommand{Command: &pb.MlCommand_Fetch{Fetch: f}})
	}
	if err != nil {
		return nil, fmt.Errorf("ml.%s: %w", m.name(), err)
	}
	if info := r.GetOperatorInfo(); info != nil {
		return &Model{s: m.s, ref: info.GetObjRef().GetId()}, nil
	}
	if r.GetParam() != nil {
		return spark.Value(r.GetParam())
	}
	return r.GetSummary(), nil
}

// Float is an attribute that is a number.
func (m *Model) Float(attributes ...string) (float64, error) {
	v, err := m.Get(attributes...)
	if err != nil {
		return 0, err
	}
	switch x := v.(type) {
	case float64:
		return x, nil
	case int64:
		return float64(x), nil
	}
	return 0, fmt.Errorf("ml.%s: attribute %v is %T; want a number", m.name(), attributes, v)
}

// Floats is an attribute that is a vector, matrix (row by row) or array of numbers.
func (m *Model) Floats(attributes ...string) ([]float64, error) {
	v, err := m.Get(attributes...)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case spark.Vector:
		return x.Dense(), nil
	case spark.Matrix:
		return x.Values, nil
	case []float64:
		return x, nil
	}
	return nil, fmt.Errorf("ml.%s: attribute %v is %T; want a vector, matrix or array of numbers", m.name(), attributes, v)
}

// Frame is an attribute that is a data frame, such as Frame("userFactors") or Frame("summary", "roc").
func (m *Model) Frame(attributes ...string) *spark.DataFrame { return m.frame(chain(attributes)) }

// CallFrame is the data frame that a method makes, such as CallFrame("recommendForAllUsers", 10).
func (m *Model) CallFrame(method string, args ...any) *spark.DataFrame {
	return m.frame([]call{{method, args}})
}

func (m *Model) frame(calls []call) *spark.DataFrame {
	f, err := m.fetch(calls)
	r := &pb.MlRelation{MlType: &pb.MlRelation_Fetch{Fetch: f}}
	if len(calls) > 1 && calls[0].name == "summary" {
		r.ModelSummaryDataset = m.data
	}
	return m.s.FromRelation(&pb.Relation{RelType: &pb.Relation_MlRelation{MlRelation: r}}).WithError(err)
}

// Delete frees the memory of the model on the server.
func (m *Model) Delete() error {
	_, err := command(m.s, &pb.MlCommand{Command: &pb.MlCommand_Delete_{Delete: &pb.MlCommand_Delete{
		ObjRefs: []*pb.ObjectRef{{Id: m.ref}},
	}}})
	return err
}

// Evaluator scores predictions.
type Evaluator struct{ *Operator }

func newEvaluator(name string, p []Params) *Evaluator { return &Evaluator{newOperator(name, p)} }

// With is a copy of e with further parameters.
func (e *Evaluator) With(p Params) *Evaluator { return &Evaluator{e.Operator.With(p)} }

// Evaluate scores the predictions in d.
func (e *Evaluator) Evaluate(d *spark.DataFrame) (float64, error) {
	p, err := e.message()
	if err != nil {
		return 0, err
	}
	in, err := d.Relation()
	if err != nil {
		return 0, err
	}
	r, err := command(d.Session(), &pb.MlCommand{Command: &pb.MlCommand_Evaluate_{Evaluate: &pb.MlCommand_Evaluate{
		Evaluator: e.operator(), Params: p, Dataset: in,
	}}})
	if err != nil {
		return 0, fmt.Errorf("ml.%s: %w", e.Spec.Name, err)
	}
	v, err := spark.Value(r.GetParam())
	f, ok := v.(float64)
	if err == nil && !ok {
		err = fmt.Errorf("ml.%s: the server answers %v; want a number", e.Spec.Name, v)
	}
	return f, err
}

// LargerIsBetter says whether a greater score is a better one.
func (e *Evaluator) LargerIsBetter() bool {
	switch e.text("metricName") {
	case "rmse", "mse", "mae", "logLoss", "hammingLoss":
		return false
	}
	return true
}
