package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// maxHeader is the largest header that the reference implementation accepts.
const maxHeader = 100_000_000

// dtypes are the format's names of our element types; sizes also holds those that the engine lacks.
var (
	dtypes = map[string]engine.DType{
		"BOOL": engine.Bool, "U8": engine.U8, "I8": engine.I8, "I16": engine.I16, "I32": engine.I32,
		"I64": engine.I64, "F16": engine.F16, "BF16": engine.BF16, "F32": engine.F32, "F64": engine.F64,
		"C64": engine.C64,
	}
	sizes = map[string]uint64{
		"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
		"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8, "C64": 8,
	}
)

// entry is one tensor of a header.
type entry struct {
	Name  string   `json:"-"`
	DType string   `json:"dtype"`
	Shape []uint64 `json:"shape"`
	Span  []uint64 `json:"data_offsets"`
}

// parseHeader checks the JSON header of a file with size bytes of data and returns its tensors in the
// order of their data, which they cover without gaps.
func parseHeader(b []byte, size uint64) ([]entry, map[string]string, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("the header is not a JSON object")
	}
	var entries []entry
	var meta map[string]string
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("header: %w", err)
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, nil, fmt.Errorf("header: %q occurs twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			if err := d.Decode(&meta); err != nil {
				return nil, nil, fmt.Errorf("header: __metadata__: %w", err)
			}
			continue
		}
		e := entry{Name: name}
		if err := d.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
		if err := e.check(size); err != nil {
			return nil, nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
		entries = append(entries, e)
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("header: there is more than one JSON object")
	}
	return entries, meta, order(entries, size)
}

// check compares dtype, shape and span of one tensor.
func (e entry) check(size uint64) error {
	if len(e.Span) != 2 || e.Span[0] > e.Span[1] || e.Span[1] > size {
		return fmt.Errorf("data_offsets %v are not a range within the %d bytes of data", e.Span, size)
	}
	n, ok := sizes[e.DType]
	if !ok {
		return fmt.Errorf("dtype %q is unknown; known: %s", e.DType, known())
	}
	for _, d := range e.Shape {
		hi, lo := bits.Mul64(n, d)
		if hi != 0 || lo > 1<<62 || d > 1<<62 {
			return fmt.Errorf("shape %v is too large", e.Shape)
		}
		n = lo
	}
	if n != e.Span[1]-e.Span[0] {
		return fmt.Errorf("%s%v needs %d bytes, data_offsets %v give %d", e.DType, e.Shape, n, e.Span,
			e.Span[1]-e.Span[0])
	}
	return nil
}

// order sorts entries by their data and refuses overlaps and gaps.
func order(entries []entry, size uint64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return slices.Compare(a.Span, b.Span)
	})
	at, last := uint64(0), ""
	for _, e := range entries {
		switch {
		case e.Span[0] < at:
			return fmt.Errorf("header: tensors %q and %q overlap", last, e.Name)
		case e.Span[0] > at:
			return fmt.Errorf("header: bytes %d…%d of the data belong to no tensor", at, e.Span[0])
		}
		at, last = e.Span[1], e.Name
	}
	if at != size {
		return fmt.Errorf("header: the tensors end at byte %d, the data at %d", at, size)
	}
	return nil
}

func known() string { return strings.Join(slices.Sorted(maps.Keys(sizes)), " ") }
