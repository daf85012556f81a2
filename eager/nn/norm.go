package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// BatchNormOptions are the options of NewBatchNorm1D, 2D and 3D; the zero value is the default.
type BatchNormOptions struct {
	Eps        float64 // added to the variance; 0: 1e-5
	Momentum   float64 // weight of the batch in the running statistics; 0: 0.1, a negative value none
	Cumulative bool    // the running statistics are plain means over all batches; Momentum is ignored
	NoAffine   bool    // no weight and bias
	NoTracking bool    // no running statistics: batch statistics are used in evaluation too
}

// BatchNorm normalises each channel over the batch and the spatial axes.
//
//	y = (x − mean)/√(var + eps)·weight + bias
//
// In training mode mean and (biased) variance are the batch's, and the running statistics move towards
// them; in evaluation mode they are the running ones.
// x: [n c] or [n c spatial…] → the same.
type BatchNorm struct {
	Base
	Weight, Bias            *eager.Tensor // [c], or nil
	RunningMean, RunningVar *eager.Tensor // [c], or nil
	Batches                 *eager.Tensor // I64 scalar: batches seen, or nil
	name                    string
	channels                int
	ranks                   [2]int // least and largest rank of x
	o                       BatchNormOptions
	sum                     func(x *eager.Tensor) *eager.Tensor // over processes, see SyncWith
}

// BatchNorm1D, BatchNorm2D and BatchNorm3D normalise over the batch and 1, 2 and 3 spatial axes.
type (
	BatchNorm1D = BatchNorm
	BatchNorm2D = BatchNorm
	BatchNorm3D = BatchNorm
)

// NewBatchNorm1D returns a batch normalisation of [n channels] or [n channels length].
// Source: Ioffe and Szegedy 2015; agrees with torch.nn.BatchNorm1d.
func NewBatchNorm1D(channels int, o ...BatchNormOptions) *BatchNorm1D {
	return newBatchNorm("nn.BatchNorm1D", channels, 2, 3, o)
}

// NewBatchNorm2D returns a batch normalisation of [n channels height width].
// Source: Ioffe and Szegedy 2015; agrees with torch.nn.BatchNorm2d.
func NewBatchNorm2D(channels int, o ...BatchNormOptions) *BatchNorm2D {
	return newBatchNorm("nn.BatchNorm2D", channels, 4, 4, o)
}

// NewBatchNorm3D returns a batch normalisation of [n channels depth height width].
// Source: Ioffe and Szegedy 2015; agrees with torch.nn.BatchNorm3d.
func NewBatchNorm3D(channels int, o ...BatchNormOptions) *BatchNorm3D {
	return newBatchNorm("nn.BatchNorm3D", channels, 5, 5, o)
}

func newBatchNorm(name string, channels, lo, hi int, o []BatchNormOptions) *BatchNorm {
	atLeast(name, "channels", channels, 1)
	b := &BatchNorm{name: name, channels: channels, ranks: [2]int{lo, hi}}
	if len(o) > 0 {
		b.o = o[0]
	}
	b.o.Eps, b.o.Momentum = or(b.o.Eps, 1e-5), math.Max(0, or(b.o.Momentum, 0.1))
	if !b.o.NoAffine {
		b.Weight = b.Param("weight", eager.Ones(channels))
		b.Bias = b.Param("bias", eager.Zeros(channels))
	}
	if !b.o.NoTracking {
		b.RunningMean = b.Buffer("running_mean", eager.Zeros(channels))
		b.RunningVar = b.Buffer("running_var", eager.Ones(channels))
		b.Batches = b.Buffer("num_batches_tracked", eager.New(0))
	}
	return b
}

// Forward returns the normalised x. In training mode a channel needs more than one value.
func (b *BatchNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.BatchNorm", "nn.NewBatchNorm2D or its kin", b != nil && b.channels > 0, x)
	floating(b.name, x)
	if x.Rank() < b.ranks[0] || x.Rank() > b.ranks[1] || x.Size(1) != b.channels {
		engine.Fail(b.name, "input %v, want %d…%d axes and %d channels on axis 1", x.Array(), b.ranks[0],
			b.ranks[1], b.channels)
	}
	if !b.Training() && b.RunningMean != nil {
		return b.Done(x, b.normalise(x, b.RunningMean, b.RunningVar))
	}
	n := x.Numel() / max(b.channels, 1)
	if b.Training() && b.sum != nil {
		return b.Done(x, b.together(x, n))
	}
	if b.Training() && n <= 1 {
		engine.Fail(b.name, "input %v has %d value for each channel; training wants more", x.Array(), n)
	}
	y := eager.Apply(op.BatchNorm, op.BatchNormAttrs{Eps: b.o.Eps}, withAffine(x, b.Weight, b.Bias)...)
	if b.Training() && b.RunningMean != nil {
		b.track(y[1], y[2], n)
	}
	return b.Done(x, y[0])
}

// SyncWith makes the statistics in training those of the batches of several processes: sum returns the sum
// of a tensor over all of them, and can be differentiated. nil undoes it. parallel.SyncBatchNorm calls it.
func (b *BatchNorm) SyncWith(sum func(x *eager.Tensor) *eager.Tensor) { b.sum = sum }

// Synced reports whether SyncWith is in force.
func (b *BatchNorm) Synced() bool { return b.sum != nil }

// together is Forward in training with the statistics of all processes: the mean first, then the mean
// squared distance from it. Processes may have batches of different sizes.
func (b *BatchNorm) together(x *eager.Tensor, n int) *eager.Tensor {
	axes := []int{0}
	for i := 2; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	count := int(b.sum(eager.New(float64(n)).To(engine.F64)).Item())
	if count <= 1 {
		engine.Fail(b.name, "all processes have %d value for each channel; training wants more", count)
	}
	mean := b.sum(x.Sum(axes...)).Div(float64(count))
	d := x.Sub(perChannel(mean, x.Rank()))
	variance := b.sum(d.Square().Sum(axes...)).Div(float64(count))
	if b.RunningMean != nil {
		b.track(mean.Detach(), variance.Detach(), count)
	}
	scale := variance.Add(b.o.Eps).Rsqrt()
	if b.Weight != nil {
		scale = scale.Mul(b.Weight)
	}
	return addChannels(d.Mul(perChannel(scale, x.Rank())), b.Bias)
}

// normalise folds statistics that do not depend on x into one factor and one term for each channel.
func (b *BatchNorm) normalise(x, mean, variance *eager.Tensor) *eager.Tensor {
	scale := variance.Add(b.o.Eps).Rsqrt()
	if b.Weight != nil {
		scale = scale.Mul(b.Weight)
	}
	shift := mean.Mul(scale).Neg()
	if b.Bias != nil {
		shift = shift.Add(b.Bias)
	}
	return addChannels(x.Mul(perChannel(scale, x.Rank())), shift)
}

// track moves the running statistics towards those of a batch of n values, the variance unbiased.
func (b *BatchNorm) track(mean, variance *eager.Tensor, n int) {
	eager.NoGrad(func() {
		b.Batches.Assign(b.Batches.Add(1))
		m := b.o.Momentum
		if b.o.Cumulative {
			m = 1 / b.Batches.Item()
		}
		b.RunningMean.Assign(b.RunningMean.Mul(1 - m).Add(mean.Mul(m)))
		b.RunningVar.Assign(b.RunningVar.Mul(1 - m).Add(variance.Mul(m * float64(n) / float64(n-1))))
	})
}

// InstanceNormOptions are the options of NewInstanceNorm1D, 2D and 3D; the zero value is the default.
type InstanceNormOptions struct {
	Eps      float64 // added to the variance; 0: 1e-5
	Momentum float64 // weight of the batch in the running statistics; 0: 0.1, a negative value none
	Affine   bool    // with weight and bias
	Tracking bool    // with running statistics, which evaluation uses
}

// InstanceNorm normalises each channel of each sample over the spatial axes.
// x: [n c spatial…] or [c spatial…] → the same.
type InstanceNorm struct {
	Base
	Weight, Bias            *eager.Tensor // [c], or nil
	RunningMean, RunningVar *eager.Tensor // [c], or nil
	Batches                 *eager.Tensor // I64 scalar: batches seen, or nil
	name                    string
	channels, rank          int
	o                       InstanceNormOptions
}

// InstanceNorm1D, InstanceNorm2D and InstanceNorm3D normalise over 1, 2 and 3 spatial axes.
type (
	InstanceNorm1D = InstanceNorm
	InstanceNorm2D = InstanceNorm
	InstanceNorm3D = InstanceNorm
)

// NewInstanceNorm1D normalises [n channels length]. Agrees with torch.nn.InstanceNorm1d.
func NewInstanceNorm1D(channels int, o ...InstanceNormOptions) *InstanceNorm1D {
	return newInstanceNorm("nn.InstanceNorm1D", channels, 1, o)
}

// NewInstanceNorm2D normalises [n channels height width]. Agrees with torch.nn.InstanceNorm2d.
func NewInstanceNorm2D(channels int, o ...InstanceNormOptions) *InstanceNorm2D {
	return newInstanceNorm("nn.InstanceNorm2D", channels, 2, o)
}

// NewInstanceNorm3D normalises [n channels depth height width]. Agrees with torch.nn.InstanceNorm3d.
func NewInstanceNorm3D(channels int, o ...InstanceNormOptions) *InstanceNorm3D {
	return newInstanceNorm("nn.InstanceNorm3D", channels, 3, o)
}

func newInstanceNorm(name string, channels, rank int, o []InstanceNormOptions) *InstanceNorm {
	atLeast(name, "channels", channels, 1)
	l := &InstanceNorm{name: name, channels: channels, rank: rank}
	if len(o) > 0 {
		l.o = o[0]
	}
	l.o.Eps, l.o.Momentum = or(l.o.Eps, 1e-5), math.Max(0, or(l.o.Momentum, 0.1))
	if l.o.Affine {
		l.Weight = l.Param("weight", eager.Ones(channels))
		l.Bias = l.Param("bias", eager.Zeros(channels))
	}
	if l.o.Tracking {
		l.RunningMean = l.Buffer("running_mean", eager.Zeros(channels))
		l.RunningVar = l.Buffer("running_var", eager.Ones(channels))
		l.Batches = l.Buffer("num_batches_tracked", eager.New(0))
	}
	return l
}

// Forward returns the normalised x.
func (l *InstanceNorm) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.InstanceNorm", "nn.NewInstanceNorm2D or its kin", l != nil && l.channels > 0, x)
	floating(l.name, x)
	in, single := batched(l.name, x, l.rank, l.channels)
	var y *eager.Tensor
	switch {
	case l.RunningMean == nil:
		y = layerNorm(in, in.Rank()-2, l.o.Eps, nil, nil)
	case !l.Training():
		scale := l.RunningVar.Add(l.o.Eps).Rsqrt()
		y = in.Sub(perChannel(l.RunningMean, in.Rank())).Mul(perChannel(scale, in.Rank()))
	default:
		axes := spatial(in.Rank())
		mean := in.MeanKeep(axes...)
		d := in.Sub(mean)
		variance := d.Mul(d).MeanKeep(axes...)
		l.track(mean, variance, in.Numel()/max(in.Size(0)*l.channels, 1))
		y = d.Mul(variance.Add(l.o.Eps).Rsqrt())
	}
	if l.Weight != nil {
		y = addChannels(y.Mul(perChannel(l.Weight, y.Rank())), l.Bias)
	}
	if single {
		y = y.Squeeze(0)
	}
	return l.Done(x, y)
}

// track moves the running statistics towards the means over the batch of those of each sample. PyTorch does
// not count the batches here.
func (l *InstanceNorm) track(mean, variance *eager.Tensor, n int) {
	eager.NoGrad(func() {
		m := l.o.Momentum
		flat := func(v *eager.Tensor) *eager.Tensor { return v.Mean(0).Reshape(l.channels) }
		l.RunningMean.Assign(l.RunningMean.Mul(1 - m).Add(flat(mean).Mul(m)))
		l.RunningVar.Assign(l.RunningVar.Mul(1 - m).Add(flat(variance).Mul(m * float64(n) / float64(n-1))))
	})
}

// spatial returns the axes after batch and channels.
func spatial(rank int) []int {
	axes := make([]int, 0, rank)
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	return axes
}
