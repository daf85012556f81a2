package kernel

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// sink sends what cells display.
type sink struct{ s *Server }

// Display makes sink a display.Sink.
func (k sink) Display(d display.Data, id string, update bool) {
	if k.s.stray() {
		return
	}
	msg := wire.DisplayData{Data: bundle(d.MIME), Metadata: metadata(d)}
	if id != "" {
		msg.Transient = map[string]any{"display_id": id}
	}
	k.s.displaying.Lock()
	defer k.s.displaying.Unlock()
	if update {
		k.s.publish(k.s.out.current(), "update_display_data", msg)
		return
	}
	k.s.out.drain()
	k.s.publish(k.s.out.current(), "display_data", msg)
}

// Clear makes sink a display.Sink.
func (k sink) Clear(wait bool) {
	if k.s.stray() {
		return
	}
	k.s.displaying.Lock()
	defer k.s.displaying.Unlock()
	k.s.out.drain()
	k.s.publish(k.s.out.current(), "clear_output", wire.ClearOutput{Wait: wait})
}

// bundle brings representations into the form of the wire: binary as base64. What encoding/json
// does not take is replaced by a text that says why.
func bundle(mime map[string]any) wire.MIME {
	out := wire.MIME{}
	for key, v := range mime {
		switch v := v.(type) {
		case []byte:
			if strings.HasPrefix(key, "text/") || strings.HasSuffix(key, "+xml") {
				out[key] = string(v)
				continue
			}
			out[key] = base64.StdEncoding.EncodeToString(v)
		default:
			raw, err := json.Marshal(v)
			if err != nil {
				out["text/plain"] = fmt.Sprintf("display: %s: %v", key, err)
				continue
			}
			out[key] = json.RawMessage(raw)
		}
	}
	return out
}

func metadata(d display.Data) map[string]any {
	if d.Metadata == nil {
		return map[string]any{}
	}
	return d.Metadata
}

// lineOf returns a line of code, counted from 1; "" beyond its end.
func lineOf(code string, n int) string {
	lines := strings.Split(code, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// excerpt returns a line of a cell with a mark under the column.
func excerpt(code string, line, column int) []string {
	lines := strings.Split(code, "\n")
	if line < 1 || line > len(lines) {
		return nil
	}
	text := lines[line-1]
	head := fmt.Sprintf("%4d | ", line)
	out := []string{head + text}
	if column > 0 && column <= len(text)+1 {
		pad := strings.Map(func(r rune) rune {
			if r == '\t' {
				return r
			}
			return ' '
		}, text[:column-1])
		out = append(out, strings.Repeat(" ", len(head))+pad+red+"^"+plain)
	}
	return out
}
