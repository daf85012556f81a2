package zoo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// fetch returns where the file lies: in the cache under its hash, with the name that it has in the store.
func (s *Store) fetch(ctx context.Context, f File, o Options) (string, error) {
	cache, err := o.cache()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "files", strings.ToLower(f.SHA256))
	to := filepath.Join(dir, path.Base(f.URL))
	if info, err := os.Stat(to); err == nil && info.Size() == f.Size {
		if sum, err := hashOf(to); err == nil && sum == strings.ToLower(f.SHA256) {
			return to, nil
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	part := to + ".part"
	if s.base == nil {
		err = s.copyLocal(f, part)
	} else {
		err = s.download(ctx, f, part, o)
	}
	if err != nil {
		return "", err
	}
	sum, err := hashOf(part)
	if err != nil {
		return "", err
	}
	if sum != strings.ToLower(f.SHA256) {
		os.Remove(part)
		os.Remove(part + ".etag")
		return "", fmt.Errorf("its sha256 is %s, the index says %s; the file was changed or damaged, and is not kept", sum, f.SHA256)
	}
	os.Remove(part + ".etag")
	return to, os.Rename(part, to)
}

func hashOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// copyLocal takes a file of a folder; nothing outside the folder is read.
func (s *Store) copyLocal(f File, to string) error {
	if strings.Contains(f.URL, "://") {
		return fmt.Errorf("an address in the index of a folder; want a path inside it")
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := root.Open(filepath.FromSlash(f.URL))
	if err != nil {
		return err
	}
	defer from.Close()
	return write(to, os.O_TRUNC, io.LimitReader(from, f.Size+1), nil)
}

// write appends r to the file, or begins it anew.
func write(to string, mode int, r io.Reader, progress func(n int64)) error {
	w, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|mode, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, &counted{r, progress})
	return errors.Join(err, w.Close())
}

// counted tells how much was read.
type counted struct {
	r    io.Reader
	told func(n int64)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if c.told != nil {
		c.told(int64(n))
	}
	return n, err
}

// tries is how often a connection that breaks is taken up again.
const tries = 5

// download goes on with what part holds of the same version of the file.
func (s *Store) download(ctx context.Context, f File, part string, o Options) error {
	u, err := s.base.Parse(f.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("address %q; want http or https", f.URL)
	}
	var last error
	for range tries {
		more, err := s.continued(ctx, u, f, part, o)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !more {
			return err
		}
		last = err
	}
	return fmt.Errorf("the connection broke %d times, the last time: %w; what has come is kept, ask again to go on", tries, last)
}

// continued asks for the rest of the file. more says that asking again may help.
func (s *Store) continued(ctx context.Context, u *url.URL, f File, part string, o Options) (more bool, err error) {
	have := int64(0)
	if info, err := os.Stat(part); err == nil {
		have = info.Size()
	}
	etag, _ := os.ReadFile(part + ".etag") // without it the file begins anew
	if have > f.Size || have > 0 && len(etag) == 0 {
		have = 0
	}
	if have == f.Size && have > 0 {
		return false, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false, err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		req.Header.Set("If-Range", string(etag))
	}
	resp, err := o.http().Do(req)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	mode := os.O_TRUNC
	switch resp.StatusCode {
	case http.StatusOK:
		have = 0
	case http.StatusPartialContent:
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)) {
			os.Remove(part)
			return true, fmt.Errorf("the server sends %q for bytes from %d on", resp.Header.Get("Content-Range"), have)
		}
		mode = os.O_APPEND
	default:
		return resp.StatusCode >= 500, fmt.Errorf("%s answers %s", u.Redacted(), resp.Status)
	}
	if tag := resp.Header.Get("ETag"); mode == os.O_TRUNC {
		os.Remove(part + ".etag")
		if tag != "" && !strings.HasPrefix(tag, "W/") {
			if err := os.WriteFile(part+".etag", []byte(tag), 0o644); err != nil {
				return false, err
			}
		}
	}
	return s.receive(resp.Body, f, part, mode, have, o)
}

// receive writes what comes, and no more than the index announces.
func (s *Store) receive(body io.Reader, f File, part string, mode int, have int64, o Options) (more bool, err error) {
	tell := func(int64) {}
	if o.Progress != nil {
		done := have
		tell = func(n int64) {
			done += n
			o.Progress(path.Base(f.URL), done, f.Size)
		}
	}
	var broken error
	err = write(part, mode, readErrors{io.LimitReader(body, f.Size-have+1), &broken}, tell)
	if err != nil && broken == nil {
		return false, err // the disk is full, for instance
	}
	if broken != nil {
		return true, broken
	}
	info, err := os.Stat(part)
	switch {
	case err != nil:
		return false, err
	case info.Size() < f.Size:
		return true, fmt.Errorf("%d of %d bytes came", info.Size(), f.Size)
	case info.Size() > f.Size:
		os.Remove(part)
		return false, fmt.Errorf("more than the %d bytes came that the index says", f.Size)
	}
	return false, nil
}

// readErrors tells errors of reading from those of writing.
type readErrors struct {
	io.Reader
	err *error
}

func (r readErrors) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		*r.err = err
	}
	return n, err
}
