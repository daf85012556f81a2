package ml

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/spark"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Save writes the model where the server can reach, over what is there. MLlib in any language reads it.
func (m *Model) Save(where string) error {
	w := &pb.MlCommand_Write{
		Type: &pb.MlCommand_Write_ObjRef{ObjRef: &pb.ObjectRef{Id: m.ref}}, Path: where, ShouldOverwrite: proto.Bool(true),
	}
	if m.params != nil {
		p, err := m.params.message()
		if err != nil {
			return err
		}
		w.Params = p
	}
	_, err := command(m.s, &pb.MlCommand{Command: &pb.MlCommand_Write_{Write: w}})
	return err
}

// Save writes an operator that has not been fitted, with its parameters.
func (o *Operator) Save(s *spark.Session, where string) error {
	p, err := o.message()
	if err != nil {
		return err
	}
	_, err = command(s, &pb.MlCommand{Command: &pb.MlCommand_Write_{Write: &pb.MlCommand_Write{
		Type: &pb.MlCommand_Write_Operator{Operator: o.operator()}, Params: p, Path: where, ShouldOverwrite: proto.Bool(true),
	}}})
	return err
}

// metadata is the file that describes a stage in MLlib's format.
type metadata struct {
	Class     string         `json:"class"`
	Timestamp int64          `json:"timestamp"`
	Version   string         `json:"sparkVersion"`
	UID       string         `json:"uid"`
	Params    map[string]any `json:"paramMap"`
	Defaults  map[string]any `json:"defaultParamMap"`
}

const (
	pipelineClass      = "org.apache.spark.ml.PipelineModel"
	pipelineToFitClass = "org.apache.spark.ml.Pipeline"
)

// Save writes the fitted pipeline where the server can reach, over what is there.
func (m *PipelineModel) Save(s *spark.Session, where string) error {
	stages := make([]any, len(m.Stages))
	for i, t := range m.Stages {
		stages[i] = t
	}
	return saveStages(s, where, pipelineClass, m.UID, stages)
}

// Save writes the pipeline before it is fitted, for LoadPipeline.
func (p *Pipeline) Save(s *spark.Session, where string) error {
	return saveStages(s, where, pipelineToFitClass, p.UID, p.Stages)
}

// Save writes the best model, which Load reads; the scores of the search are not kept.
func (t *Tuned) Save(s *spark.Session, where string) error {
	switch m := t.Best.(type) {
	case *Model:
		return m.Save(where)
	case *PipelineModel:
		return m.Save(s, where)
	}
	return fmt.Errorf("ml.Tuned: the best model is %T; want a model or a pipeline", t.Best)
}

func saveStages(s *spark.Session, where, class, own string, stages []any) error {
	uids := make([]any, len(stages))
	for i, t := range stages {
		uid := ""
		save := func(string) error {
			return fmt.Errorf("stage %d is %T; want an estimator, a model, a transformer or a pipeline", i, t)
		}
		switch x := t.(type) {
		case *Model:
			uid, save = newUID("model"), x.Save
			if x.Of != nil {
				uid = x.Of.UID
			}
		case *Operator:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		case *Estimator:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		case *PipelineModel:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		case *Pipeline:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		}
		uids[i] = uid
		if err := save(stagePath(where, i, len(stages), uid)); err != nil {
			return fmt.Errorf("ml.Save: %w", err)
		}
	}
	text, err := json.Marshal(metadata{
		Class: class, Timestamp: time.Now().UnixMilli(), Version: s.Version(), UID: own,
		Params: map[string]any{"stageUids": uids}, Defaults: map[string]any{},
	})
	if err != nil {
		return fmt.Errorf("ml.Save: %w", err)
	}
	d, err := s.FromRows([]string{"value"}, []any{string(text)})
	if err != nil {
		return err
	}
	return d.Coalesce(1).Write().Mode("overwrite").Text(path.Join(where, "metadata"))
}

// stagePath is where MLlib keeps a stage.
func stagePath(where string, i, n int, uid any) string {
	return path.Join(where, "stages", fmt.Sprintf("%0*d_%v", len(fmt.Sprint(n)), i, uid))
}

// Load reads what Save, or MLlib in another language, has written: a *Model, an *Operator (a transformer) or a
// *PipelineModel.
func Load(s *spark.Session, where string) (Transformer, error) {
	m, err := metadataAt(s, where)
	if err != nil {
		return nil, err
	}
	if m.Class == pipelineClass || strings.HasSuffix(m.Class, "pipeline.PipelineModel") {
		stages, err := loadStages(s, where, m, func(at string) (any, error) { return Load(s, at) })
		p := &PipelineModel{UID: m.UID}
		for _, t := range stages {
			p.Stages = append(p.Stages, t.(Transformer))
		}
		return p, err
	}
	for _, spec := range registry {
		if spec.Class == m.Class && spec.Kind == TransformerKind {
			return loadOperator(s, where, spec)
		}
	}
	return loadModel(s, where, m.Class)
}

// LoadPipeline reads a pipeline that was saved before it was fitted.
func LoadPipeline(s *spark.Session, where string) (*Pipeline, error) {
	m, err := metadataAt(s, where)
	if err != nil {
		return nil, err
	}
	if m.Class != pipelineToFitClass && !strings.HasSuffix(m.Class, "pipeline.Pipeline") {
		return nil, fmt.Errorf("ml.LoadPipeline: %s holds a %s; want a pipeline that is not fitted, or use Load", where, m.Class)
	}
	p := &Pipeline{UID: m.UID}
	p.Stages, err = loadStages(s, where, m, func(at string) (any, error) {
		m, err := metadataAt(s, at)
		if err != nil {
			return nil, err
		}
		for _, spec := range registry {
			if spec.Class == m.Class && spec.Kind == EstimatorKind {
				o, err := loadOperator(s, at, spec)
				return &Estimator{o}, err
			}
		}
		if m.Class == pipelineToFitClass {
			return LoadPipeline(s, at)
		}
		return Load(s, at)
	})
	return p, err
}

func metadataAt(s *spark.Session, where string) (m metadata, err error) {
	row, err := s.Read().Text(path.Join(where, "metadata")).First()
	if err != nil {
		return m, fmt.Errorf("ml.Load: %s: %w", where, err)
	}
	line, _ := row.Values[0].(string)
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return m, fmt.Errorf("ml.Load: %s: the metadata is no JSON object: %w", where, err)
	}
	return m, nil
}

func loadStages(s *spark.Session, where string, m metadata, load func(at string) (any, error)) ([]any, error) {
	uids, _ := m.Params["stageUids"].([]any)
	var stages []any
	for i, uid := range uids {
		t, err := load(stagePath(where, i, len(uids), uid))
		if err != nil {
			return nil, err
		}
		stages = append(stages, t)
	}
	return stages, nil
}

func read(s *spark.Session, where, class string, t pb.MlOperator_OperatorType) (*pb.MlCommandResult_MlOperatorInfo, error) {
	r, err := command(s, &pb.MlCommand{Command: &pb.MlCommand_Read_{Read: &pb.MlCommand_Read{
		Operator: &pb.MlOperator{Name: class, Uid: uuid.NewString(), Type: t}, Path: where,
	}}})
	if err != nil {
		return nil, fmt.Errorf("ml.Load: %s: %w", where, err)
	}
	return r.GetOperatorInfo(), nil
}

func loadModel(s *spark.Session, where, class string) (*Model, error) {
	info, err := read(s, where, class, pb.MlOperator_OPERATOR_TYPE_MODEL)
	if err != nil {
		return nil, err
	}
	return &Model{s: s, ref: info.GetObjRef().GetId(), Warning: info.GetWarningMessage()}, nil
}

func loadOperator(s *spark.Session, where string, spec *Spec) (*Operator, error) {
	kind := pb.MlOperator_OPERATOR_TYPE_TRANSFORMER
	if spec.Kind == EstimatorKind {
		kind = pb.MlOperator_OPERATOR_TYPE_ESTIMATOR
	}
	info, err := read(s, where, spec.Class, kind)
	if err != nil {
		return nil, err
	}
	o := &Operator{Spec: spec, UID: info.GetUid(), params: Params{}}
	for k, l := range info.GetParams().GetParams() {
		v, err := spark.Value(l)
		if err != nil {
			return nil, fmt.Errorf("ml.Load: %s: parameter %s: %w", where, k, err)
		}
		o.set(k, v)
	}
	return o, o.err
}
