package gang

import (
	"errors"
	"fmt"
	"time"

	"github.com/lathe-ml/lathe/spark"
)

// Sink is where Job.Stream puts the rows of a stream. Folders are those of the cluster, of any file system that
// Spark reads.
type Sink struct {
	Path         string        // folder: batch n of the stream fills batch=n in it, so that readers see a column batch
	Format       string        // of the files; "": parquet
	Checkpoint   string        // folder in which Spark notes what has been done, for going on after a stop
	Name         string        // of the query
	Every        time.Duration // between batches; 0: at once
	AvailableNow bool          // do what is there, and end
}

// Stream runs the job on each batch of rows of its Input, a DataFrame of Session.ReadStream, until the query is
// stopped: without Workers a process for each partition, with Workers a gang. A batch whose run was cut short is
// done again and its folder replaced, so that no row is there twice.
func (j Job) Stream(s *spark.Session, o Sink) (*spark.StreamingQuery, error) {
	if j.Input == nil || o.Path == "" || o.Checkpoint == "" {
		return nil, errors.New("gang.Stream: want an Input that Session.ReadStream has made, and a Path and a Checkpoint for what comes out")
	}
	if j.Watch != nil {
		return nil, errors.New("gang.Stream: a stream has no end until which Watch could follow; read the events with tensorboard.Follow")
	}
	options, err := j.send(s)
	if err != nil {
		return nil, fmt.Errorf("gang.Stream: %w", err)
	}
	if o.Format == "" {
		o.Format = "parquet"
	}
	w := j.Input.WriteStream().Format(source).QueryName(o.Name).Option("output", j.Output).Option("files", o.Format).
		Option("checkpointLocation", o.Checkpoint)
	for k, v := range options {
		w = w.Option(k, v)
	}
	switch {
	case o.AvailableNow:
		w = w.AvailableNow()
	case o.Every > 0:
		w = w.Every(o.Every)
	}
	q, err := w.Start(o.Path)
	if err != nil {
		return nil, fmt.Errorf("gang.Stream: %w", err)
	}
	return q, nil
}
