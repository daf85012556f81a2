package sklearn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/vectorize"
)

// runTransformer fits on the train rows and compares what it learned and what it makes of the test rows.
func runTransformer(c *context, r record) error {
	if note := r.str("note"); note != "" {
		return runNoted(c, r, note)
	}
	if r.str("data") == "docs" {
		return runText(c, r)
	}
	e := build(r.str("transformer"), r.obj("params"))
	var x, xt learn.Data
	var y *learn.Matrix
	if r["X"] != nil {
		x = table(r["X"])
		xt = x
	} else {
		d := c.set(r.str("data"))
		train, test := holdOut(d.x.Rows)
		x, xt, y = d.x.Take(train), d.x.Take(test), d.y.Take(train)
		if name := r.str("transformer"); strings.HasPrefix(name, "Select") && positiveOnly(r) {
			x, xt = shifted(d.x).Take(train), shifted(d.x).Take(test)
		}
	}
	if err := e.Fit(x, y); err != nil {
		return err
	}
	cls := class(r.str("compare"))
	attr := learn.Attributes(e)
	out, err := e.(learn.Transforms).Transform(xt)
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(r.obj("expect")) {
		want := r.obj("expect")[key]
		var got any
		switch key {
		case "transform":
			got = out
		case "inverse_transform":
			inv, ok := e.(learn.Inverts)
			if !ok {
				panic(unsupported("inverse_transform"))
			}
			if got, err = inv.InverseTransform(out); err != nil {
				return err
			}
		default:
			v, ok := attr[key]
			if !ok {
				panic(unsupported("attribute " + key))
			}
			got = v
		}
		if err := same(key, got, want, cls, strings.HasSuffix(key, "transform")); err != nil {
			return err
		}
	}
	return nil
}

// positiveOnly reports whether the score wants counts.
func positiveOnly(r record) bool { return r.obj("params").str("score_func") == "chi2" }

// shifted returns the data unchanged when it has no negative values.
func shifted(x *learn.Matrix) *learn.Matrix { return x }

// table makes a frame of rows of mixed values; a matrix when all are numbers.
func table(v any) learn.Data {
	rows := v.([]any)
	cols := len(rows[0].([]any))
	f := &learn.Frame{}
	mixed := false
	for j := range cols {
		var s learn.Series
		for _, r := range rows {
			switch e := r.([]any)[j].(type) {
			case string:
				s.Texts = append(s.Texts, e)
				mixed = true
			default:
				s.Numbers = append(s.Numbers, number(e))
			}
		}
		f.Columns = append(f.Columns, s)
	}
	if mixed {
		return f
	}
	return matrix(v)
}

// vectorizer is what text estimators have in common.
type vectorizer interface {
	FitTransformDocs(docs []string) (*learn.CSR, error)
}

func runText(c *context, r record) error {
	docs := c.set("docs").docs
	e := build(r.str("transformer"), r.obj("params"))
	v, ok := e.(vectorizer)
	if !ok {
		panic(unsupported("documents"))
	}
	x, err := v.FitTransformDocs(docs)
	if err != nil {
		return err
	}
	cls := class(r.str("compare"))
	expect := r.obj("expect")
	if want, ok := expect["vocabulary_"].(map[string]any); ok {
		got := learn.Attributes(e)["vocabulary_"].(map[string]int)
		if len(got) != len(want) {
			return fmt.Errorf("vocabulary has %d terms, want %d", len(got), len(want))
		}
		for term, k := range want {
			if g, ok := got[term]; !ok || g != int(number(k)) {
				return fmt.Errorf("term %q is column %d, want %v", term, g, k)
			}
		}
	}
	return same("matrix", x, expect["matrix"], cls, false)
}

// runLSA compares a truncated decomposition of TF-IDF weights.
func runLSA(c *context, r record) error {
	x, err := vectorize.NewTfidfVectorizer().FitTransformDocs(c.set(r.str("data")).docs)
	if err != nil {
		return err
	}
	e := build("TruncatedSVD", r.obj("params"))
	if err := e.Fit(x, nil); err != nil {
		return err
	}
	z, err := e.(learn.Transforms).Transform(x)
	if err != nil {
		return err
	}
	attr := learn.Attributes(e)
	attr["transform"] = z
	for _, key := range sortedKeys(r.obj("expect")) {
		if attr[key] == nil {
			panic(unsupported("attribute " + key))
		}
		if err := same(key, attr[key], r.obj("expect")[key], class(r.str("compare")), true); err != nil {
			return err
		}
	}
	return nil
}

// noted are transformers whose cases describe their inputs in words.
var noted = map[string]func(c *context, note string) (any, error){
	"LabelBinarizer": func(_ *context, note string) (any, error) {
		y, err := preprocess.NewLabelEncoder().FitTransform(words(note))
		if err != nil {
			return nil, err
		}
		return preprocess.NewLabelBinarizer().FitTransform(y, nil)
	},
	"LabelEncoder": func(_ *context, note string) (any, error) {
		return preprocess.NewLabelEncoder().FitTransform(words(note))
	},
	"MultiLabelBinarizer": func(_ *context, note string) (any, error) {
		var sets [][]string
		for _, s := range strings.Split(strings.Trim(note, "[]"), "},") {
			sets = append(sets, words(s))
		}
		return preprocess.NewMultiLabelBinarizer().FitTransform(sets), nil
	},
	"FeatureHasher": func(_ *context, note string) (any, error) {
		n, dicts, err := sized(note)
		if err != nil {
			return nil, err
		}
		return vectorize.NewFeatureHasher(n).Transform(dictionaries(dicts))
	},
	"DictVectorizer": func(_ *context, note string) (any, error) {
		return vectorize.NewDictVectorizer().FitTransform(dictionaries(note))
	},
	"HashingVectorizer": func(c *context, note string) (any, error) {
		n, rest, err := sized(note)
		if err != nil {
			return nil, err
		}
		docs := c.set("docs").docs
		var k int
		if _, err := fmt.Sscanf(strings.TrimSpace(rest), "docs[:%d]", &k); err == nil {
			docs = docs[:k]
		}
		v := vectorize.NewHashingVectorizer()
		v.Columns = n
		return v.TransformDocs(docs)
	},
}

// words returns the names in a list such as ['no','yes'] or {sci,fi}.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("[]{}', \"", r) })
}

// sized reads n_features=N and returns what follows.
func sized(note string) (n int, rest string, err error) {
	_, after, ok := strings.Cut(note, "n_features=")
	if !ok {
		return 0, "", errors.New("note has no n_features")
	}
	num, rest, _ := strings.Cut(after, " ")
	_, err = fmt.Sscan(num, &n)
	return n, rest, err
}

// dictionaries reads a list such as [{'dog':1,'cat':2},{'run':5}].
func dictionaries(s string) []map[string]any {
	var out []map[string]any
	for _, d := range strings.Split(strings.Trim(strings.TrimSpace(s), "[]"), "}") {
		d = strings.Trim(d, ",{ ")
		if d == "" {
			continue
		}
		m := map[string]any{}
		for _, pair := range strings.Split(d, ",") {
			k, v, _ := strings.Cut(pair, ":")
			m[strings.Trim(k, "' \"")] = fromRepr(strings.TrimSpace(v))
		}
		out = append(out, m)
	}
	return out
}

func runNoted(c *context, r record, note string) error {
	f, ok := noted[r.str("transformer")]
	if !ok {
		panic(unsupported("transformer " + r.str("transformer") + " with a note"))
	}
	got, err := f(c, note)
	if err != nil {
		return err
	}
	return same("transform", got, r["expect"], class(r.str("compare")), false)
}
