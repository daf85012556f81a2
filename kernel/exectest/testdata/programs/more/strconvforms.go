package main

import (
	"fmt"
	"math"
	"strconv"
)

func main() {
	for _, s := range []string{"0", "-12", "+7", "012", "0x1F", "1_000", "9223372036854775808", "", "1e3", " 1", "abc"} {
		n, err := strconv.Atoi(s)
		fmt.Println(n, err)
		m, err := strconv.ParseInt(s, 0, 16)
		fmt.Println(m, err)
	}
	for _, s := range []string{"3.14", "1e400", "-Inf", "nan", "0x1p-2", ".5", "5.", "1e", "1_0.5", "1e-400", "infinity"} {
		f, err := strconv.ParseFloat(s, 64)
		fmt.Println(f, err)
		g, err := strconv.ParseFloat(s, 32)
		fmt.Println(g, err)
	}
	for _, s := range []string{"true", "T", "1", "0", "False", "yes", ""} {
		b, err := strconv.ParseBool(s)
		fmt.Print(b, " ", err, ";")
	}
	fmt.Println(strconv.FormatInt(-255, 16), strconv.FormatInt(35, 36), strconv.FormatUint(1<<63, 2), strconv.Itoa(math.MinInt64))
	for _, f := range []float64{0.1, 1e21, 1e-7, 123456789, math.Pi, math.MaxFloat64, 5e-324, 1. / 3, 100} {
		fmt.Println(strconv.FormatFloat(f, 'g', -1, 64), strconv.FormatFloat(f, 'e', 3, 64), strconv.FormatFloat(f, 'f', 2, 64), strconv.FormatFloat(f, 'g', 5, 32), strconv.FormatFloat(f, 'b', -1, 64), f)
	}
	fmt.Println(strconv.Quote("a\tb\"c\\é\x00\u2028😀\xff"), strconv.QuoteToASCII("é😀"), strconv.QuoteRune('☺'), strconv.QuoteRuneToASCII('☺'))
	for _, s := range []string{`"a\nb"`, "`raw`", `'x'`, `"bad`, `"\u00e9"`, `''`} {
		u, err := strconv.Unquote(s)
		fmt.Printf("%q %v\n", u, err)
	}
	fmt.Println(string(strconv.AppendInt([]byte("n="), 42, 10)), string(strconv.AppendQuote(nil, "q")), string(strconv.AppendBool(nil, true)))
	u, err := strconv.ParseUint("300", 10, 8)
	fmt.Println(u, err)
	_, err = strconv.ParseInt("12", 1, 64)
	fmt.Println(err)
	_, err = strconv.ParseInt("12", 10, 65)
	fmt.Println(err)
	c, err := strconv.ParseComplex("1+2i", 128)
	fmt.Println(c, err)
	fmt.Println(strconv.CanBackquote("a`b"), strconv.IsPrint('\u00ad'), strconv.IntSize)
	r, mb, tail, err := strconv.UnquoteChar(`\u00e9x`, '"')
	fmt.Println(r, mb, tail, err)
	fmt.Println(float32(0.1), float64(float32(0.1)), float32(16777217), 0.1+0.2, 1e15, 1e16*10, 123456.7e5)
}
