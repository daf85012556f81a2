package host_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/wire"
)

func TestCommsCarryMessagesBothWays(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	data := func(m *wire.Message) map[string]any {
		var c struct {
			ID   string         `json:"comm_id"`
			Data map[string]any `json:"data"`
		}
		if err := m.DecodeContent(&c); err != nil {
			t.Fatal(err)
		}
		c.Data["id"] = c.ID
		return c.Data
	}
	// To a target that nobody handles.
	open := map[string]any{"comm_id": "a", "target_name": "nobody", "data": map[string]any{}}
	if got := data(ask(t, k, wire.Shell, "comm_open", "comm_close", open)); got["id"] != "a" {
		t.Errorf("got %v", got)
	}
	// To echo, which TestMain handles.
	open["comm_id"], open["target_name"], open["data"] = "b", "echo", map[string]any{"first": "hello"}
	send(t, k, "comm_open", open)
	msg := map[string]any{"comm_id": "b", "data": map[string]any{"n": 1}}
	if got := data(ask(t, k, wire.Shell, "comm_msg", "comm_msg", msg)); got["answer"] != "hello" || got["n"] != 1.0 {
		t.Errorf("got %v", got)
	}
	info := string(ask(t, k, wire.Shell, "comm_info_request", "comm_info_reply", map[string]any{}).Content)
	if !strings.Contains(info, `"b":{"target_name":"echo"}`) {
		t.Errorf("got %s", info)
	}
	send(t, k, "comm_close", map[string]any{"comm_id": "b", "data": map[string]any{}})
	info = string(ask(t, k, wire.Shell, "comm_info_request", "comm_info_reply", map[string]any{}).Content)
	if strings.Contains(info, "echo") {
		t.Errorf("after close: %s", info)
	}
}

func send(t *testing.T, k *host.Kernel, msgType string, content any) {
	t.Helper()
	m, err := wire.New(wire.Shell, msgType, nil, content)
	if err == nil {
		err = k.Send(m)
	}
	if err != nil {
		t.Fatal(err)
	}
}
