package checkpoint

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// Training is a training run as SaveTraining and LoadTraining keep it. The state of the default random
// stream (t.Seed) belongs to it.
type Training struct {
	Model     nn.Module
	Optimizer optim.Optimizer // may be nil
	Schedule  Progress        // may be nil
	Loader    Progress        // may be nil; with it a run continues in the middle of an epoch
	Epoch     int             // finished epochs
	Step      int             // finished steps
}

// Progress is what tells how far it has come, and continues there: *optim.Schedule, *optim.Plateau and
// *data.Loader.
type Progress interface {
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}

// progress are the parts of t that are there.
func (t *Training) progress() map[string]Progress {
	parts := map[string]Progress{"schedule": t.Schedule, "loader": t.Loader}
	maps.DeleteFunc(parts, func(_ string, p Progress) bool { return p == nil })
	return parts
}

// Parts of a training file.
const (
	modelPrefix     = "model."
	optimizerPrefix = "optimizer."
	formatKey       = "lathe.training"
	format          = "1"
)

// SaveTraining writes the state of a training run to one safetensors file: parameters and buffers under
// "model.", the optimizer's state under "optimizer.", counters and random state as metadata.
func SaveTraining(path string, t Training) error {
	if t.Model == nil {
		return errors.New("checkpoint.SaveTraining: the Training has no Model; set it to the network")
	}
	var all []nn.NamedTensor
	for _, e := range t.Model.Self().StateDict() {
		all = append(all, nn.NamedTensor{Name: modelPrefix + e.Name, Tensor: e.Tensor})
	}
	if t.Optimizer != nil {
		for _, e := range t.Optimizer.Self().StateDict() {
			all = append(all, nn.NamedTensor{Name: optimizerPrefix + e.Name, Tensor: e.Tensor})
		}
	}
	seed, offset := eager.NextRandom(0)
	meta := map[string]string{
		formatKey: format,
		"epoch":   strconv.Itoa(t.Epoch), "step": strconv.Itoa(t.Step),
		"seed": strconv.FormatUint(seed, 10), "offset": strconv.FormatUint(offset, 10),
	}
	for key, p := range t.progress() {
		text, err := p.MarshalText()
		if err != nil {
			return fmt.Errorf("checkpoint.SaveTraining: %s: %w", key, err)
		}
		meta[key] = string(text)
	}
	return Save(path, all, meta)
}

// LoadTraining restores what SaveTraining wrote: the state of t.Model and t.Optimizer, which must be built
// as they were, t.Epoch, t.Step and the random stream. Training then continues bit for bit. On an error
// nothing is changed.
func LoadTraining(path string, t *Training) error {
	if t == nil || t.Model == nil {
		return errors.New("checkpoint.LoadTraining: the Training has no Model; set it to a network built as the " +
			"saved one was")
	}
	f, err := Load(path)
	if err == nil {
		err = t.restore(f)
	}
	if err != nil {
		return fmt.Errorf("checkpoint.LoadTraining: %s: %w", path, err)
	}
	return nil
}

func (t *Training) restore(f *File) error {
	if f.Metadata[formatKey] != format {
		return fmt.Errorf("not a training checkpoint: metadata %q is %q, want %q", formatKey,
			f.Metadata[formatKey], format)
	}
	var counters [4]uint64
	for i, key := range []string{"epoch", "step", "seed", "offset"} {
		var err error
		if counters[i], err = strconv.ParseUint(f.Metadata[key], 10, 64); err != nil {
			return fmt.Errorf("metadata %q: %w", key, err)
		}
	}
	for key := range t.progress() {
		if _, ok := f.Metadata[key]; !ok {
			return fmt.Errorf("the file has no state of the %s; leave Training.%s%s nil", key,
				strings.ToUpper(key[:1]), key[1:])
		}
	}
	undo, err := snapshot(t)
	if err != nil {
		return err
	}
	if err := t.load(f); err != nil {
		if back := undo(); back != nil {
			return fmt.Errorf("%w (and what was is not restored: %w)", err, back)
		}
		return err
	}
	t.Epoch, t.Step = int(counters[0]), int(counters[1])
	eager.Seed(counters[2])
	eager.NextRandom(int(counters[3] / 2)) // each value uses two words of the stream
	return nil
}

// load sets every part of t; the optimizer comes before the schedule, which sets its rate.
func (t *Training) load(f *File) error {
	if err := t.Model.Self().LoadStateDict(part(f.Tensors, modelPrefix)); err != nil {
		return err
	}
	if t.Optimizer != nil {
		if err := t.Optimizer.Self().LoadStateDict(part(f.Tensors, optimizerPrefix)); err != nil {
			return err
		}
	}
	for key, p := range t.progress() {
		if err := p.UnmarshalText([]byte(f.Metadata[key])); err != nil {
			return err
		}
	}
	return nil
}

// snapshot returns what sets t to its present state.
func snapshot(t *Training) (func() error, error) {
	now := File{Metadata: map[string]string{}}
	keep := func(prefix string, state []nn.NamedTensor) {
		for _, e := range state {
			now.Tensors = append(now.Tensors, nn.NamedTensor{Name: prefix + e.Name, Tensor: e.Tensor.Clone()})
		}
	}
	keep(modelPrefix, t.Model.Self().StateDict())
	if t.Optimizer != nil {
		keep(optimizerPrefix, t.Optimizer.Self().StateDict())
	}
	for key, p := range t.progress() {
		text, err := p.MarshalText()
		if err != nil {
			return nil, err
		}
		now.Metadata[key] = string(text)
	}
	return func() error { return t.load(&now) }, nil
}

// part returns the tensors whose name starts with prefix, without it.
func part(tensors []nn.NamedTensor, prefix string) []nn.NamedTensor {
	var out []nn.NamedTensor
	for _, t := range tensors {
		if name, ok := strings.CutPrefix(t.Name, prefix); ok {
			out = append(out, nn.NamedTensor{Name: name, Tensor: t.Tensor})
		}
	}
	return out
}
