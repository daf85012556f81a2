package main

import (
	"fmt"
	"regexp"
	"strings"
)

func main() {
	re := regexp.MustCompile(`(\w+)@(\w+)\.com`)
	fmt.Println(re.FindStringSubmatch("bob@ex.com"), re.ReplaceAllString("a@b.com", "$2 $1"), re.MatchString("x"))
	fmt.Println(re.ReplaceAllStringFunc("a@b.com c@d.com", strings.ToUpper))
}
