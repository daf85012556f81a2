//go:build full

package exact_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

func TestMorePrograms(t *testing.T) { exectest.MorePrograms(t, start, nil) }
