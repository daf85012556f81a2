// Package tensorboard writes event files that TensorBoard reads, and starts TensorBoard on them.
//
//	w, err := tensorboard.NewWriter("runs/first")
//	err = w.Scalar("loss", step, loss)        // also Histogram, Image, Text
//	err = w.Close()
//	board, err := tensorboard.Start("runs")   // a value that a notebook shows as a link and a frame
//	defer board.Stop()
//
// It writes graphs and hyperparameters not at all, and installs nothing (pip install tensorboard).
package tensorboard

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Writer adds events to one file. Its methods may be called from any goroutine; what they write is in the
// file when they return.
type Writer struct {
	mu   sync.Mutex
	file *os.File
	buf  *bufio.Writer
}

// NewWriter makes an event file in dir, which is one run in TensorBoard. It makes dir, too.
func NewWriter(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("tensorboard.NewWriter: %w", err)
	}
	name := fmt.Sprintf("events.out.tfevents.%d.lathe.%d", time.Now().UnixNano(), os.Getpid())
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("tensorboard.NewWriter: %w", err)
	}
	w := &Writer{file: f, buf: bufio.NewWriter(f)}
	return w, w.event(0, protowire.AppendString(protowire.AppendTag(nil, 3, protowire.BytesType), "brain.Event:2"))
}

// Scalar adds a number.
func (w *Writer) Scalar(tag string, step int, v float64) error {
	return w.summary(tag, step, protowire.AppendFixed32(protowire.AppendTag(nil, 2, protowire.Fixed32Type), math.Float32bits(float32(v))))
}

// Histogram adds the distribution of the numbers of x, in 30 buckets of one width.
func (w *Writer) Histogram(tag string, step int, x *eager.Tensor) error {
	if x == nil || x.Numel() == 0 {
		return fmt.Errorf("tensorboard.Histogram: %s: the tensor is nil or empty", tag)
	}
	values := x.Detach().To(engine.F64).Contiguous().Storage().F64()
	const n = 30
	lo, hi, sum, squares := math.Inf(1), math.Inf(-1), 0.0, 0.0
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("tensorboard.Histogram: %s: the tensor holds %g", tag, v)
		}
		lo, hi, sum, squares = min(lo, v), max(hi, v), sum+v, squares+v*v
	}
	var limits, counts [n]float64
	width := max((hi-lo)/n, math.SmallestNonzeroFloat32)
	for i := range limits {
		limits[i] = lo + width*float64(i+1)
	}
	for _, v := range values {
		counts[min(int((v-lo)/width), n-1)]++
	}
	var h []byte
	for i, v := range []float64{lo, hi, float64(len(values)), sum, squares} {
		h = protowire.AppendFixed64(protowire.AppendTag(h, protowire.Number(i+1), protowire.Fixed64Type), math.Float64bits(v))
	}
	for i, list := range [][n]float64{limits, counts} {
		var packed []byte
		for _, v := range list {
			packed = protowire.AppendFixed64(packed, math.Float64bits(v))
		}
		h = field(h, protowire.Number(6+i), packed)
	}
	return w.summary(tag, step, field(nil, 5, h))
}

// Image adds a picture of shape [height width], [1 height width] or [3 height width] with values in [0, 1].
func (w *Writer) Image(tag string, step int, x *eager.Tensor) error {
	if x != nil && len(x.Shape()) == 2 {
		x = x.Reshape(1, x.Size(0), x.Size(1))
	}
	if x == nil || len(x.Shape()) != 3 || x.Size(0) != 1 && x.Size(0) != 3 {
		return fmt.Errorf("tensorboard.Image: %s: %v; want shape [height width], [1 height width] or [3 height width]", tag, x)
	}
	channels, height, width := x.Size(0), x.Size(1), x.Size(2)
	values := x.Detach().To(engine.F64).Contiguous().Storage().F64()
	at := func(c, i int) uint8 {
		return uint8(255*min(max(values[min(c, channels-1)*height*width+i], 0), 1) + 0.5)
	}
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range height * width {
		m.SetRGBA(i%width, i/width, color.RGBA{at(0, i), at(1, i), at(2, i), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return fmt.Errorf("tensorboard.Image: %w", err)
	}
	var p []byte
	for i, n := range []int{height, width, 3} {
		p = protowire.AppendVarint(protowire.AppendTag(p, protowire.Number(i+1), protowire.VarintType), uint64(n))
	}
	return w.summary(tag, step, field(nil, 4, field(p, 4, b.Bytes())))
}

// Text adds text, which TensorBoard reads as Markdown.
func (w *Writer) Text(tag string, step int, text string) error {
	const stringType = 7
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), stringType)
	one := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)
	tensor = field(field(tensor, 2, field(nil, 2, one)), 8, []byte(text)) // shape [1]
	plugin := field(nil, 1, []byte("text"))
	return w.summary(tag, step, field(field(nil, 8, tensor), 9, field(nil, 1, plugin)))
}

// Close closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("tensorboard.Close: %w", err)
	}
	return nil
}

func field(b []byte, n protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), content)
}

func (w *Writer) summary(tag string, step int, value []byte) error {
	return w.event(step, field(nil, 5, field(nil, 1, append(field(nil, 1, []byte(tag)), value...))))
}

// event writes a record: length, checksum of the length, the event, its checksum.
func (w *Writer) event(step int, what []byte) error {
	e := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	e = protowire.AppendFixed64(e, math.Float64bits(float64(time.Now().UnixNano())/1e9))
	e = protowire.AppendVarint(protowire.AppendTag(e, 2, protowire.VarintType), uint64(step))
	e = append(e, what...)
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(e)))
	r := append(binary.LittleEndian.AppendUint32(head, masked(head)), e...)
	r = binary.LittleEndian.AppendUint32(r, masked(e))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.buf.Write(r)
	if err == nil {
		err = w.buf.Flush()
	}
	if err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// masked is the checksum of TFRecord files.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}
