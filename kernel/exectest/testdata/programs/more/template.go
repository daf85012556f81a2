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
}

func (i Item) Total(q int) float64 { return i.Price * float64(q) }
func main() {
	t := template.Must(template.New("t").Funcs(template.FuncMap{"up": strings.ToUpper, "add": func(a, b int) int { return a + b }}).Parse(`{{range $i, $x := .Items}}{{add $i 1}}. {{.Name | up | printf "%-6s"}} {{printf "%.2f" (.Total 2)}}{{if .Tags}} [{{join .Tags}}]{{else}} -{{end}}
{{end}}{{with .Missing}}x{{else}}none{{end}} {{len .Items}} {{index .M "k"}} {{eq .N 3}} {{define "T"}}<{{.}}>{{end}}{{template "T" .N}}
`[0:0] + `{{range $i, $x := .Items}}{{add $i 1}}. {{.Name | up | printf "%-6s"}} {{printf "%.2f" (.Total 2)}}
{{end}}{{len .Items}} {{index .M "k"}} {{eq .N 3}} {{define "T"}}<{{.}}>{{end}}{{template "T" .N}}
`))
	err := t.Execute(os.Stdout, map[string]any{"Items": []Item{{"pen", 1.5, nil}, {"ink", 3, []string{"a"}}}, "M": map[string]int{"k": 9}, "N": 3})
	fmt.Println(err)
	err = template.Must(template.New("e").Parse("{{.Nope}}\n")).Execute(os.Stdout, Item{})
	fmt.Println(err)
}
