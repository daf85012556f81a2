package main

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/lathe-ml/lathe/kernel/check"
)

// longestDoc bounds the text kept of a comment.
const longestDoc = 400 // bytes

// docs returns, for each package, the first paragraphs of the comments at its exported functions,
// types and methods: pairs of a name and a text.
func docs(pkgs []*packages.Package) map[string][]byte {
	out := map[string][]byte{}
	for _, p := range pkgs {
		var b []byte
		add := func(name string, c *ast.CommentGroup) {
			if text := paragraph(c.Text()); text != "" {
				b = appendField(appendField(b, name), text)
			}
		}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() {
						name := d.Name.Name
						if t := check.Receiver(d); t != "" {
							name = t + "." + name
						}
						add(name, d.Doc)
					}
				case *ast.GenDecl:
					typeDocs(d, add)
				}
			}
		}
		out[p.PkgPath] = b
	}
	return out
}

func typeDocs(d *ast.GenDecl, add func(string, *ast.CommentGroup)) {
	if d.Tok != token.TYPE {
		return
	}
	for _, s := range d.Specs {
		t := s.(*ast.TypeSpec)
		if !t.Name.IsExported() {
			continue
		}
		if t.Doc != nil {
			add(t.Name.Name, t.Doc)
		} else {
			add(t.Name.Name, d.Doc)
		}
		i, ok := t.Type.(*ast.InterfaceType)
		if !ok {
			continue
		}
		for _, m := range i.Methods.List {
			for _, name := range m.Names {
				add(t.Name.Name+"."+name.Name, m.Doc)
			}
		}
	}
}

// paragraph returns the first paragraph of a comment as one line, cut after a sentence or word.
func paragraph(text string) string {
	text, _, _ = strings.Cut(text, "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= longestDoc {
		return text
	}
	text = text[:longestDoc]
	if i := strings.LastIndex(text, ". "); i > 0 {
		return text[:i+1]
	}
	return text[:strings.LastIndexByte(text, ' ')] + " …"
}
