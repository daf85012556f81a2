package main

import (
	"os"
	"text/template"
)

func main() {
	type It struct {
		Name string
		N    int
	}
	t := template.Must(template.New("x").Parse("{{range .}}{{.Name}}={{.N}};{{end}}\n"))
	t.Execute(os.Stdout, []It{{"a", 1}, {"b", 2}})
}
