package spark

import (
	"fmt"
	"time"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// StreamWriter starts a query that goes on: d.WriteStream().Format("memory").QueryName("q").Start().
type StreamWriter struct {
	d   *DataFrame
	op  *pb.WriteStreamOperationStart
	err error
}

// WriteStream writes the rows of a stream as they come.
func (d *DataFrame) WriteStream() *StreamWriter {
	return &StreamWriter{d: d, err: d.err, op: &pb.WriteStreamOperationStart{
		Input: d.rel, OutputMode: "append", Options: map[string]string{},
	}}
}

// Format sets where rows go: parquet, csv, json, kafka, console, memory, noop …
func (w *StreamWriter) Format(name string) *StreamWriter {
	w.op.Format = name
	return w
}

// Option sets an option of the format; checkpointLocation lets a query go on after a stop.
func (w *StreamWriter) Option(key, value string) *StreamWriter {
	w.op.Options[key] = value
	return w
}

// OutputMode is append, update or complete.
func (w *StreamWriter) OutputMode(mode string) *StreamWriter {
	w.op.OutputMode = mode
	return w
}

// QueryName names the query; with format memory it is the name of the table.
func (w *StreamWriter) QueryName(name string) *StreamWriter {
	w.op.QueryName = name
	return w
}

// PartitionBy makes a folder for each value of columns.
func (w *StreamWriter) PartitionBy(cols ...string) *StreamWriter {
	w.op.PartitioningColumnNames = cols
	return w
}

// Every starts a batch each interval; without it a batch starts when the last has ended.
func (w *StreamWriter) Every(interval time.Duration) *StreamWriter {
	w.op.Trigger = &pb.WriteStreamOperationStart_ProcessingTimeInterval{
		ProcessingTimeInterval: fmt.Sprintf("%d milliseconds", interval.Milliseconds()),
	}
	return w
}

// AvailableNow handles what is there and stops.
func (w *StreamWriter) AvailableNow() *StreamWriter {
	w.op.Trigger = &pb.WriteStreamOperationStart_AvailableNow{AvailableNow: true}
	return w
}

// Start starts the query; path may be empty for formats without files.
func (w *StreamWriter) Start(path string) (*StreamingQuery, error) {
	if path != "" {
		w.op.SinkDestination = &pb.WriteStreamOperationStart_Path{Path: path}
	}
	return w.start()
}

// ToTable starts the query into a table.
func (w *StreamWriter) ToTable(name string) (*StreamingQuery, error) {
	w.op.SinkDestination = &pb.WriteStreamOperationStart_TableName{TableName: name}
	return w.start()
}

func (w *StreamWriter) start() (*StreamingQuery, error) {
	if w.err != nil {
		return nil, w.err
	}
	var q *StreamingQuery
	err := w.d.s.command(&pb.Command{CommandType: &pb.Command_WriteStreamOperationStart{WriteStreamOperationStart: w.op}},
		func(r *pb.ExecutePlanResponse) error {
			if x := r.GetWriteStreamOperationStartResult(); x != nil {
				q = &StreamingQuery{s: w.d.s, id: x.QueryId, Name: x.Name}
			}
			return nil
		})
	if err == nil && q == nil {
		err = fmt.Errorf("spark.WriteStream: the server sent no query")
	}
	return q, err
}

// StreamingQuery is a query that goes on until it is stopped.
type StreamingQuery struct {
	Name string
	s    *Session
	id   *pb.StreamingQueryInstanceId
}

// ID is the query's id, the same after it goes on from a checkpoint.
func (q *StreamingQuery) ID() string { return q.id.Id }

// Status is what a streaming query does now.
type Status struct {
	Message                              string
	Active, DataAvailable, TriggerActive bool
}

// Streams is the queries of the session that are active.
func (s *Session) Streams() ([]*StreamingQuery, error) {
	var list []*StreamingQuery
	err := s.command(&pb.Command{CommandType: &pb.Command_StreamingQueryManagerCommand{
		StreamingQueryManagerCommand: &pb.StreamingQueryManagerCommand{
			Command: &pb.StreamingQueryManagerCommand_Active{Active: true},
		},
	}}, func(r *pb.ExecutePlanResponse) error {
		for _, x := range r.GetStreamingQueryManagerCommandResult().GetActive().GetActiveQueries() {
			list = append(list, &StreamingQuery{s: s, id: x.Id, Name: x.GetName()})
		}
		return nil
	})
	return list, err
}

func (q *StreamingQuery) call(c *pb.StreamingQueryCommand) (*pb.StreamingQueryCommandResult, error) {
	c.QueryId = q.id
	out := &pb.StreamingQueryCommandResult{}
	err := q.s.command(&pb.Command{CommandType: &pb.Command_StreamingQueryCommand{StreamingQueryCommand: c}},
		func(r *pb.ExecutePlanResponse) error {
			if x := r.GetStreamingQueryCommandResult(); x != nil {
				out = x
			}
			return nil
		})
	return out, err
}

// Status asks what the query does now.
func (q *StreamingQuery) Status() (Status, error) {
	r, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_Status{Status: true}})
	x := r.GetStatus()
	return Status{x.GetStatusMessage(), x.GetIsActive(), x.GetIsDataAvailable(), x.GetIsTriggerActive()}, err
}

// Progress is the last reports of the query, each a JSON object.
func (q *StreamingQuery) Progress() ([]string, error) {
	r, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_RecentProgress{RecentProgress: true}})
	return r.GetRecentProgress().GetRecentProgressJson(), err
}

// ProcessAllAvailable returns when all rows that are there now have been handled.
func (q *StreamingQuery) ProcessAllAvailable() error {
	_, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_ProcessAllAvailable{ProcessAllAvailable: true}})
	return err
}

// Wait returns true when the query has ended, with its error if it failed, and false after timeout.
func (q *StreamingQuery) Wait(timeout time.Duration) (ended bool, err error) {
	ms := timeout.Milliseconds()
	r, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_AwaitTermination{
		AwaitTermination: &pb.StreamingQueryCommand_AwaitTerminationCommand{TimeoutMs: &ms},
	}})
	return r.GetAwaitTermination().GetTerminated(), err
}

// Err is why the query failed; nil while it runs and after Stop.
func (q *StreamingQuery) Err() error {
	r, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_Exception{Exception: true}})
	if err != nil {
		return err
	}
	if x := r.GetException(); x.GetExceptionMessage() != "" {
		return &Error{Message: x.GetExceptionMessage(), Class: x.GetErrorClass()}
	}
	return nil
}

// Stop ends the query.
func (q *StreamingQuery) Stop() error {
	_, err := q.call(&pb.StreamingQueryCommand{Command: &pb.StreamingQueryCommand_Stop{Stop: true}})
	return err
}
