package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheOperatorTableIsCurrent(t *testing.T) {
	const file = "../../../docs/ops.md"
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := table(); !bytes.Equal(have, want) {
		t.Errorf("%s is not what the definitions give; run go generate ./engine/op", file)
	}
}
