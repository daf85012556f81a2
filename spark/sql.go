package spark

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// SQL runs a statement. A query comes back as a DataFrame that has not run; other statements (CREATE, INSERT,
// SET …) run at once. args fill the question marks of the statement, or, as one map[string]any, its :names.
func (s *Session) SQL(query string, args ...any) (*DataFrame, error) {
	q := &pb.SQL{Query: query}
	var err error
	note := func(c Column) *pb.Expression {
		if err == nil {
			err = c.err
		}
		return c.expr
	}
	if named, ok := first1(args).(map[string]any); ok {
		q.NamedArguments = map[string]*pb.Expression{}
		for k, v := range named {
			q.NamedArguments[k] = note(Lit(v))
		}
	} else {
		for _, v := range args {
			q.PosArguments = append(q.PosArguments, note(Lit(v)))
		}
	}
	if err != nil {
		return nil, err
	}
	var d *DataFrame
	err = s.command(&pb.Command{CommandType: &pb.Command_SqlCommand{SqlCommand: &pb.SqlCommand{
		Input: &pb.Relation{Common: s.common(), RelType: &pb.Relation_Sql{Sql: q}},
	}}}, func(r *pb.ExecutePlanResponse) error {
		if x := r.GetSqlCommandResult(); x != nil {
			d = s.FromRelation(x.Relation)
		}
		return nil
	})
	if err == nil && d == nil {
		err = fmt.Errorf("spark.SQL: the server sent no result")
	}
	return d, err
}

func first1(args []any) any {
	if len(args) == 1 {
		return args[0]
	}
	return nil
}

// command runs a command; on may be nil.
func (s *Session) command(c *pb.Command, on func(*pb.ExecutePlanResponse) error) error {
	if on == nil {
		on = func(*pb.ExecutePlanResponse) error { return nil }
	}
	return s.execute(&pb.Plan{OpType: &pb.Plan_Command{Command: c}}, on)
}

// Execute runs a command of the protocol, for what the methods here do not send.
func (s *Session) Execute(c *pb.Command, on func(*pb.ExecutePlanResponse) error) error {
	return s.command(c, on)
}

// Range is the whole numbers from start to end (exclusive) by step, as column id.
func (s *Session) Range(start, end, step int64) *DataFrame {
	return s.frame(&pb.Relation{RelType: &pb.Relation_Range{Range: &pb.Range{Start: &start, End: end, Step: step}}})
}

// Named is a table or view.
func (s *Session) Named(name string) *DataFrame {
	return s.frame(&pb.Relation{RelType: &pb.Relation_Read{Read: &pb.Read{
		ReadType: &pb.Read_NamedTable_{NamedTable: &pb.Read_NamedTable{UnparsedIdentifier: name}},
	}}})
}

// TempView names the plan for SQL in this session; it replaces a view of that name.
func (d *DataFrame) TempView(name string) error { return d.view(name, false) }

// GlobalTempView names the plan as global_temp.name for all sessions of the server.
func (d *DataFrame) GlobalTempView(name string) error { return d.view(name, true) }

func (d *DataFrame) view(name string, global bool) error {
	if d.err != nil {
		return d.err
	}
	return d.s.command(&pb.Command{CommandType: &pb.Command_CreateDataframeView{
		CreateDataframeView: &pb.CreateDataFrameViewCommand{Input: d.rel, Name: name, IsGlobal: global, Replace: true},
	}}, nil)
}

func (d *DataFrame) plan() *pb.Plan { return &pb.Plan{OpType: &pb.Plan_Root{Root: d.rel}} }

// Schema asks the server for names and types of the columns.
func (d *DataFrame) Schema() (Schema, error) {
	if d.err != nil {
		return nil, d.err
	}
	r, err := d.s.analyze(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_Schema_{Schema: &pb.AnalyzePlanRequest_Schema{Plan: d.plan()}},
	})
	if err != nil {
		return nil, err
	}
	return schemaOf(r.GetSchema().GetSchema()), nil
}

// Columns asks the server for the names of the columns.
func (d *DataFrame) Columns() ([]string, error) {
	s, err := d.Schema()
	return s.Names(), err
}

var explainModes = map[string]pb.AnalyzePlanRequest_Explain_ExplainMode{
	"simple":    pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_SIMPLE,
	"extended":  pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_EXTENDED,
	"codegen":   pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_CODEGEN,
	"cost":      pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_COST,
	"formatted": pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_FORMATTED,
}

// Explain returns how Spark would run the plan: mode simple, extended, codegen, cost or formatted.
func (d *DataFrame) Explain(mode string) (Plan, error) {
	m, ok := explainModes[mode]
	if !ok {
		return "", fmt.Errorf("spark.Explain: mode %q; want simple, extended, codegen, cost or formatted", mode)
	}
	if d.err != nil {
		return "", d.err
	}
	r, err := d.s.analyze(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_Explain_{Explain: &pb.AnalyzePlanRequest_Explain{Plan: d.plan(), ExplainMode: m}},
	})
	if err != nil {
		return "", err
	}
	return Plan(r.GetExplain().GetExplainString()), nil
}

// IsStreaming says whether the plan reads a stream.
func (d *DataFrame) IsStreaming() (bool, error) {
	if d.err != nil {
		return false, d.err
	}
	r, err := d.s.analyze(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_IsStreaming_{IsStreaming: &pb.AnalyzePlanRequest_IsStreaming{Plan: d.plan()}},
	})
	return r.GetIsStreaming().GetIsStreaming(), err
}

// Cache keeps the rows in the memory, or on the disks, of the executors once they have been computed.
func (d *DataFrame) Cache() (*DataFrame, error) {
	if d.err != nil {
		return d, d.err
	}
	_, err := d.s.analyze(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_Persist_{Persist: &pb.AnalyzePlanRequest_Persist{
			Relation:     d.rel,
			StorageLevel: &pb.StorageLevel{UseDisk: true, UseMemory: true, Deserialized: true, Replication: 1},
		}},
	})
	return d, err
}

// Uncache ends Cache.
func (d *DataFrame) Uncache() error {
	if d.err != nil {
		return d.err
	}
	_, err := d.s.analyze(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_Unpersist_{Unpersist: &pb.AnalyzePlanRequest_Unpersist{Relation: d.rel, Blocking: proto.Bool(true)}},
	})
	return err
}

// Materialize computes the rows now, once, and returns a DataFrame that reads them where they are: whatever
// is built on it does not compute them again. They live in the executors until the session ends, or, with
// reliable, in the server's checkpoint folder.
func (d *DataFrame) Materialize(reliable bool) (*DataFrame, error) {
	if d.err != nil {
		return nil, d.err
	}
	var out *DataFrame
	err := d.s.command(&pb.Command{CommandType: &pb.Command_CheckpointCommand{
		CheckpointCommand: &pb.CheckpointCommand{Relation: d.rel, Local: !reliable, Eager: true},
	}}, func(r *pb.ExecutePlanResponse) error {
		if c := r.GetCheckpointCommandResult(); c != nil {
			out = d.s.frame(&pb.Relation{RelType: &pb.Relation_CachedRemoteRelation{CachedRemoteRelation: c.Relation}})
		}
		return nil
	})
	if err == nil && out == nil {
		err = fmt.Errorf("spark.Materialize: the server sent no result")
	}
	return out, err
}
