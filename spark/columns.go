package spark

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/lathe-ml/lathe/data/table"
)

func newColumn(f arrow.Field) (*table.Column, error) {
	c := &table.Column{Name: f.Name}
	switch f.Type.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		c.Kind = table.Int
	case arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128, arrow.NULL:
		c.Kind = table.Float
	case arrow.BOOL:
		c.Kind = table.Bool
	case arrow.STRING, arrow.LARGE_STRING, arrow.BINARY, arrow.LARGE_BINARY:
		c.Kind = table.Text
	default:
		return nil, fmt.Errorf("column %s is of type %v; numbers, truth values, text and times fit a table", f.Name, f.Type)
	}
	return c, nil
}

// appendColumn appends an Arrow array to a column: whole runs where the types allow it.
func appendColumn(c *table.Column, a arrow.Array) error {
	before := c.Len()
	switch c.Kind {
	case table.Int:
		if err := appendInts(c, a); err != nil {
			return err
		}
	case table.Float:
		if err := appendFloats(c, a); err != nil {
			return err
		}
	case table.Bool:
		b, ok := a.(*array.Boolean)
		if !ok {
			return mixed(a)
		}
		for i := range b.Len() {
			c.Bools = append(c.Bools, b.Value(i))
		}
	case table.Text:
		if err := appendTexts(c, a); err != nil {
			return err
		}
	}
	return lack(c, a, before)
}

func mixed(a arrow.Array) error {
	return fmt.Errorf("a later batch is of another type, %v", a.DataType())
}

// lack marks the missing values of a, and puts the zero of a table in their place.
func lack(c *table.Column, a arrow.Array, before int) error {
	if a.NullN() == 0 {
		if c.Missing != nil {
			c.Missing = append(c.Missing, make([]bool, a.Len())...)
		}
		return nil
	}
	if c.Missing == nil {
		c.Missing = make([]bool, before)
	}
	for i := range a.Len() {
		gone := a.IsNull(i)
		c.Missing = append(c.Missing, gone)
		if !gone {
			continue
		}
		switch c.Kind {
		case table.Int:
			c.Ints[before+i] = 0
		case table.Float:
			c.Floats[before+i] = nan
		case table.Bool:
			c.Bools[before+i] = false
		case table.Text:
			c.Texts[before+i] = ""
		}
	}
	return nil
}

func appendInts(c *table.Column, a arrow.Array) error {
	switch a := a.(type) {
	case *array.Int64:
		c.Ints = append(c.Ints, a.Int64Values()...)
	case *array.Int32:
		for _, v := range a.Int32Values() {
			c.Ints = append(c.Ints, int64(v))
		}
	case *array.Int16:
		for _, v := range a.Int16Values() {
			c.Ints = append(c.Ints, int64(v))
		}
	case *array.Int8:
		for _, v := range a.Int8Values() {
			c.Ints = append(c.Ints, int64(v))
		}
	case *array.Date32:
		for _, v := range a.Date32Values() {
			c.Ints = append(c.Ints, int64(v))
		}
	case *array.Timestamp:
		for _, v := range a.TimestampValues() {
			c.Ints = append(c.Ints, int64(v))
		}
	case *array.Duration:
		for _, v := range a.DurationValues() {
			c.Ints = append(c.Ints, int64(v))
		}
	default:
		return mixed(a)
	}
	return nil
}

func appendFloats(c *table.Column, a arrow.Array) error {
	switch a := a.(type) {
	case *array.Float64:
		c.Floats = append(c.Floats, a.Float64Values()...)
	case *array.Float32:
		for _, v := range a.Float32Values() {
			c.Floats = append(c.Floats, float64(v))
		}
	case *array.Decimal128, *array.Null:
		for i := range a.Len() {
			v, err := value(a, i)
			if err != nil {
				return err
			}
			f, _ := v.(float64)
			c.Floats = append(c.Floats, f)
		}
	default:
		return mixed(a)
	}
	return nil
}

func appendTexts(c *table.Column, a arrow.Array) error {
	var at func(i int) string
	switch a := a.(type) {
	case *array.String:
		// one copy of all text, which the values share
		if a.Len() > 0 {
			lo := int(a.ValueOffset(0))
			all := string(a.ValueBytes())
			at = func(i int) string {
				from := a.ValueOffset(i) - lo
				return all[from : from+a.ValueLen(i)]
			}
		}
	case *array.LargeString:
		at = func(i int) string { return string([]byte(a.Value(i))) }
	case *array.Binary:
		at = func(i int) string { return string(a.Value(i)) }
	case *array.LargeBinary:
		at = func(i int) string { return string(a.Value(i)) }
	default:
		return mixed(a)
	}
	for i := range a.Len() {
		c.Texts = append(c.Texts, at(i))
	}
	return nil
}
