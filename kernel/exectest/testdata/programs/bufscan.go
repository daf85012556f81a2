package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	sc := bufio.NewScanner(strings.NewReader("a b\nc d\n"))
	for sc.Scan() {
		fmt.Println(strings.Fields(sc.Text()))
	}
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprintf(w, "%s\n", "buffered")
	w.Flush()
	var a, b int
	n, err := fmt.Sscanf("3 4", "%d %d", &a, &b)
	fmt.Println(n, err, a+b)
}
