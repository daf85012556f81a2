package gang

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/local"
)

// Job is a task for a gang, and what it works on.
type Job struct {
	Task    string           // that the program has registered
	Args    []string         // for the task: Worker.Args
	Workers int              // processes, each with a slot of the cluster; 0: Map
	Input   *spark.DataFrame // its rows are divided among the workers; nil: none
	Files   []string         // files, and folders of them, that the workers read themselves, divided among them: Worker.Files
	Output  string           // names and types of the rows that come out, as in CREATE TABLE

	Program    string        // file of the program; "": this one, which has called Main or MainOf
	Source     string        // file of Go cells (%save) with the function Task, for a program that calls MainOf; "": none
	Jar        string        // file that lathe spark jar has made; "": made of local.Home now
	Checkpoint string        // folder that all workers see, for Worker.Save and Worker.Resume; "": none
	Events     string        // folder that all workers see, for Worker.Log; "": none
	TLS        bool          // encrypt what workers tell each other
	Timeout    time.Duration // how long a worker waits for the others in a collective call; 0: 1 minute
	Threads    int           // of each worker; 0: 1
	Lazy       bool          // compute the rows each time they are read, which runs the gang anew

	// Evaluator keeps the last of the workers out of training: it has its part of rows and files, which are held
	// out, and judges checkpoints with it, see Worker.Checkpoints.
	Evaluator bool
	// Watch is told of the numbers that workers log while Run or Local waits: tags end with /train or /evaluate.
	Watch func(tag string, step int, v float64)
}

func (j Job) order() (string, error) {
	var source []byte
	if j.Source != "" {
		var err error
		if source, err = os.ReadFile(j.Source); err != nil {
			return "", err
		}
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", err
	}
	o := order{
		Task: j.Task, Source: string(source), Args: j.Args, Files: j.Files, Checkpoint: j.Checkpoint, Secret: hex.EncodeToString(secret[:]),
		Events: j.Events, Evaluator: j.Evaluator, TLS: j.TLS, Timeout: j.Timeout, Threads: max(j.Threads, 1), Alone: j.Workers == 0,
	}
	b, err := json.Marshal(o)
	return string(b), err
}

// program is the bytes of the program that workers run.
func (j Job) program() ([]byte, error) {
	file := j.Program
	if file == "" {
		if !mainCalled {
			return nil, fmt.Errorf("this program has not called gang.Main; call it first in main, or give Job.Program")
		}
		var err error
		if file, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(file)
}

// Run runs the gang on the cluster of s and returns the rows that the workers have emitted, computed once.
func (j Job) Run(s *spark.Session) (*spark.DataFrame, error) {
	d, err := j.Plan(s)
	if err == nil && !j.Lazy {
		err = j.watch(func() (err error) {
			d, err = d.Materialize(false)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("gang.Run: %w", err)
	}
	return d, nil
}

// Plan sends the program and returns the DataFrame of what workers will emit; every query on it runs the gang.
func (j Job) Plan(s *spark.Session) (*spark.DataFrame, error) {
	if j.Evaluator && (j.Workers < 2 || j.Checkpoint == "") {
		return nil, fmt.Errorf("an evaluator with %d workers and checkpoints in %q; want at least 2 workers and a folder",
			j.Workers, j.Checkpoint)
	}
	if j.Task == "" || j.Output == "" || j.Workers < 0 {
		return nil, fmt.Errorf("task %q, output %q, %d workers; want a task, an output schema and a number ≥ 0",
			j.Task, j.Output, j.Workers)
	}
	program, err := j.program()
	if err != nil {
		return nil, err
	}
	var jar []byte
	if j.Jar != "" {
		jar, err = os.ReadFile(j.Jar)
	} else {
		var home string
		if home, err = local.Home(); err == nil {
			jar, err = Jar(home)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := once(s, "jars", ".jar", jar); err != nil {
		return nil, err
	}
	name := artifact("worker", "", program)
	if err := once(s, "files", "", program); err != nil {
		return nil, err
	}
	input := j.Input
	if input == nil {
		input = s.Range(0, 0, 1)
	}
	view := "lathe_gang_" + hex.EncodeToString([]byte(uuid.NewString()[:8]))
	if err := input.TempView(view); err != nil {
		return nil, err
	}
	text, err := j.order()
	if err != nil {
		return nil, err
	}
	return s.Read().Format("lathe.Gang").Schema(j.Output).Option("input", view).Option("program", name).
		Option("workers", strconv.Itoa(j.Workers)).Option("order", text).Load(), nil
}

func artifact(what, extension string, content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("lathe-%s-%x%s", what, sum[:8], extension)
}

// once gives the session an artifact that it does not have. Its name has a hash of the content.
func once(s *spark.Session, folder, extension string, content []byte) error {
	what := map[string]string{"jars": "gang", "files": "worker"}[folder]
	name := folder + "/" + artifact(what, extension, content)
	if s.Mark(name) {
		return nil
	}
	if err := s.AddArtifact(name, content); err != nil {
		s.Unmark(name)
		return err
	}
	return nil
}
