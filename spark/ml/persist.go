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

const pipelineClass = "org.apache.spark.ml.PipelineModel"

// Save writes the fitted pipeline where the server can reach, over what is there.
func (m *PipelineModel) Save(s *spark.Session, where string) error {
	uids := make([]any, len(m.Stages))
	width := len(fmt.Sprint(len(m.Stages)))
	for i, t := range m.Stages {
		uid := ""
		save := func(string) error {
			return fmt.Errorf("stage %d is %T; want a model, a transformer or a pipeline", i, t)
		}
		switch x := t.(type) {
		case *Model:
			uid, save = newUID("model"), x.Save
			if x.Of != nil {
				uid = x.Of.UID
			}
		case *Operator:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		case *PipelineModel:
			uid, save = x.UID, func(p string) error { return x.Save(s, p) }
		}
		uids[i] = uid
		if err := save(path.Join(where, "stages", fmt.Sprintf("%0*d_%s", width, i, uid))); err != nil {
			return fmt.Errorf("ml.PipelineModel: %w", err)
		}
	}
	text, err := json.Marshal(metadata{
		Class: pipelineClass, Timestamp: time.Now().UnixMilli(), Version: s.Version(), UID: m.UID,
		Params: map[string]any{"stageUids": uids}, Defaults: map[string]any{},
	})
	if err != nil {
		return fmt.Errorf("ml.PipelineModel: %w", err)
	}
	d, err := s.FromRows([]string{"value"}, []any{string(text)})
	if err != nil {
		return err
	}
	return d.Coalesce(1).Write().Mode("overwrite").Text(path.Join(where, "metadata"))
}

// Load reads what Save, or MLlib in another language, has written: a *Model, an *Operator (a transformer) or a
// *PipelineModel.
func Load(s *spark.Session, where string) (Transformer, error) {
	row, err := s.Read().Text(path.Join(where, "metadata")).First()
	if err != nil {
		return nil, fmt.Errorf("ml.Load: %s: %w", where, err)
	}
	var m metadata
	line, _ := row.Values[0].(string)
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return nil, fmt.Errorf("ml.Load: %s: the metadata is no JSON object: %w", where, err)
	}
	if m.Class == pipelineClass || strings.HasSuffix(m.Class, "pipeline.PipelineModel") {
		return loadPipeline(s, where, m)
	}
	for _, spec := range registry {
		if spec.Class == m.Class && spec.Kind == TransformerKind {
			return loadOperator(s, where, spec)
		}
	}
	return loadModel(s, where, m.Class)
}

func loadPipeline(s *spark.Session, where string, m metadata) (*PipelineModel, error) {
	uids, _ := m.Params["stageUids"].([]any)
	p := &PipelineModel{UID: m.UID}
	for i, uid := range uids {
		t, err := Load(s, path.Join(where, "stages", fmt.Sprintf("%0*d_%v", len(fmt.Sprint(len(uids))), i, uid)))
		if err != nil {
			return nil, err
		}
		p.Stages = append(p.Stages, t)
	}
	return p, nil
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
	info, err := read(s, where, spec.Class, pb.MlOperator_OPERATOR_TYPE_TRANSFORMER)
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
