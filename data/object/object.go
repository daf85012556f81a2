// Package object reads files of stores that speak the protocol of Amazon's S3.
//
//	s, err := object.Open(object.Options{})             // of the environment: AWS_ACCESS_KEY_ID, AWS_REGION, …
//	names, err := s.List(ctx, "s3://bucket/digits/")
//	f, err := s.File(ctx, names[0])                     // an io.Reader, io.ReaderAt and io.Seeker
//
// Parts of a file are asked for as they are read. It writes nothing.
package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Options say where a store is and who asks. What is empty is that of the environment.
type Options struct {
	Endpoint string // URL; "": AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, https://s3.amazonaws.com
	Region   string // "": AWS_REGION, AWS_DEFAULT_REGION, that of the bucket
	// AccessKey, SecretKey and Token; "": AWS_ACCESS_KEY_ID and its like, the file that aws configure writes,
	// the role of the machine
	AccessKey, SecretKey, Token string
	Anonymous                   bool // ask without a signature, for buckets that are public
}

// Store is a store of buckets. Its methods may be called from several goroutines.
type Store struct{ client *minio.Client }

// Schemes are the beginnings of names of objects.
var Schemes = []string{"s3://", "s3a://"}

// Is says whether name is that of an object: s3://bucket/name.
func Is(name string) bool {
	for _, s := range Schemes {
		if strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}

// Open returns a store. It asks the store for nothing.
func Open(o Options) (*Store, error) {
	endpoint := cmp.Or(o.Endpoint, os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("object.Open: endpoint %q; want http:// or https://, a host and perhaps a port", endpoint)
	}
	var who *credentials.Credentials
	switch {
	case o.Anonymous:
		who = credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	case o.AccessKey != "" && o.SecretKey != "":
		who = credentials.NewStaticV4(o.AccessKey, o.SecretKey, o.Token)
	case o.AccessKey != "" || o.SecretKey != "":
		return nil, errors.New("object.Open: one of AccessKey and SecretKey; want both or none")
	default:
		who = credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
		})
	}
	c, err := minio.New(u.Host, &minio.Options{
		Creds: who, Secure: u.Scheme == "https", MaxRetries: 4,
		Region: cmp.Or(o.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
	})
	if err != nil {
		return nil, fmt.Errorf("object.Open: %w", err)
	}
	return &Store{c}, nil
}

// split is the bucket and the name in it.
func split(name string) (bucket, key string, err error) {
	if !Is(name) {
		return "", "", fmt.Errorf("object: %q; want s3://bucket/name", name)
	}
	_, rest, _ := strings.Cut(name, "://")
	bucket, key, _ = strings.Cut(rest, "/")
	if bucket == "" {
		return "", "", fmt.Errorf("object: %q has no bucket; want s3://bucket/name", name)
	}
	return bucket, key, nil
}

// List returns the names of the objects in folder and in folders below, in the order of their bytes; when there
// are none and folder is the name of an object, this. An empty list is an error.
func (s *Store) List(ctx context.Context, folder string) ([]string, error) {
	bucket, key, err := split(folder)
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(folder, "://")
	prefix := key
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var names []string
	for o := range s.client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("object.List: %s: %w", folder, o.Err)
		}
		if !strings.HasSuffix(o.Key, "/") {
			names = append(names, scheme+"://"+bucket+"/"+o.Key)
		}
	}
	if names != nil {
		return names, nil
	}
	if key == "" || strings.HasSuffix(key, "/") {
		return nil, fmt.Errorf("object.List: %s: there is nothing below it", folder)
	}
	if _, err := s.client.StatObject(ctx, bucket, key, minio.StatObjectOptions{}); err != nil {
		return nil, fmt.Errorf("object.List: %s: nothing is below it, nor is it an object: %w", folder, err)
	}
	return []string{folder}, nil
}

// File is an object that is read. ReadAt may be called from several goroutines, Read and Seek from one.
type File struct {
	Size int64

	ctx         context.Context
	client      *minio.Client
	bucket, key string
	etag        string // of the version that is read
	at          int64
	body        io.ReadCloser // from at on; nil: none is open
}

// File opens an object. ctx ends what is read of it, too.
func (s *Store) File(ctx context.Context, name string) (*File, error) {
	bucket, key, err := split(name)
	if err != nil {
		return nil, err
	}
	o, err := s.client.StatObject(ctx, bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("object.File: %s: %w", name, err)
	}
	return &File{Size: o.Size, ctx: ctx, client: s.client, bucket: bucket, key: key, etag: o.ETag}, nil
}

// from is the bytes lo … hi−1. Another version of the object than that of the beginning is an error.
func (f *File) from(lo, hi int64) (io.ReadCloser, error) {
	var o minio.GetObjectOptions
	err := o.SetRange(lo, hi-1)
	if err == nil && f.etag != "" {
		err = o.SetMatchETag(f.etag)
	}
	var body io.ReadCloser
	if err == nil {
		body, _, _, err = minio.Core{Client: f.client}.GetObject(f.ctx, f.bucket, f.key, o)
	}
	if err != nil {
		return nil, f.failed(lo, err)
	}
	return body, nil
}

func (f *File) failed(at int64, err error) error {
	return fmt.Errorf("s3://%s/%s: from byte %d: %w", f.bucket, f.key, at, err)
}

// attempts are made to get what a lost connection has cut off.
const attempts = 4

// ReadAt reads len(p) bytes that begin at at, with one question to the store.
func (f *File) ReadAt(p []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, f.failed(at, errors.New("want a number ≥ 0"))
	}
	want := min(int64(len(p)), f.Size-at)
	for try := 0; int64(n) < want; try++ {
		body, err := f.from(at+int64(n), at+want)
		if err != nil {
			return n, err
		}
		m, err := io.ReadFull(body, p[n:want])
		body.Close()
		if n += m; err != nil && (try >= attempts || f.ctx.Err() != nil) {
			return n, f.failed(at+int64(n), err)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Read reads on.
func (f *File) Read(p []byte) (int, error) {
	for try := 0; ; try++ {
		if f.at >= f.Size {
			return 0, io.EOF
		}
		if f.body == nil {
			body, err := f.from(f.at, f.Size)
			if err != nil {
				return 0, err
			}
			f.body = body
		}
		n, err := f.body.Read(p)
		f.at += int64(n)
		if err != nil {
			f.Close()
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
		if err != nil && (try >= attempts || f.ctx.Err() != nil) {
			return 0, f.failed(f.at, err)
		}
	}
}

// Seek moves the place from which Read reads on.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.Size
	}
	if offset < 0 {
		return f.at, f.failed(offset, errors.New("want a number ≥ 0"))
	}
	if offset != f.at {
		f.Close()
	}
	f.at = offset
	return offset, nil
}

// Close ends what Read has begun.
func (f *File) Close() error {
	if f.body == nil {
		return nil
	}
	err := f.body.Close()
	f.body = nil
	return err
}
