package optim

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// OneCycleOptions are the options of NewOneCycle.
type OneCycleOptions struct {
	MaxLR        float64 // highest rate; required
	Steps        int     // all steps of the training; required
	WarmUp       float64 // share of the steps that rise; 0 means 0.3
	Div          float64 // the first rate is MaxLR/Div; 0 means 25
	FinalDiv     float64 // the last rate is the first divided by this; 0 means 1e4
	Linear       bool    // straight lines instead of half cosines
	ThreePhase   bool    // fall to the first rate before falling to the last
	KeepMomentum bool    // do not cycle the momentum between MaxMomentum and BaseMomentum
	BaseMomentum float64 // 0 means 0.85
	MaxMomentum  float64 // 0 means 0.95
}

// cyclePhase is a stretch of steps with rate and momentum at both ends.
type cyclePhase struct {
	end            float64
	lr0, lr1       float64
	moment0, momt1 float64
}

// NewOneCycle raises the rate once and lets it fall far below its start; Step is called after every batch.
// Source: Smith and Topin 2018; agrees with torch's OneCycleLR.
func NewOneCycle(opt Optimizer, o OneCycleOptions) *Schedule {
	if !(o.MaxLR > 0) || math.IsInf(o.MaxLR, 1) || o.Steps < 1 {
		engine.Fail("optim.NewOneCycle", "MaxLR %v and Steps %d must be positive", o.MaxLR, o.Steps)
	}
	up, hi, lo := or(o.WarmUp, 0.3), or(o.MaxMomentum, 0.95), or(o.BaseMomentum, 0.85)
	first := o.MaxLR / or(o.Div, 25)
	last, n := first/or(o.FinalDiv, 1e4), float64(o.Steps)
	phases := []cyclePhase{{up*n - 1, first, o.MaxLR, hi, lo}, {n - 1, o.MaxLR, last, lo, hi}}
	if o.ThreePhase {
		phases = []cyclePhase{
			{up*n - 1, first, o.MaxLR, hi, lo}, {2*up*n - 2, o.MaxLR, first, lo, hi}, {n - 1, first, last, hi, hi},
		}
	}
	at := func(e int) (lr, m float64) {
		if e > o.Steps {
			engine.Fail("optim.OneCycle", "step %d of a cycle of %d; give Steps all batches of all epochs, "+
				"or make a new optimizer and schedule to train again", e, o.Steps)
		}
		start := 0.0
		for i, p := range phases {
			if float64(e) <= p.end || i == len(phases)-1 {
				share := (float64(e) - start) / (p.end - start)
				return anneal(p.lr0, p.lr1, share, o.Linear), anneal(p.moment0, p.momt1, share, o.Linear)
			}
			start = p.end
		}
		return last, hi
	}
	var momentum func(int) float64
	if !o.KeepMomentum {
		momentum = func(e int) float64 { _, m := at(e); return m }
	}
	return newSchedule(opt, func(e int, _ float64) float64 { lr, _ := at(e); return lr }, momentum)
}

func anneal(a, b, share float64, linear bool) float64 {
	if linear {
		return a + (b-a)*share
	}
	return b + (a-b)/2*(1+math.Cos(math.Pi*share))
}

// CyclicOptions are the options of NewCyclic.
type CyclicOptions struct {
	BaseLR, MaxLR float64 // required
	Up, Down      int     // steps that rise and fall; 0 means 2000, and as many down as up
	Halving       bool    // halve the height after every cycle (torch: triangular2)
	Gamma         float64 // scale the height by Gamma^step (torch: exp_range); 0 means 1
	KeepMomentum  bool    // do not cycle the momentum between MaxMomentum and BaseMomentum
	BaseMomentum  float64 // 0 means 0.8
	MaxMomentum   float64 // 0 means 0.9
}

// NewCyclic swings the rate between two bounds; Step is called after every batch.
// Source: Smith 2017; agrees with torch's CyclicLR.
func NewCyclic(opt Optimizer, o CyclicOptions) *Schedule {
	checkRate("optim.NewCyclic: BaseLR", o.BaseLR)
	checkRate("optim.NewCyclic: MaxLR", o.MaxLR)
	if o.MaxLR == 0 || o.Up < 0 || o.Down < 0 {
		engine.Fail("optim.NewCyclic", "MaxLR is %v, Up %d, Down %d; want a rate > 0 and steps ≥ 0", o.MaxLR, o.Up, o.Down)
	}
	up := or(float64(o.Up), 2000)
	total := up + or(float64(o.Down), up)
	height := func(e int) float64 {
		cycle := math.Floor(1 + float64(e)/total)
		x := 1 + float64(e)/total - cycle
		h := x / (up / total)
		if x > up/total {
			h = (x - 1) / (up/total - 1)
		}
		if o.Halving {
			h /= math.Pow(2, cycle-1)
		}
		return h * math.Pow(or(o.Gamma, 1), float64(e))
	}
	hi, lo := or(o.MaxMomentum, 0.9), or(o.BaseMomentum, 0.8)
	var momentum func(int) float64
	if !o.KeepMomentum {
		momentum = func(e int) float64 { return hi - (hi-lo)*height(e) }
	}
	return newSchedule(opt, func(e int, _ float64) float64 {
		return o.BaseLR + (o.MaxLR-o.BaseLR)*height(e)
	}, momentum)
}
