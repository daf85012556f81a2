package notebook

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Mime types with a meaning of their own.
const (
	ChartMIME  = "application/vnd.lathe.echarts+json"
	AppendMIME = "application/vnd.lathe.echarts.append+json"
	plainMIME  = "text/plain"
)

// Kinds of Change.
const (
	Add     = "add"     // a new output; a stream is merged into the last output of the same name
	Update  = "update"  // replace the data of every output with the display id
	Append  = "append"  // fold Frame into every chart with the display id
	Clear   = "clear"   // remove the cell's outputs
	ClearIn = "clearin" // remove the cell's outputs when the next one arrives
)

// A Change is one edit of outputs, made from a kernel message by FromMessage.
type Change struct {
	Kind      string  `json:"kind"`
	Output    *Output `json:"output,omitempty"` // Add, Update
	DisplayID string  `json:"display,omitempty"`
	Frame     Object  `json:"frame,omitempty"` // Append: {"append": [...], "set": {...}, "text": …}
}

// FromMessage makes the change that a kernel message asks for. ok is false for message types that
// do not touch outputs.
func FromMessage(msgType string, content json.RawMessage) (c Change, ok bool, err error) {
	var m struct {
		outputJSON
		Transient struct {
			DisplayID string `json:"display_id"`
		} `json:"transient"`
		Wait bool `json:"wait"`
	}
	switch msgType {
	case Stream, DisplayData, ExecuteResult, Error, "update_display_data", "clear_output":
	default:
		return Change{}, false, nil
	}
	if err := decode(content, &m); err != nil {
		return Change{}, false, fmt.Errorf("notebook: %s message: %w", msgType, err)
	}
	if msgType == "clear_output" {
		if m.Wait {
			return Change{Kind: ClearIn}, true, nil
		}
		return Change{Kind: Clear}, true, nil
	}
	m.Type = msgType
	o := m.output()
	o.DisplayID = m.Transient.DisplayID
	if msgType != "update_display_data" {
		return Change{Kind: Add, Output: o}, true, nil
	}
	if frame, isFrame := o.Data[AppendMIME].(Object); isFrame {
		if text, has := o.Data[plainMIME]; has {
			frame["text"] = text
		}
		return Change{Kind: Append, DisplayID: o.DisplayID, Frame: frame}, true, nil
	}
	o.Type = DisplayData
	return Change{Kind: Update, DisplayID: o.DisplayID, Output: o}, true, nil
}

// Apply makes the change in the cell with the id (Add, Clear, ClearIn) or in every output with the
// change's display id (Update, Append), and reports whether anything was there to change.
func (nb *Notebook) Apply(cell string, c Change) bool {
	switch c.Kind {
	case Update:
		return nb.eachDisplay(c.DisplayID, func(o *Output) {
			o.Data, _ = clone(c.Output.Data).(Object)
			o.Metadata, _ = clone(c.Output.Metadata).(Object)
		})
	case Append:
		return nb.eachDisplay(c.DisplayID, func(o *Output) {
			if chart, ok := o.Data[ChartMIME].(Object); ok {
				foldFrame(chart, c.Frame)
			}
			if text, has := c.Frame["text"]; has {
				o.Data[plainMIME] = text
			}
		})
	}
	target := nb.Cell(cell)
	if target == nil || target.Type != Code {
		return false
	}
	switch c.Kind {
	case Clear:
		target.Outputs, target.clearNext = nil, false
	case ClearIn:
		target.clearNext = true
	case Add:
		target.add(c.Output)
	}
	return true
}

func (nb *Notebook) eachDisplay(id string, edit func(*Output)) (found bool) {
	if id == "" {
		return false
	}
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			if o.DisplayID == id {
				edit(o)
				found = true
			}
		}
	}
	return found
}

// ClearPending reports whether the next output replaces the cell's outputs.
func (c *Cell) ClearPending() bool { return c.clearNext }

// SetClearPending sets what ClearPending reports; restoring a stored cell needs it.
func (c *Cell) SetClearPending(on bool) { c.clearNext = on }

func (c *Cell) add(o *Output) {
	if c.clearNext {
		c.Outputs, c.clearNext = nil, false
	}
	if n := len(c.Outputs); n > 0 && o.Type == Stream {
		if last := c.Outputs[n-1]; last.Type == Stream && last.Name == o.Name {
			last.Text = append(last.Text, o.Text...)
			return
		}
	}
	kept := *o
	kept.Text = append([]byte(nil), o.Text...)
	kept.Data, _ = clone(o.Data).(Object)
	kept.Metadata, _ = clone(o.Metadata).(Object)
	c.Outputs = append(c.Outputs, &kept)
}

// foldFrame appends the frame's points to the chart's series and merges the frame's partial option.
func foldFrame(chart, frame Object) {
	option, ok := chart["option"].(Object)
	if !ok {
		option = Object{}
		chart["option"] = option
	}
	series := seriesOf(option)
	list, _ := frame["append"].([]any)
	for _, item := range list {
		entry, _ := item.(Object)
		points, _ := entry["data"].([]any)
		i := index(entry["series"])
		if i < 0 || i >= len(series) {
			continue
		}
		if s, ok := series[i].(Object); ok {
			old, _ := s["data"].([]any)
			s["data"] = append(old, points...)
		}
	}
	if set, ok := frame["set"].(Object); ok {
		mergeOption(option, set)
	}
}

// MergeFrames returns one frame that does what a and then b do.
func MergeFrames(a, b Object) Object {
	merged, _ := clone(a).(Object)
	first, _ := merged["append"].([]any)
	more, _ := b["append"].([]any)
	merged["append"] = append(first, more...)
	if text, has := b["text"]; has {
		merged["text"] = text
	}
	if later, ok := b["set"].(Object); ok {
		set, _ := merged["set"].(Object)
		if set == nil {
			set = Object{}
		}
		mergeOption(set, later)
		merged["set"] = set
	}
	return merged
}

// seriesOf returns the chart's series as a list; ECharts also takes a single one.
func seriesOf(option Object) []any {
	switch s := option["series"].(type) {
	case []any:
		return s
	case Object:
		list := []any{s}
		option["series"] = list
		return list
	}
	return nil
}

func index(v any) int {
	switch n := v.(type) {
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return int(i)
		}
	case float64:
		return int(n)
	case nil:
		return 0
	}
	return -1
}

// mergeOption merges as ECharts' setOption does: objects by key, lists of objects by position,
// everything else replaced.
func mergeOption(into, from Object) {
	for k, v := range from {
		switch v := v.(type) {
		case Object:
			if old, ok := into[k].(Object); ok {
				mergeOption(old, v)
				continue
			}
		case []any:
			if old, ok := into[k].([]any); ok && objects(old) && objects(v) {
				into[k] = mergeList(old, v)
				continue
			}
		}
		into[k] = clone(v)
	}
}

func mergeList(old, from []any) []any {
	for i, v := range from {
		if i < len(old) {
			mergeOption(old[i].(Object), v.(Object))
		} else {
			old = append(old, clone(v))
		}
	}
	return old
}

func objects(list []any) bool {
	for _, v := range list {
		if _, ok := v.(Object); !ok {
			return false
		}
	}
	return len(list) > 0
}

// clone copies JSON values, so that a stored output shares nothing with the message it came from.
func clone(v any) any {
	switch v := v.(type) {
	case Object:
		if v == nil {
			return v
		}
		m := make(Object, len(v))
		for k, item := range v {
			m[k] = clone(item)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = clone(item)
		}
		return list
	}
	return v
}

// decode is json.Unmarshal with numbers kept as they are written.
func decode(data []byte, v any) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	return dec.Decode(v)
}
