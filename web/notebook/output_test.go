package notebook_test

import (
	"encoding/json"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

type message struct{ kind, content string }

// run applies the messages to a one-cell notebook and returns its outputs as JSON.
func run(t *testing.T, messages ...message) string {
	t.Helper()
	nb := notebook.New()
	nb.Cells = append(nb.Cells, notebook.NewCell(notebook.Code, ""))
	for _, m := range messages {
		change, ok, err := notebook.FromMessage(m.kind, []byte(m.content))
		if err != nil || !ok {
			t.Fatalf("%s %s: ok %v, %v", m.kind, m.content, ok, err)
		}
		nb.Apply(nb.Cells[0].ID, change)
	}
	data, err := json.Marshal(nb.Cells[0].Outputs)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestMessagesBecomeOutputs(t *testing.T) {
	chart := message{"display_data", `{"data":{"application/vnd.lathe.echarts+json":{"height":320,
		"option":{"series":[{"type":"line","data":[[0,1]]}],"title":{"text":"loss"}}}},
		"metadata":{},"transient":{"display_id":"c"}}`}
	for _, tc := range []struct {
		name     string
		messages []message
		want     string
	}{
		{"streams of one name merge", []message{
			{"stream", `{"name":"stdout","text":"a"}`},
			{"stream", `{"name":"stdout","text":"b"}`},
			{"stream", `{"name":"stderr","text":"c"}`},
			{"stream", `{"name":"stdout","text":"d"}`},
		}, `[{"output_type":"stream","name":"stdout","text":"ab"},` +
			`{"output_type":"stream","name":"stderr","text":"c"},` +
			`{"output_type":"stream","name":"stdout","text":"d"}]`},
		{"an update replaces the display", []message{
			{"display_data", `{"data":{"text/plain":"1"},"metadata":{},"transient":{"display_id":"x"}}`},
			{"update_display_data", `{"data":{"text/plain":"2"},"metadata":{},"transient":{"display_id":"x"}}`},
			{"update_display_data", `{"data":{"text/plain":"3"},"metadata":{},"transient":{"display_id":"y"}}`},
		}, `[{"output_type":"display_data","data":{"text/plain":"2"},"display_id":"x"}]`},
		{"clear_output empties at once", []message{
			{"stream", `{"name":"stdout","text":"a"}`}, {"clear_output", `{"wait":false}`},
		}, `null`},
		{"clear_output with wait empties at the next output", []message{
			{"stream", `{"name":"stdout","text":"a"}`},
			{"clear_output", `{"wait":true}`},
			{"stream", `{"name":"stdout","text":"b"}`},
		}, `[{"output_type":"stream","name":"stdout","text":"b"}]`},
		{"a pending clear keeps the old output until then", []message{
			{"stream", `{"name":"stdout","text":"a"}`}, {"clear_output", `{"wait":true}`},
		}, `[{"output_type":"stream","name":"stdout","text":"a"}]`},
		{"an error keeps its place", []message{
			{"error", `{"ename":"E","evalue":"v","traceback":["t"],"lathe":{"cell":"c","line":3}}`},
		}, `[{"output_type":"error","ename":"E","evalue":"v","traceback":["t"],"lathe":{"cell":"c","line":3}}]`},
		{"frames extend the stored chart", []message{
			chart,
			{"update_display_data", `{"data":{"application/vnd.lathe.echarts.append+json":
			 {"append":[{"series":0,"data":[[1,0.5],[2,0.25]]},{"series":9,"data":[[1,1]]}],
			 "set":{"title":{"subtext":"epoch 2"}}}},"metadata":{},"transient":{"display_id":"c"}}`},
		}, `[{"output_type":"display_data","data":{"application/vnd.lathe.echarts+json":{"height":320,` +
			`"option":{"series":[{"data":[[0,1],[1,0.5],[2,0.25]],"type":"line"}],` +
			`"title":{"subtext":"epoch 2","text":"loss"}}}},"display_id":"c"}]`},
		{"a frame replaces the text form", []message{
			chart,
			{"update_display_data", `{"data":{"application/vnd.lathe.echarts.append+json":{"append":[]},
			 "text/plain":"loss 0.25"},"metadata":{},"transient":{"display_id":"c"}}`},
		}, `[{"output_type":"display_data","data":{"application/vnd.lathe.echarts+json":{"height":320,` +
			`"option":{"series":[{"data":[[0,1]],"type":"line"}],"title":{"text":"loss"}}},` +
			`"text/plain":"loss 0.25"},"display_id":"c"}]`},
	} {
		if got := run(t, tc.messages...); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestOtherMessagesAreNoOutputs(t *testing.T) {
	for _, kind := range []string{"status", "execute_input", "comm_open", ""} {
		if _, ok, err := notebook.FromMessage(kind, []byte(`{}`)); ok || err != nil {
			t.Errorf("%s: ok %v, %v", kind, ok, err)
		}
	}
	if _, _, err := notebook.FromMessage("stream", []byte(`{"text":1}`)); err == nil {
		t.Error("a malformed stream message was accepted")
	}
}
