package display

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"reflect"
	"testing"
)

type shown struct {
	data   Data
	id     string
	update bool
}

type recorder struct {
	got    []shown
	clears []bool
}

func (r *recorder) Display(d Data, id string, update bool) {
	r.got = append(r.got, shown{d, id, update})
}
func (r *recorder) Clear(wait bool) { r.clears = append(r.clears, wait) }

func record(t *testing.T) *recorder {
	r := &recorder{}
	old := Install(r)
	t.Cleanup(func() { Install(old) })
	return r
}

type chart struct{}

func (chart) Display() Data { return JSON(map[string]int{"a": 1}) }

func TestShowUsesTheValuesOwnForm(t *testing.T) {
	r := record(t)
	Show(1, "two", errors.New("three"), chart{}, HTML("<b>4</b>"), nil)
	want := []Data{
		Text("1"), Text("two"), Text("three"), JSON(map[string]int{"a": 1}), HTML("<b>4</b>"), Text("<nil>"),
	}
	if len(r.got) != len(want) {
		t.Fatalf("%d outputs, want %d", len(r.got), len(want))
	}
	for i, w := range want {
		if !reflect.DeepEqual(r.got[i].data, w) || r.got[i].id != "" || r.got[i].update {
			t.Errorf("output %d is %+v, want %+v", i, r.got[i], w)
		}
	}
}

func TestImageBecomesPNG(t *testing.T) {
	r := record(t)
	Show(image.NewGray(image.Rect(0, 0, 3, 2)))
	b, _ := r.got[0].data.MIME["image/png"].([]byte)
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != 3 || img.Bounds().Dy() != 2 {
		t.Errorf("decoded %v, error %v", img, err)
	}
}

func TestHandleUpdatesUnderOneID(t *testing.T) {
	r := record(t)
	h, other := New(Text("0 %")), New(Text("other"))
	h.Update(Text("50 %"))
	Show(h)
	want := []shown{
		{Text("0 %"), h.ID(), false},
		{Text("other"), other.ID(), false},
		{Text("50 %"), h.ID(), true},
		{Text("50 %"), h.ID(), false},
	}
	if !reflect.DeepEqual(r.got, want) {
		t.Errorf("got %+v\nwant %+v", r.got, want)
	}
	if h.ID() == other.ID() || h.ID() == "" {
		t.Errorf("ids %q and %q", h.ID(), other.ID())
	}
}

func TestClearReachesTheSink(t *testing.T) {
	r := record(t)
	Clear(true)
	Clear(false)
	if !reflect.DeepEqual(r.clears, []bool{true, false}) {
		t.Errorf("clears %v", r.clears)
	}
}

type inner struct{}

func (i inner) String() string { return "inner" }

type outer struct{ inner }

func TestNilPointersWithAStringMethodAreShown(t *testing.T) {
	for v, want := range map[any]string{(*outer)(nil): "<nil>", &outer{}: "inner", outer{}: "inner"} {
		if got := Of(v).MIME["text/plain"]; got != want {
			t.Errorf("%T is shown as %v, want %s", v, got, want)
		}
	}
}
