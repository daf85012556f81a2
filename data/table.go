package data

import (
	"compress/gzip"
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Table is a data set of rows with named columns: X is F64 [n features], Y the target. Networks of F32
// weights want X.To(t.F32).
type Table struct {
	*TensorDataset

	Title      string
	Features   []string            // name of each column of X
	Classes    []string            // name of each label when Y holds class numbers
	Categories map[string][]string // texts of each Categorical column by their number
}

// String returns one line: title, rows, columns and target.
func (t *Table) String() string {
	s := fmt.Sprintf("%s: %d rows, %d features", t.Title, t.Len(), len(t.Features))
	switch {
	case t.Y == nil:
		return s
	case len(t.Classes) > 0:
		return s + fmt.Sprintf(", %d classes", len(t.Classes))
	}
	return s + fmt.Sprintf(", target %v", t.Y.Array())
}

// Iris returns 150 flowers of 3 species with 4 lengths in centimetres. Source: Fisher 1936.
func Iris() *Table { return classes("iris", "species", "setosa", "versicolor", "virginica") }

// Wine returns chemical analyses of 178 wines from 3 growers, 13 features. Source: Forina et al. 1988.
func Wine() *Table { return classes("wine", "class", "class_0", "class_1", "class_2") }

// BreastCancer returns 569 tumours, malignant (0) or benign (1), with 30 features of cell nuclei.
// Source: Street, Wolberg and Mangasarian 1993.
func BreastCancer() *Table { return classes("breast_cancer", "diagnosis", "malignant", "benign") }

// Digits returns 1,797 handwritten digits of 8×8 pixels in 0…16, one pixel a column.
// Source: Alpaydin and Kaynak 1998.
func Digits() *Table {
	return classes("digits", "digit", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
}

// Diabetes returns 442 patients with 10 features and the progression of the disease after a year (Y F64,
// 25…346). Features are centred and scaled to sum of squares 1, as scikit-learn gives them; DiabetesRaw
// has them in their units. Source: Efron et al. 2004.
func Diabetes() *Table {
	t := DiabetesRaw()
	n := t.Len()
	v := t.X.Array().F64()
	k := len(t.Features)
	for j := range k {
		mean, ss := 0.0, 0.0
		for i := range n {
			mean += v[i*k+j] / float64(n)
		}
		for i := range n {
			v[i*k+j] -= mean
			ss += v[i*k+j] * v[i*k+j]
		}
		for i := range n {
			v[i*k+j] /= math.Sqrt(ss)
		}
	}
	return t
}

// DiabetesRaw is Diabetes with the features in their units.
func DiabetesRaw() *Table {
	t := load("diabetes", CSVOptions{Label: "progression"})
	t.Y = t.Y.To(eager.F64)
	return t
}

// Linnerud returns 20 people with three exercises as features and three measures of the body as the
// target (Y F64 [20 3]: weight, waist, pulse).
func Linnerud() *Table {
	t := load("linnerud", CSVOptions{Columns: []string{"Chins", "Situps", "Jumps"}})
	body := load("linnerud", CSVOptions{Columns: []string{"Weight", "Waist", "Pulse"}})
	t.Y = body.X
	return t
}

func classes(name, label string, classes ...string) *Table {
	t := load(name, CSVOptions{Label: label})
	t.Classes = classes
	return t
}

// load reads an embedded table. Each call returns tensors of its own.
func load(name string, o CSVOptions) *Table {
	f, err := embedded.Open("embedded/" + name + ".csv.gz")
	if err != nil {
		engine.Fail("data", "%v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		engine.Fail("data", "%s: %v", name, err)
	}
	t, err := DecodeCSV(z, o)
	if err != nil {
		engine.Fail("data", "%s: %v", name, err)
	}
	t.Title = name
	return t
}
