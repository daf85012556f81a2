package table

import (
	"strconv"

	"github.com/lathe-ml/lathe/kernel/display"
)

// mostShown bounds the rows that Display reads.
const mostShown = 2000

// Display shows the first rows under the names of the columns; a missing value is empty.
func (t *Table) Display() display.Data {
	names := make([]string, len(t.Columns))
	rows := make([][]string, min(t.Len(), mostShown))
	for i := range rows {
		rows[i] = make([]string, len(t.Columns))
	}
	for j, c := range t.Columns {
		names[j] = c.Name
		for i := range rows {
			rows[i][j] = c.text(i)
		}
	}
	return display.Table(t.String(), names, rows, t.Len())
}

// text is value i as people read it.
func (c *Column) text(i int) string {
	if c.IsMissing(i) {
		return ""
	}
	switch c.Kind {
	case Float:
		return strconv.FormatFloat(c.Floats[i], 'g', -1, 64)
	case Int:
		return strconv.FormatInt(c.Ints[i], 10)
	case Bool:
		return strconv.FormatBool(c.Bools[i])
	}
	return c.Texts[i]
}
