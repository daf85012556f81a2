package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lathe-ml/lathe/jit/zoo"
)

// zooFlags are the flags of lathe model zoo.
type zooFlags struct {
	index, cache                                 *string
	json                                         *bool
	name, version, task, licence, source, labels *string
	about, input                                 *string
	threshold                                    *float64
}

func (z *zooFlags) add(e *env) {
	z.index = e.flags.String("index", os.Getenv("LATHE_ZOO_INDEX"), "zoo: `folder` or http address of the store; LATHE_ZOO_INDEX by default")
	z.cache = e.flags.String("cache", "", "zoo: `folder` of files that were fetched; LATHE_ZOO, or the user's cache, by default")
	z.json = e.flags.Bool("json", false, "zoo list, run: write JSON")
	z.name = e.flags.String("name", "", "zoo add: `name` of the model")
	z.version = e.flags.String("version", "1", "zoo add: `version` of the model")
	z.task = e.flags.String("task", "", "zoo add: `task` of the model")
	z.licence = e.flags.String("licence", "", "zoo add: `licence` of the model")
	z.source = e.flags.String("source", "", "zoo add: where the model is from")
	z.labels = e.flags.String("labels", "", "zoo add: `names` of the classes, with commas between them; many: a file, labels=FILE")
	z.about = e.flags.String("about", "", "zoo add: a `sentence` about the model")
	z.input = e.flags.String("input", "", `zoo add: how inputs are prepared, as `+"`JSON`"+`: {"width":224,"height":224}`)
	z.threshold = e.flags.Float64("threshold", 0, "zoo add: least `probability` that counts")
}

// run is lathe model zoo list|get|run|add.
func (z *zooFlags) run(ctx context.Context, e *env, args []string) error {
	if len(args) == 0 {
		return usagef("zoo wants list, get NAME, run NAME FILE… or add FILE…: lathe model zoo list -index FOLDER")
	}
	if *z.index == "" {
		return usagef("zoo wants -index with the folder or http address of a store, or LATHE_ZOO_INDEX")
	}
	if args[0] == "add" {
		return z.put(e, args[1:])
	}
	o := zoo.Options{Cache: *z.cache, Progress: progress(e)}
	store, err := zoo.Open(ctx, *z.index, o)
	if err != nil {
		return err
	}
	if why := store.Stale(); why != nil {
		fmt.Fprintf(e.stderr, "lathe: the store does not answer (%v); this is its index of an earlier time\n", why)
	}
	switch {
	case args[0] == "list":
		return z.list(e, store.Index)
	case args[0] == "get" && len(args) == 2:
		m, err := store.Get(ctx, args[1], o)
		if err != nil {
			return err
		}
		for _, role := range slices.Sorted(maps.Keys(m.Files)) {
			fmt.Fprintf(e.stdout, "%s %s\n", role, m.Files[role])
		}
		return nil
	case args[0] == "run" && len(args) > 2:
		m, err := store.Get(ctx, args[1], o)
		if err != nil {
			return err
		}
		return z.each(ctx, e, m, args[2:])
	}
	return usagef("zoo %s: want list, get NAME, run NAME FILE… or add FILE…", strings.Join(args, " "))
}

// each runs a model on files; one that fails does not keep the others from being run.
func (z *zooFlags) each(ctx context.Context, e *env, m *zoo.Model, files []string) error {
	var first error
	for _, file := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r, err := m.Run(file)
		if err != nil {
			if first != nil || len(files) > 1 {
				fmt.Fprintf(e.stderr, "lathe: %v\n", err)
			}
			if first == nil {
				first = err
			}
			continue
		}
		if *z.json {
			text, err := r.JSON()
			if err != nil {
				return err
			}
			fmt.Fprintf(e.stdout, "%s\n", text)
			continue
		}
		fmt.Fprint(e.stdout, r)
	}
	return first
}

func (z *zooFlags) list(e *env, x *zoo.Index) error {
	if *z.json {
		text, err := json.MarshalIndent(x.Models, "", "  ")
		if err == nil {
			fmt.Fprintf(e.stdout, "%s\n", text)
		}
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\tversion\ttask\tMB\tlicence\tdescription")
	for i := range x.Models {
		m := &x.Models[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1f\t%s\t%s\n", m.Name, m.Version, m.Task, float64(m.Size())/1e6, m.Licence, m.Description)
	}
	return w.Flush()
}

// put writes the entry of a model: FILE is the model, ROLE=FILE another part of it.
func (z *zooFlags) put(e *env, args []string) error {
	files := map[string]string{}
	for _, a := range args {
		role, file, named := strings.Cut(a, "=")
		if !named {
			role, file = roleOf(a), a
		}
		if files[role] != "" {
			return usagef("%s and %s are both the file %q; say ROLE=FILE", files[role], file, role)
		}
		files[role] = file
	}
	if len(files) == 0 || *z.name == "" || *z.task == "" || *z.licence == "" {
		return usagef("zoo add wants files, -name, -task and -licence: " +
			"lathe model zoo add net.onnx labels=names.txt -index FOLDER -name net -task image-classification -licence MIT")
	}
	entry := zoo.Entry{
		Name: *z.name, Version: *z.version, Task: *z.task, Licence: *z.licence, Source: *z.source, Description: *z.about,
		Threshold: *z.threshold,
	}
	if *z.labels != "" {
		entry.Labels = strings.Split(*z.labels, ",")
	}
	if *z.input != "" {
		if err := json.Unmarshal([]byte(*z.input), &entry.Input); err != nil {
			return usagef("-input %s: %v", *z.input, err)
		}
	}
	if err := zoo.Add(*z.index, entry, files); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s is in %s\n", entry.Name, filepath.Join(*z.index, "index.json"))
	return nil
}

// roleOf is what a file is for by its ending.
func roleOf(file string) string {
	if strings.HasSuffix(strings.TrimSuffix(file, ".zst"), ".caffemodel") {
		return "weights"
	}
	return "model"
}

// progress writes how far a download is, in steps of a tenth.
func progress(e *env) func(name string, done, total int64) {
	last := map[string]int64{}
	return func(name string, done, total int64) {
		if total <= 0 {
			return
		}
		if tenth := done * 10 / total; tenth != last[name] {
			last[name] = tenth
			fmt.Fprintf(e.stderr, "%s: %d %% of %.1f MB\n", name, tenth*10, float64(total)/1e6)
		}
	}
}
