package notebook

import (
	"encoding/json"
	"strings"
)

// outputJSON is the form of an output outside notebook files: in kernel messages, in the document
// log and on the wire to the page. Text is one string; the display id is there.
type outputJSON struct {
	Type      string   `json:"output_type"`
	Name      string   `json:"name,omitempty"`
	Text      *string  `json:"text,omitempty"`
	Data      Object   `json:"data,omitempty"`
	Metadata  Object   `json:"metadata,omitempty"`
	Count     *int     `json:"execution_count,omitempty"`
	EName     string   `json:"ename,omitempty"`
	EValue    string   `json:"evalue,omitempty"`
	Traceback []string `json:"traceback,omitempty"`
	Place     Object   `json:"lathe,omitempty"`
	DisplayID string   `json:"display_id,omitempty"`
	Extra     Object   `json:"extra,omitempty"`
}

func (j *outputJSON) output() *Output {
	o := &Output{
		Type: j.Type, Name: j.Name, Data: j.Data, Metadata: j.Metadata, EName: j.EName,
		EValue: j.EValue, Traceback: j.Traceback, DisplayID: j.DisplayID, Place: j.Place,
		Extra: j.Extra,
	}
	if j.Text != nil {
		o.Text = []byte(*j.Text)
	}
	if j.Count != nil {
		o.Count = *j.Count
	}
	return o
}

// MarshalJSON writes the output for the document log and the page, not for a notebook file.
func (o *Output) MarshalJSON() ([]byte, error) {
	j := outputJSON{
		Type: o.Type, Name: o.Name, Data: o.Data, Metadata: o.Metadata, EName: o.EName,
		EValue: o.EValue, Traceback: o.Traceback, DisplayID: o.DisplayID, Place: o.Place,
		Extra: o.Extra,
	}
	if o.Type == Stream {
		text := strings.ToValidUTF8(string(o.Text), "\ufffd")
		j.Text = &text
	}
	if o.Count != 0 {
		j.Count = &o.Count
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Output) UnmarshalJSON(data []byte) error {
	var j outputJSON
	if err := decode(data, &j); err != nil {
		return err
	}
	*o = *j.output()
	return nil
}

type cellJSON struct {
	ID          string    `json:"id"`
	Type        string    `json:"cell_type"`
	Source      string    `json:"source"`
	Metadata    Object    `json:"metadata,omitempty"`
	Attachments Object    `json:"attachments,omitempty"`
	Outputs     []*Output `json:"outputs,omitempty"`
	Count       int       `json:"execution_count,omitempty"`
	Extra       Object    `json:"extra,omitempty"`
	ClearNext   bool      `json:"clear_next,omitempty"`
}

// MarshalJSON writes the cell for the document log and the page, not for a notebook file.
func (c *Cell) MarshalJSON() ([]byte, error) {
	return json.Marshal(cellJSON{
		c.ID, c.Type, c.Source, c.Metadata, c.Attachments, c.Outputs, c.Count, c.Extra, c.clearNext,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var j cellJSON
	if err := decode(data, &j); err != nil {
		return err
	}
	*c = Cell{
		j.ID, j.Type, j.Source, j.Metadata, j.Attachments, j.Outputs, j.Count, j.Extra, j.ClearNext,
	}
	return nil
}
