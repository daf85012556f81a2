package main

import (
	"encoding/csv"
	"fmt"
	"strings"
)

func main() {
	r, err := csv.NewReader(strings.NewReader("a,b\n1,\"x,y\"\n")).ReadAll()
	fmt.Println(r, len(r), err)
}
