package cuda

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// diskCache keeps compiled kernels in a directory; "" keeps nothing.
type diskCache struct{ dir string }

// path names the file for what a result depends on: the source, what it is compiled for, and by what.
func (c diskCache) path(text, arch, version string) string {
	h := sha256.Sum256([]byte(version + "\x00" + arch + "\x00" + text))
	return filepath.Join(c.dir, hex.EncodeToString(h[:16]))
}

func (c diskCache) load(path string) ([]byte, bool) {
	if c.dir == "" {
		return nil, false
	}
	b, err := os.ReadFile(path)
	return b, err == nil && len(b) > 0
}

// store keeps an image. A cache that cannot be written to costs time, not results.
func (c diskCache) store(path string, image []byte) {
	if c.dir == "" || os.MkdirAll(c.dir, 0o755) != nil {
		return
	}
	_ = atomicfile.WriteBytes(path, image)
}
