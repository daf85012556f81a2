package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

func f32(s ...int) op.Type { return op.Type{DType: engine.F32, Shape: s} }

// dense is a network of two layers for rows of 3 numbers, with a reshape that knows the number of rows.
func dense(rows int) *graph.Graph {
	r := rand.New(rand.NewPCG(1, 1))
	b := graph.NewBuilder()
	one := func(d *op.Def, a op.Attrs, in ...graph.Value) graph.Value { return b.Apply(d, a, in...)[0] }
	x := b.Input("x", f32(rows, 3))
	h := one(op.Tanh, nil, one(op.Linear, nil, x, b.Constant("w", random(r, engine.F32, engine.Shape{8, 3}))))
	h = one(op.Reshape, op.ShapeAttrs{Shape: engine.Shape{rows * 2, 4}}, h)
	h = one(op.ReLU, nil, h)
	h = one(op.Reshape, op.ShapeAttrs{Shape: engine.Shape{rows, 8}}, h)
	b.Output("y", one(op.Linear, nil, h, b.Constant("v", random(r, engine.F32, engine.Shape{2, 8}))))
	return b.Graph()
}

func server(t *testing.T, o Options, models ...*Model) (*Server, *httptest.Server) {
	t.Helper()
	s, err := New(models, o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, h
}

func rowsModel(t *testing.T, most int) *Model {
	t.Helper()
	m, err := FromRows("net", dense(4), most)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// call returns status and body.
func call(t *testing.T, method, url, body string, header ...string) (int, string) {
	t.Helper()
	q, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// expected computes dense for one row.
func expected(t *testing.T, row []float32) []float32 {
	t.Helper()
	m, err := FromGraph("one", dense(1))
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Run(1, []engine.Array{engine.Of(engine.Shape{1, 3}, row)})
	if err != nil {
		t.Fatal(err)
	}
	return y[0].F32()
}

func near(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-5 }

func TestTheProtocolOfKServe(t *testing.T) {
	_, h := server(t, Options{Version: "1.2"}, rowsModel(t, 8))
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/v2", "", 200, `"models":["net"]`},
		{"GET", "/v2/health/live", "", 200, ""},
		{"GET", "/v2/health/ready", "", 200, ""},
		{"GET", "/v2/models/net", "", 200, `"inputs":[{"datatype":"FP32","name":"x","shape":[-1,3]}]`},
		{"GET", "/v2/models/net/versions/1", "", 200, `"platform":"lathe"`},
		{"GET", "/v2/models/net/versions/2", "", 404, "version 1 only"},
		{"GET", "/v2/models/net/ready", "", 200, ""},
		{"GET", "/v2/models/other", "", 404, `no model \"other\"; there are [net]`},
		{"GET", "/v1/models/net", "", 200, "AVAILABLE"},
		{"GET", "/nothing", "", 404, "see /v2"},
		{"POST", "/v2/models/net/infer", "{", 400, "no JSON of an inference"},
		{"POST", "/v2/models/net/infer", `{"inputs":[]}`, 400, "input x is missing"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"z"}]}`, 400, `no input \"z\"`},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"INT32","data":[1,2,3]}]}`, 400, "want FP32"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}`, 400, "want [-1 3]"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[0,3],"datatype":"FP32","data":[]}]}`, 400, "want [-1 3]"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[9,3],"datatype":"FP32","data":[` + strings.Repeat("1,", 26) + `1]}]}`, 400, "at most 8"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[9007199254740993,3],"datatype":"FP32","data":[1]}]}`, 400, "want [-1 3]"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[8,3],"datatype":"FP32","data":[1]}]}`, 400, "too few data"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2]}]}`, 400, "has 2 elements"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3,4]}]}`, 400, "more than the 3"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,"a",3]}]}`, 400, "something else than numbers"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,1e999,3]}]}`, 400, "element 1"},
		{"POST", "/v2/models/net/infer", `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"q"}]}`, 400, "no output"},
		{"POST", "/v1/models/net:predict", `{"instances":[]}`, 400, "want"},
		{"POST", "/v1/models/net:predict", `{"instances":[[1,2]]}`, 400, "has 2 elements"},
		{"POST", "/v1/models/net", `{}`, 400, ":predict"},
	} {
		if status, text := call(t, c.method, h.URL+c.path, c.body); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %s %s: status %d, %s; want %d and %q", c.method, c.path, c.body, status, text, c.status, c.want)
		}
	}
	status, text := call(t, "POST", h.URL+"/v2/models/net/infer",
		`{"id":"7","inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[[1,-2,0.5],[0.25,3,-1e-1]]}]}`)
	var a struct {
		ID      string `json:"id"`
		Name    string `json:"model_name"`
		Outputs []struct {
			Name     string
			Shape    []int
			DataType string
			Data     []float32
		}
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil || status != 200 || a.ID != "7" || a.Name != "net" || len(a.Outputs) != 1 {
		t.Fatalf("status %d, %s, error %v", status, text, err)
	}
	want := append(expected(t, []float32{1, -2, 0.5}), expected(t, []float32{0.25, 3, -0.1})...)
	for i, v := range want {
		if o := a.Outputs[0]; !near(o.Data[i], v) || fmt.Sprint(o.Shape) != "[2 2]" || o.DataType != "FP32" {
			t.Errorf("%+v; want %v", o, want)
		}
	}
	if _, text = call(t, "POST", h.URL+"/v1/models/net:predict", `{"instances":[[1,-2,0.5]]}`); !strings.HasPrefix(text, `{"predictions":[[`) {
		t.Errorf("predict gives %s", text)
	}
}

func TestBinaryTensors(t *testing.T) {
	_, h := server(t, Options{}, rowsModel(t, 8))
	row := []float32{1, -2, 0.5}
	raw := bytesOf(engine.Of(engine.Shape{3}, row))
	head := `{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],` +
		`"parameters":{"binary_data_output":true}}`
	send := func(head string, raw []byte, length string) (int, []byte, string) {
		q, err := http.NewRequest("POST", h.URL+"/v2/models/net/infer", bytes.NewReader(append([]byte(head), raw...)))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set(headerLength, length)
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, body, r.Header.Get(headerLength)
	}
	n := strconv.Itoa(len(head))
	status, body, length := send(head, raw, n)
	split, err := strconv.Atoi(length)
	if status != 200 || err != nil || len(body)-split != 8 {
		t.Fatalf("status %d, header %q, body %q", status, length, body)
	}
	have := engine.NewArray(engine.F32, engine.Shape{2})
	copy(have.Buf.Bytes(), body[split:])
	for i, v := range expected(t, row) {
		if !near(have.F32()[i], v) {
			t.Errorf("element %d is %v, want %v", i, have.F32()[i], v)
		}
	}
	for _, c := range [][2]string{
		{strconv.Itoa(len(head) + 99), "for a body of"}, {"-1", "for a body of"}, {n, "binary bytes"},
	} {
		if status, body, _ := send(head, raw[:5], c[0]); status != 400 || !strings.Contains(string(body), c[1]) {
			t.Errorf("length %s: status %d, %s", c[0], status, body)
		}
	}
	if status, body, _ := send(head, append(raw, 1, 2), n); status != 400 || !strings.Contains(string(body), "belong to no input") {
		t.Errorf("surplus bytes: status %d, %s", status, body)
	}
}

// Requests of many callers at once are each answered with their own rows.
func TestNoRequestIsLostOrMixedUp(t *testing.T) {
	const callers, each = 50, 40
	s, h := server(t, Options{Instances: 2}, rowsModel(t, 16))
	want := make([][]float32, callers)
	for i := range want {
		want[i] = expected(t, []float32{float32(i), 1, -float32(i) / 2})
	}
	h.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = callers
	var wg sync.WaitGroup
	for i := range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rows := 1 + i%3
			body := fmt.Sprintf(`{"instances":[%s]}`, strings.TrimSuffix(
				strings.Repeat(fmt.Sprintf("[%d,1,%v],", i, -float32(i)/2), rows), ","))
			for range each {
				r, err := h.Client().Post(h.URL+"/v1/models/net:predict", "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				var a struct{ Predictions [][]float32 }
				err = json.NewDecoder(r.Body).Decode(&a)
				r.Body.Close()
				if err != nil || r.StatusCode != 200 || len(a.Predictions) != rows {
					t.Errorf("status %d, %v, error %v", r.StatusCode, a, err)
					return
				}
				for _, row := range a.Predictions {
					if !near(row[0], want[i][0]) || !near(row[1], want[i][1]) {
						t.Errorf("caller %d got %v, want %v", i, row, want[i])
						return
					}
				}
			}
		}()
	}
	wg.Wait()
	st := &s.byName["net"].stats
	if n := st.requests.Load(); n != callers*each {
		t.Errorf("%d requests were computed, want %d", n, callers*each)
	}
	_, text := call(t, "GET", h.URL+"/metrics", "")
	if want := fmt.Sprintf("lathe_requests_total{model=\"net\"} %d\n", callers*each); !strings.Contains(text, want) {
		t.Errorf("metrics are\n%s", text)
	}
}

// slow is a model that runs until it is told to go on.
func slow(started chan<- int, goOn <-chan struct{}) *Model {
	d := Tensor{"x", engine.F32, engine.Shape{-1}}
	return &Model{
		Name: "slow", Inputs: []Tensor{d}, Outputs: []Tensor{{"y", engine.F32, engine.Shape{-1}}}, Sizes: []int{1, 4},
		Run: func(rows int, in []engine.Array) ([]engine.Array, error) {
			started <- rows
			<-goOn
			if in[0].F32()[0] < 0 {
				return nil, errors.New("negative")
			}
			return in, nil
		},
	}
}

func one(v float32) []engine.Array { return []engine.Array{engine.Of(engine.Shape{1}, []float32{v})} }

func TestAFullQueueADeadlineAndAClosingServerAreErrors(t *testing.T) {
	started, goOn := make(chan int, 10), make(chan struct{})
	b := newBatcher(slow(started, goOn), Options{Queue: 2, Instances: 1})
	results := make(chan error, 10)
	ask := func(ctx context.Context, v float32) {
		go func() {
			y, err := b.infer(ctx, one(v))
			if err == nil && y[0].F32()[0] != v {
				err = fmt.Errorf("%v gives %v", v, y[0].F32())
			}
			results <- err
		}()
	}
	ask(context.Background(), 1)
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	ask(ctx, 2)
	ask(context.Background(), 3)
	for len(b.queue) < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, err := b.infer(context.Background(), one(4)); !errors.Is(err, ErrBusy) {
		t.Errorf("a full queue gives %v", err)
	}
	cancel()
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went gets %v", err)
	}
	closed := make(chan struct{})
	go func() {
		b.close()
		close(closed)
	}()
	for b.open() {
		time.Sleep(time.Millisecond)
	}
	if _, err := b.infer(context.Background(), one(5)); !errors.Is(err, ErrClosed) {
		t.Errorf("a closing server gives %v", err)
	}
	close(goOn)
	for range 2 {
		if err := <-results; err != nil {
			t.Errorf("an accepted request gets %v", err)
		}
	}
	<-closed
	if rows := <-started; rows != 1 {
		t.Errorf("the request of a caller who went was run: %d rows", rows)
	}
}

func TestRequestsThatWaitAreJoined(t *testing.T) {
	started, goOn := make(chan int, 10), make(chan struct{})
	b := newBatcher(slow(started, goOn), Options{Queue: 10, Instances: 1})
	var wg sync.WaitGroup
	ask := func(v float32) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if y, err := b.infer(context.Background(), one(v)); err != nil || y[0].F32()[0] != v {
				t.Errorf("%v gives %v, error %v", v, y, err)
			}
		}()
	}
	ask(1)
	<-started
	for i := range 5 {
		ask(float32(2 + i))
	}
	for len(b.queue) < 5 {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	wg.Wait()
	b.close()
	if first, second := <-started, <-started; first != 4 || second != 1 {
		t.Errorf("5 requests that waited were run as %d and %d rows, want 4 and 1", first, second)
	}
}

func TestAFailureOfTheModelReachesItsCallers(t *testing.T) {
	started, goOn := make(chan int, 10), make(chan struct{})
	close(goOn)
	_, h := server(t, Options{}, slow(started, goOn), &Model{
		Name: "panics", Inputs: []Tensor{{"x", engine.F32, engine.Shape{1}}}, Outputs: []Tensor{{"y", engine.F32, nil}},
		Run: func(int, []engine.Array) ([]engine.Array, error) { engine.Fail("Op", "does not fit"); return nil, nil },
	}, &Model{
		Name: "nan", Inputs: []Tensor{{"x", engine.F32, engine.Shape{1}}}, Outputs: []Tensor{{"y", engine.F32, nil}},
		Run: func(int, []engine.Array) ([]engine.Array, error) {
			return []engine.Array{engine.Of(nil, []float32{float32(math.NaN())})}, nil
		},
	})
	ask := func(name string, v int) (int, string) {
		return call(t, "POST", h.URL+"/v2/models/"+name+"/infer",
			fmt.Sprintf(`{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[%d]}]}`, v))
	}
	for _, c := range []struct {
		name   string
		v      int
		status int
		want   string
	}{
		{"slow", -1, 500, "model slow: negative"},
		{"slow", 2, 200, `"data":[2]`},
		{"panics", 1, 500, "Op: does not fit"},
		{"nan", 1, 500, "ask for binary_data"},
	} {
		if status, text := ask(c.name, c.v); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: status %d, %s; want %d and %q", c.name, status, text, c.status, c.want)
		}
	}
}

func TestARequestThatIsTooLargeIsRefused(t *testing.T) {
	_, h := server(t, Options{MaxBody: 100}, rowsModel(t, 2))
	status, text := call(t, "POST", h.URL+"/v2/models/net/infer", `{"inputs":[`+strings.Repeat(" ", 200)+`]}`)
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, %s", status, text)
	}
}

// A graph whose rows depend on each other is not joined.
func TestRowsThatDependOnEachOtherAreNotJoined(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", f32(4, 3))
	mean := b.Apply(op.Sum, op.ReduceAttrs{Axes: []int{0}, Keep: true}, x)[0]
	b.Output("y", b.Apply(op.Sub, nil, x, mean)[0])
	if _, err := FromRows("centred", b.Graph(), 8); err == nil || !strings.Contains(err.Error(), "depends on the other rows") {
		t.Errorf("error %v", err)
	}
}

func TestModelsThatCannotBeServedAreErrors(t *testing.T) {
	run := func(int, []engine.Array) ([]engine.Array, error) { return nil, nil }
	x := []Tensor{{"x", engine.F32, engine.Shape{-1}}}
	for want, m := range map[string]*Model{
		"needs a name":       {Inputs: x, Run: run},
		"has no type for":    {Name: "m", Inputs: []Tensor{{"x", engine.C64, nil}}, Run: run},
		"want -1 first":      {Name: "m", Inputs: x, Run: run},
		"ascending positive": {Name: "m", Inputs: x, Run: run, Sizes: []int{2, 1}},
	} {
		if _, err := New([]*Model{m}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	m := &Model{Name: "m", Inputs: x, Run: run, Sizes: []int{1}}
	if _, err := New([]*Model{m, m}, Options{}); err == nil || !strings.Contains(err.Error(), "two models") {
		t.Errorf("two models of one name give %v", err)
	}
}
