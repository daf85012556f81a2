// Package memory measures a process and words what is said about its memory; kernel and host share
// it, because both watch the same limit.
//
//	if used := memory.Resident(pid); used > limit {
//		fmt.Println(memory.Exceeded(limit))
//	}
//
// It sets no limits itself.
package memory

import "fmt"

// ReasonMark begins the line in the crash file by which a kernel tells why it ended itself.
const ReasonMark = "lathe: "

// Exceeded is the sentence for a kernel that was ended at its limit.
func Exceeded(limit int64) string {
	return fmt.Sprintf("the kernel used more than its memory limit of %s and was ended", Size(limit))
}

// Size writes a number of bytes for people.
func Size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d B", n)
}
