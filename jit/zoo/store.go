package zoo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// indexName is the file of a store that lists its models.
const indexName = "index.json"

// maxIndex bounds the index in bytes.
const maxIndex = 64 << 20

// Store is a folder or an address with an index and the files that it names.
type Store struct {
	Index  *Index
	folder string   // of a local store
	base   *url.URL // of one behind HTTP
	stale  error    // why the index is that of an earlier time
}

// Options are the options of Get.
type Options struct {
	Cache    string                               // folder; "": CacheFolder
	Progress func(name string, done, total int64) // is called now and then; nil: nobody listens
	client   interface {
		Do(*http.Request) (*http.Response, error)
	} // of tests
}

// CacheFolder is where files are kept: LATHE_ZOO, or the user's cache folder.
func CacheFolder() (string, error) {
	if dir := os.Getenv("LATHE_ZOO"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("zoo: no folder for the cache (%w); set LATHE_ZOO", err)
	}
	return filepath.Join(dir, "lathe", "zoo"), nil
}

// Open reads the index of a folder, or of an http or https address. The index of an address is kept in the cache, and
// taken from there when the address does not answer; Stale tells so.
func Open(ctx context.Context, location string, o Options) (*Store, error) {
	if !strings.Contains(location, "://") {
		return openFolder(location)
	}
	u, err := url.Parse(strings.TrimSuffix(location, indexName))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("zoo: %q is neither a folder nor an http or https address", location)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	s := &Store{base: u}
	text, err := s.fetchIndex(ctx, o)
	if err != nil {
		return nil, err
	}
	s.Index, err = ParseIndex(text)
	return s, err
}

func openFolder(dir string) (*Store, error) {
	text, err := os.ReadFile(filepath.Join(dir, indexName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("zoo: %s has no %s; lathe model zoo add FILE… -index %s writes one", dir, indexName, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("zoo: %w", err)
	}
	x, err := ParseIndex(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Store{Index: x, folder: dir}, nil
}

// Stale returns why the index is an old copy; nil: it is not.
func (s *Store) Stale() error { return s.stale }

// fetchIndex asks for the index, and falls back on the copy in the cache.
func (s *Store) fetchIndex(ctx context.Context, o Options) ([]byte, error) {
	cache, err := o.cache()
	if err != nil {
		return nil, err
	}
	kept := filepath.Join(cache, "index", url.QueryEscape(s.base.String())+".json")
	text, err := s.ask(ctx, o)
	if err == nil {
		if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
			return nil, fmt.Errorf("zoo: %w", err)
		}
		return text, atomicfile.WriteBytes(kept, text)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	old, readErr := os.ReadFile(kept)
	if readErr != nil {
		return nil, fmt.Errorf("zoo: index of %s: %w", s.base.Redacted(), err)
	}
	s.stale = err
	return old, nil
}

func (s *Store) ask(ctx context.Context, o Options) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.JoinPath(indexName).String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := o.http().Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", req.URL.Redacted(), resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxIndex+1))
	if err == nil && len(text) > maxIndex {
		err = fmt.Errorf("%s is larger than %d bytes", req.URL.Redacted(), maxIndex)
	}
	return text, err
}

func (o Options) cache() (string, error) {
	if o.Cache != "" {
		return o.Cache, nil
	}
	return CacheFolder()
}

func (o Options) http() interface {
	Do(*http.Request) (*http.Response, error)
} {
	if o.client != nil {
		return o.client
	}
	return http.DefaultClient
}

// Get brings the files of a model here and opens it.
func (s *Store) Get(ctx context.Context, name string, o Options) (*Model, error) {
	e, err := s.Index.Find(name)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for role, f := range e.Files {
		path, err := s.fetch(ctx, f, o)
		if err != nil {
			return nil, fmt.Errorf("zoo: %s: file %s (%s): %w", name, role, f.URL, err)
		}
		files[role] = path
	}
	return open(e, files)
}
