package caffe

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// schemaText lists the fields of Caffe's messages by number, as the public caffe.proto numbers them, and those of
// the forks for detection: a message or (with "!") an enumeration, and below it its fields or values. A star
// marks a repeated field.
//
//go:embed schema.txt
var schemaText string

// fieldType describes a field of a message in a binary file.
type fieldType struct {
	name     string
	typ      string // float, int32, string …, the name of a message, or "!" and that of an enumeration
	repeated bool
}

type schemas struct {
	messages map[string]map[int]fieldType
	byName   map[string]map[string]fieldType
	enums    map[string]map[int64]string
}

var schema = sync.OnceValue(func() schemas {
	s := schemas{map[string]map[int]fieldType{}, map[string]map[string]fieldType{}, map[string]map[int64]string{}}
	at := ""
	for _, line := range strings.Split(strings.TrimSpace(schemaText), "\n") {
		if !strings.HasPrefix(line, "\t") {
			at = line
			if strings.HasPrefix(at, "!") {
				s.enums[at] = map[int64]string{}
			} else {
				s.messages[at], s.byName[at] = map[int]fieldType{}, map[string]fieldType{}
			}
			continue
		}
		words := strings.Fields(line)
		if strings.HasPrefix(at, "!") {
			for _, w := range words {
				name, value, _ := strings.Cut(w, "=")
				s.enums[at][number(value)] = name
			}
			continue
		}
		f := fieldType{name: words[1], typ: strings.TrimSuffix(words[2], "*"), repeated: strings.HasSuffix(words[2], "*")}
		s.messages[at][int(number(words[0]))] = f
		s.byName[at][f.name] = f
	}
	return s
})

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("caffe: schema: %v", err))
	}
	return n
}
