package notebook_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

// structure checks written bytes against the nbformat 4.5 schema: required keys, types, no
// additional keys where the schema forbids them, unique valid ids, text as lists of strings.
func structure(data []byte) error {
	var nb struct {
		Cells    []map[string]any `json:"cells"`
		Metadata map[string]any   `json:"metadata"`
		Major    int              `json:"nbformat"`
		Minor    int              `json:"nbformat_minor"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		return err
	}
	if nb.Cells == nil || nb.Metadata == nil || nb.Major != 4 || nb.Minor < 5 {
		return fmt.Errorf("cells, metadata or version missing")
	}
	ids := map[string]bool{}
	for i, c := range nb.Cells {
		id, _ := c["id"].(string)
		if !notebook.ValidID(id) || ids[id] {
			return fmt.Errorf("cells[%d]: id %q", i, id)
		}
		ids[id] = true
		if err := cellStructure(c); err != nil {
			return fmt.Errorf("cells[%d]: %w", i, err)
		}
	}
	return nil
}

func cellStructure(c map[string]any) error {
	common := []string{"id", "cell_type", "metadata", "source"}
	switch c["cell_type"] {
	case "code":
		if err := keys(c, append(common, "outputs", "execution_count"), nil); err != nil {
			return err
		}
		outs, ok := c["outputs"].([]any)
		if !ok {
			return fmt.Errorf("outputs is %T", c["outputs"])
		}
		for i, o := range outs {
			m, _ := o.(map[string]any)
			if err := outputStructure(m); err != nil {
				return fmt.Errorf("outputs[%d]: %w", i, err)
			}
		}
	case "markdown", "raw":
		if err := keys(c, common, []string{"attachments"}); err != nil {
			return err
		}
	default:
		return fmt.Errorf("cell_type %v", c["cell_type"])
	}
	return text(c["source"])
}

func outputStructure(o map[string]any) error {
	switch o["output_type"] {
	case "stream":
		if err := keys(o, []string{"output_type", "name", "text"}, nil); err != nil {
			return err
		}
		return text(o["text"])
	case "display_data":
		return keys(o, []string{"output_type", "data", "metadata"}, nil)
	case "execute_result":
		return keys(o, []string{"output_type", "data", "metadata", "execution_count"}, nil)
	case "error":
		if err := keys(o, []string{"output_type", "ename", "evalue", "traceback"}, nil); err != nil {
			return err
		}
		return text(o["traceback"])
	}
	return fmt.Errorf("output_type %v", o["output_type"])
}

func keys(m map[string]any, need, may []string) error {
	for _, k := range need {
		if _, ok := m[k]; !ok {
			return fmt.Errorf("no key %q", k)
		}
	}
	for k := range m {
		if !slices.Contains(need, k) && !slices.Contains(may, k) {
			return fmt.Errorf("additional key %q", k)
		}
	}
	return nil
}

func text(v any) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("text is %T, want a list", v)
	}
	for _, l := range list {
		if _, ok := l.(string); !ok {
			return fmt.Errorf("line is %T", l)
		}
	}
	return nil
}

func TestStructureRefusesWhatTheSchemaForbids(t *testing.T) {
	for _, bad := range []string{
		`{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":4}`,
		`{"cells":[{"cell_type":"raw","metadata":{},"source":[]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
		`{"cells":[{"cell_type":"raw","id":"a","metadata":{},"source":"x"}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
		`{"cells":[{"cell_type":"code","id":"a","metadata":{},"source":[],"execution_count":null,
		"outputs":[{"output_type":"stream","name":"stdout","text":[],"more":1}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
	} {
		if structure([]byte(bad)) == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}
