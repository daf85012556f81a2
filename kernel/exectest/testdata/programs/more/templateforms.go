package main

import (
	"fmt"
	"os"
	"strings"
	"text/template"
)

type Item struct {
	Name  string
	Price float64
	Tags  []string
	Meta  map[string]int
	Sub   *Item
}

func main() {
	funcs := template.FuncMap{"up": strings.ToUpper, "add": func(a, b int) int { return a + b }, "seq": func(n int) []int {
		r := make([]int, n)
		for i := range r {
			r[i] = i
		}
		return r
	}}
	t := template.Must(template.New("t").Funcs(funcs).Parse(`{{define "row"}}<{{.Name | up}}:{{printf "%.2f" .Price}}>{{end -}}
{{range $i, $e := .Items}}{{if $i}}, {{end}}{{template "row" $e}}{{range .Tags}} #{{.}}{{else}} none{{end}}{{with .Sub}} sub={{.Name}}{{end}}{{end}}
{{- /* comment */ -}}
{{$x := 5}}{{$x = add $x 2}} x={{$x}} {{len .Items}} {{index .M "k"}} {{.M.k}} {{eq 1 1}} {{and true false}} {{or 0 "z"}} {{not true}} {{lt 1 2}}
{{range $k, $v := .M}}{{$k}}={{$v}};{{end}} {{html "<a>"}} {{js "'"}} {{urlquery "a b"}} {{slice "abcdef" 1 3}} {{printf "%q" "s"}} {{range seq 3}}{{.}}{{end}}
{{range $i, $v := .L}}{{if eq $v 2}}{{continue}}{{end}}{{if eq $v 4}}{{break}}{{end}}{{$v}} {{end}}{{range 3}}r{{.}}{{end}}
`))
	data := map[string]any{"Items": []Item{{"a", 1.5, []string{"x", "y"}, nil, nil}, {"b", 2, nil, nil, &Item{Name: "in"}}}, "M": map[string]int{"k": 3, "j": 1}, "L": []int{1, 2, 3, 4, 5}}
	fmt.Println(t.Execute(os.Stdout, data))
	_, err := template.New("bad").Parse("{{.x")
	fmt.Println(err)
	err = template.Must(template.New("e").Parse("{{.Nope}}")).Execute(os.Stdout, Item{})
	fmt.Println(err)
	err = template.Must(template.New("e").Parse("{{index .Tags 5}}")).Execute(os.Stdout, Item{})
	fmt.Println(err)
	var sb strings.Builder
	template.Must(template.New("m").Option("missingkey=error").Parse("{{.a}}")).Execute(&sb, map[string]int{"b": 1})
	fmt.Println(sb.String())
}
