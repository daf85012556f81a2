package learn

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ReadSVMLight reads rows "target index:value …" of the format of svmlight and libsvm, with comments behind # and
// query numbers qid:n, which are left out. Indices begin at 1, at 0 where one is 0; features is the least number of
// columns.
func ReadSVMLight(r io.Reader, features int) (x *CSR, y *Matrix, err error) {
	type entry struct {
		index int
		value float64
	}
	var rows [][]entry
	var targets []float64
	lowest, highest := math.MaxInt, 0
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<30)
	for line := 1; in.Scan(); line++ {
		text, _, _ := strings.Cut(in.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		t, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			return nil, nil, fmt.Errorf("learn.ReadSVMLight: line %d: target %q is no number", line, fields[0])
		}
		var row []entry
		for _, f := range fields[1:] {
			a, b, _ := strings.Cut(f, ":")
			if a == "qid" {
				continue
			}
			i, err := strconv.Atoi(a)
			v, err2 := strconv.ParseFloat(b, 64)
			if err != nil || err2 != nil || i < 0 || i > math.MaxInt32 {
				return nil, nil, fmt.Errorf("learn.ReadSVMLight: line %d: %q is not index:value", line, f)
			}
			lowest, highest = min(lowest, i), max(highest, i)
			row = append(row, entry{i, v})
		}
		rows, targets = append(rows, row), append(targets, t)
	}
	if err := in.Err(); err != nil {
		return nil, nil, fmt.Errorf("learn.ReadSVMLight: %w", err)
	}
	base := 1
	if lowest == 0 {
		base = 0
	}
	b := NewCSRBuilder(max(highest+1-base, features))
	for _, row := range rows {
		for _, e := range row {
			b.Add(e.index-base, e.value)
		}
		b.EndRow()
	}
	return b.CSR(), Column(targets), nil
}

// WriteSVMLight writes rows that ReadSVMLight reads: indices begin at 1, zeros are left out.
func WriteSVMLight(w io.Writer, x Data, y *Matrix) (err error) {
	defer Catch(&err)
	s, ok := x.(*CSR)
	if !ok {
		s = ToCSR(Dense("learn.WriteSVMLight", x, AllowNaN, AllowInf, AllowEmpty))
	}
	if y.Rows != s.Rows || y.Cols != 1 {
		Fail("learn.WriteSVMLight", "targets are [%d %d] for %d rows; want [%d 1]", y.Rows, y.Cols, s.Rows, s.Rows)
	}
	out := bufio.NewWriter(w)
	for i := range s.Rows {
		line := strconv.AppendFloat(nil, y.Data[i], 'g', -1, 64)
		index, values := s.Row(i)
		order := make([]int, len(index))
		for k := range order {
			order[k] = k
		}
		slices.SortFunc(order, func(a, b int) int { return index[a] - index[b] })
		for _, k := range order {
			if values[k] == 0 {
				continue
			}
			line = strconv.AppendInt(append(line, ' '), int64(index[k])+1, 10)
			line = strconv.AppendFloat(append(line, ':'), values[k], 'g', -1, 64)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}
