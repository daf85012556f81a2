package main

import (
	"fmt"
	"time"
)

type Event struct {
	At  time.Time
	Dur time.Duration
}

func main() {
	t := time.Date(2024, time.February, 29, 13, 4, 5, 0, time.UTC)
	fmt.Println(t, t.Format(time.RFC3339), t.Format("Jan 2, 2006 at 3:04pm"), t.Weekday(), t.YearDay())
	fmt.Println(t.Add(36*time.Hour).Format("2006-01-02"), t.AddDate(1, 0, 0).Format(time.DateOnly), t.Month())
	d := 90*time.Minute + 30*time.Second
	fmt.Println(d, d.Hours(), d.Round(time.Hour), time.Duration(1500)*time.Millisecond)
	p, err := time.Parse("2006-01-02", "2024-03-01")
	fmt.Println(p.Sub(t).Truncate(time.Hour), err, p.After(t), p.Equal(p))
	_, err = time.ParseDuration("1x")
	fmt.Println(err)
	e := Event{t, d}
	fmt.Println(e, e.Dur)
	fmt.Printf("%v %d %s %T\n", d, d, d, d)
	fmt.Println(time.March, time.Saturday, t.Unix(), time.Unix(0, 0).UTC())
}
