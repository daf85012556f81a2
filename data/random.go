package data

import (
	"fmt"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/engine"
)

// Random is a Dataset whose samples differ from epoch to epoch, such as augmented images. Draw is Item with
// a generator that a Loader seeds from its own seed, the epoch and i: samples do not depend on the number of
// workers, and a resumed epoch continues bit for bit.
type Random interface {
	Dataset
	Draw(i int, r *rand.Rand) Sample
}

// draws says whether the samples of ds depend on a generator. Data sets made of others ask those.
func draws(ds Dataset) bool {
	switch d := ds.(type) {
	case *Subset:
		return draws(d.Of)
	case mapped:
		return draws(d.of)
	case zip:
		return draws(d.x) || draws(d.y)
	case concat:
		for _, p := range d.parts {
			if draws(p) {
				return true
			}
		}
		return false
	}
	_, ok := ds.(Random)
	return ok
}

// draw is ds.Draw where there is one and r is not nil, otherwise ds.Item.
func draw(ds Dataset, i int, r *rand.Rand) Sample {
	if d, ok := ds.(Random); ok && r != nil {
		return d.Draw(i, r)
	}
	return ds.Item(i)
}

// seeds makes the generators of an epoch's samples.
type seeds struct {
	seed, stream uint64
	on           bool
}

func (s seeds) of(i int) *rand.Rand {
	if !s.on {
		return nil
	}
	const odd = 0x9e3779b97f4a7c15
	return rand.New(rand.NewPCG(s.seed+odd*s.stream, uint64(i)))
}

// read returns sample i of ds; a panic with *engine.Error gets the sample's number.
func read(ds Dataset, i int, s seeds) Sample {
	done := false
	defer func() {
		if done {
			return
		}
		switch err := recover().(type) {
		case nil: // runtime.Goexit
		case *engine.Error:
			panic(&engine.Error{Where: err.Where, What: fmt.Sprintf("%s (sample %d)", err.What, i)})
		default:
			engine.Fail("data.Loader", "reading sample %d: %v", i, err)
		}
	}()
	x := draw(ds, i, s.of(i))
	done = true
	return x
}
