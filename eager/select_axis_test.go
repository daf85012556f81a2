package eager

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestIndexCopyOfASourceWithoutTheAxisIsAnError(t *testing.T) {
	err := engine.Catch(func() { Zeros(3).IndexCopy(0, FromInts([]int{0}, 1), Full(1)) })
	if err == nil || !strings.Contains(err.Error(), "src has shape []; want an axis 0 with 1 slices") {
		t.Error(err)
	}
}

func TestExpandOfANewAxisWantsItsExtent(t *testing.T) {
	err := engine.Catch(func() { Full(1).Expand(-1) })
	if err == nil || !strings.Contains(err.Error(), "want its extent, not -1") {
		t.Error(err)
	}
}
