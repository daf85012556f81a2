package gang

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lathe-ml/lathe/data/object"
	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/local"
)

// Job is a task for a gang, and what it works on.
type Job struct {
	Task    string           // that the program has registered, or a function of the notebook's cells
	Args    []string         // for the task: Worker.Args
	Workers int              // processes, each with a slot of the cluster; 0: Map
	Input   *spark.DataFrame // its rows are divided among the workers; nil: none
	Files   []string         // files, and folders of them, that the workers read themselves, divided among them: Worker.Files
	Store   object.Options   // of Files that begin with s3://; the zero value: what the environment of the workers says
	Output  string           // names and types of the rows that come out, as in CREATE TABLE
	Attach  []string         // files of this machine that every worker gets: Worker.Attached

	Program    string        // file of the program; "": this one, which has called Main or MainOf
	Source     string        // file of Go cells (%save) with the function Task, for a program that calls MainOf; "": none, or in a notebook its cells
	Jar        string        // file that lathe spark jar has made; "": made of local.Home now
	Checkpoint string        // folder that all workers see, for Worker.Save and Worker.Resume; "": none
	Events     string        // folder that all workers see, for Worker.Log; "": none
	TLS        bool          // encrypt what workers tell each other
	Timeout    time.Duration // how long a worker waits for the others in a collective call; 0: 1 minute
	Threads    int           // processors of each worker, for all that it does; 0: 1
	Bind       bool          // give each worker of a host processors of its own (Linux): for hosts that do nothing else
	Lazy       bool          // compute the rows each time they are read, which runs the gang anew

	// Evaluator keeps the last of the workers out of training: it has its part of rows and files, which are held
	// out, and judges checkpoints with it, see Worker.Checkpoints.
	Evaluator bool
	// Watch is told of the numbers that workers log while Run or Local waits: tags end with /train or /evaluate.
	Watch func(tag string, step int, v float64)
}

// order is what workers are told. attach gives the place at which they find an attached file.
func (j Job) order(attach func(file string) (place string, err error)) (string, error) {
	source, err := j.source()
	if err != nil {
		return "", err
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", err
	}
	o := order{
		Task: j.Task, Source: source, Args: j.Args, Files: j.Files, Checkpoint: j.Checkpoint, Secret: hex.EncodeToString(secret[:]),
		Events: j.Events, Evaluator: j.Evaluator, TLS: j.TLS, Timeout: j.Timeout, Threads: max(j.Threads, 1), Bind: j.Bind, Store: j.Store, Alone: j.Workers == 0,
		Attached: map[string]string{},
	}
	for _, f := range j.Attach {
		if _, taken := o.Attached[filepath.Base(f)]; taken {
			return "", fmt.Errorf("two attached files are called %q; want different names", filepath.Base(f))
		}
		place, err := attach(f)
		if err != nil {
			return "", err
		}
		o.Attached[filepath.Base(f)] = place
	}
	b, err := json.Marshal(o)
	return string(b), err
}

// source is the text of Go cells that defines the task; "" for a task of the program.
func (j Job) source() (string, error) {
	switch {
	case j.Task == "":
		return "", fmt.Errorf("Job.Task is empty; want the name of a task that Register knows, or of a function of the notebook's cells")
	case j.Source != "":
		text, err := os.ReadFile(j.Source)
		if err != nil {
			return "", fmt.Errorf("Job.Source: %w; write it in a cell with %%save FILE and the names of functions", err)
		}
		return string(text), nil
	case declared != nil && j.Program == "" && tasks[j.Task] == nil:
		return declared(j.Task)
	}
	return "", nil
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
	options, err := j.send(s)
	if err != nil {
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
	r := s.Read().Format(source).Schema(j.Output).Option("input", view)
	for k, v := range options {
		r = r.Option(k, v)
	}
	return r.Load(), nil
}

// source is the class of the data source.
const source = "lathe.Gang"

// send checks the job, gives the session what its workers need, and returns the options of the data source.
func (j Job) send(s *spark.Session) (map[string]string, error) {
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
	if _, err := once(s, "jars", "gang", ".jar", jar); err != nil {
		return nil, err
	}
	name, err := once(s, "files", "worker", "", program)
	if err != nil {
		return nil, err
	}
	text, err := j.order(func(file string) (string, error) {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		return once(s, "files", "attached", filepath.Ext(file), b)
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"program": name, "workers": strconv.Itoa(j.Workers), "order": text}, nil
}

// once gives the session an artifact that it does not have, and returns its name, which has a hash of the
// content.
func once(s *spark.Session, folder, what, extension string, content []byte) (name string, err error) {
	sum := sha256.Sum256(content)
	name = fmt.Sprintf("lathe-%s-%x%s", what, sum[:8], extension)
	place := folder + "/" + name
	if s.Mark(place) {
		return name, nil
	}
	if err := s.AddArtifact(place, content); err != nil {
		s.Unmark(place)
		return "", err
	}
	return name, nil
}
