package main

import (
	"fmt"
	"time"
)

type D time.Duration

func main() {
	t := time.Date(2024, time.February, 28, 23, 59, 59, 5e6, time.UTC)
	fmt.Println(t, t.Add(24*time.Hour).Format(time.RFC3339), t.Weekday(), t.YearDay(), t.Unix())
	d := 90*time.Second + 500*time.Millisecond
	fmt.Println(d, d.Minutes(), time.Duration(1500)*time.Microsecond, d.Round(time.Minute))
	p, err := time.Parse("2006-01-02 15:04", "2023-07-04 09:30")
	fmt.Println(p, err, t.Sub(p).Hours())
	_, err = time.Parse(time.DateOnly, "x")
	fmt.Println(err)
	dd, _ := time.ParseDuration("1h15m")
	fmt.Println(dd, D(dd), t.Before(p), t.Truncate(time.Hour).Format(time.Kitchen), time.March, time.Saturday)
}
