package spark

import (
	"fmt"
	"maps"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Reader reads files and other sources: s.Read().Option("header", "true").CSV("/data/x.csv").
type Reader struct {
	s       *Session
	stream  bool
	format  string
	schema  string
	options map[string]string
}

// Read reads files, tables and databases that the server can reach.
func (s *Session) Read() *Reader { return &Reader{s: s} }

// ReadStream reads sources that grow, as a stream.
func (s *Session) ReadStream() *Reader { return &Reader{s: s, stream: true} }

// Format sets the source: parquet, csv, json, orc, text, avro, jdbc, rate, kafka or any other of the server.
func (r *Reader) Format(name string) *Reader {
	n := *r
	n.format = name
	return &n
}

// Schema sets names and types as in CREATE TABLE: "id bigint, name string".
func (r *Reader) Schema(ddl string) *Reader {
	n := *r
	n.schema = ddl
	return &n
}

// Option sets an option of the source.
func (r *Reader) Option(key, value string) *Reader {
	n := *r
	n.options = maps.Clone(r.options)
	if n.options == nil {
		n.options = map[string]string{}
	}
	n.options[key] = value
	return &n
}

// Load reads paths with Format.
func (r *Reader) Load(paths ...string) *DataFrame {
	src := &pb.Read_DataSource{Options: r.options, Paths: paths}
	if r.format != "" {
		src.Format = proto.String(r.format)
	}
	if r.schema != "" {
		src.Schema = proto.String(r.schema)
	}
	return r.s.frame(&pb.Relation{RelType: &pb.Relation_Read{Read: &pb.Read{
		IsStreaming: r.stream, ReadType: &pb.Read_DataSource_{DataSource: src},
	}}})
}

// Parquet reads Parquet files.
func (r *Reader) Parquet(paths ...string) *DataFrame { return r.Format("parquet").Load(paths...) }

// CSV reads comma-separated values.
func (r *Reader) CSV(paths ...string) *DataFrame { return r.Format("csv").Load(paths...) }

// JSON reads a JSON object a line.
func (r *Reader) JSON(paths ...string) *DataFrame { return r.Format("json").Load(paths...) }

// ORC reads ORC files.
func (r *Reader) ORC(paths ...string) *DataFrame { return r.Format("orc").Load(paths...) }

// Text reads a row a line, as column value.
func (r *Reader) Text(paths ...string) *DataFrame { return r.Format("text").Load(paths...) }

// LibSVM reads label and features (a vector) in LIBSVM's format.
func (r *Reader) LibSVM(paths ...string) *DataFrame { return r.Format("libsvm").Load(paths...) }

// JDBC reads a table, or query in brackets, of a database.
func (r *Reader) JDBC(url, tableName string) *DataFrame {
	return r.Format("jdbc").Option("url", url).Option("dbtable", tableName).Load()
}

// Table reads a table of the catalog.
func (r *Reader) Table(name string) *DataFrame {
	return r.s.frame(&pb.Relation{RelType: &pb.Relation_Read{Read: &pb.Read{
		IsStreaming: r.stream,
		ReadType: &pb.Read_NamedTable_{NamedTable: &pb.Read_NamedTable{
			UnparsedIdentifier: name, Options: r.options,
		}},
	}}})
}

// Writer writes a DataFrame: d.Write().Mode("overwrite").Parquet("/data/out").
type Writer struct {
	d   *DataFrame
	op  *pb.WriteOperation
	err error
}

// Write writes the rows where the server can reach; without Mode it is an error when something is there.
func (d *DataFrame) Write() *Writer {
	return &Writer{d: d, err: d.err, op: &pb.WriteOperation{
		Input: d.rel, Mode: pb.WriteOperation_SAVE_MODE_ERROR_IF_EXISTS, Options: map[string]string{},
	}}
}

var saveModes = map[string]pb.WriteOperation_SaveMode{
	"append": pb.WriteOperation_SAVE_MODE_APPEND, "overwrite": pb.WriteOperation_SAVE_MODE_OVERWRITE,
	"error": pb.WriteOperation_SAVE_MODE_ERROR_IF_EXISTS, "errorifexists": pb.WriteOperation_SAVE_MODE_ERROR_IF_EXISTS,
	"ignore": pb.WriteOperation_SAVE_MODE_IGNORE,
}

// Mode says what happens when something is there: error, overwrite, append or ignore.
func (w *Writer) Mode(mode string) *Writer {
	m, ok := saveModes[mode]
	if !ok && w.err == nil {
		w.err = fmt.Errorf("spark.Write: mode %q; want error, overwrite, append or ignore", mode)
	}
	w.op.Mode = m
	return w
}

// Format sets the format of Save.
func (w *Writer) Format(name string) *Writer {
	w.op.Source = proto.String(name)
	return w
}

// Option sets an option of the format.
func (w *Writer) Option(key, value string) *Writer {
	w.op.Options[key] = value
	return w
}

// PartitionBy makes a folder for each value of columns.
func (w *Writer) PartitionBy(cols ...string) *Writer {
	w.op.PartitioningColumns = cols
	return w
}

// BucketBy divides the rows of a table into n buckets by columns.
func (w *Writer) BucketBy(n int, cols ...string) *Writer {
	w.op.BucketBy = &pb.WriteOperation_BucketBy{BucketColumnNames: cols, NumBuckets: int32(n)}
	return w
}

// SortBy sorts within buckets.
func (w *Writer) SortBy(cols ...string) *Writer {
	w.op.SortColumnNames = cols
	return w
}

// Save writes to a path with Format (or the server's default, Parquet).
func (w *Writer) Save(path string) error {
	if path != "" {
		w.op.SaveType = &pb.WriteOperation_Path{Path: path}
	}
	return w.run()
}

// Parquet writes Parquet files into a folder.
func (w *Writer) Parquet(path string) error { return w.Format("parquet").Save(path) }

// CSV writes comma-separated values into a folder.
func (w *Writer) CSV(path string) error { return w.Format("csv").Save(path) }

// JSON writes a JSON object a line into a folder.
func (w *Writer) JSON(path string) error { return w.Format("json").Save(path) }

// ORC writes ORC files into a folder.
func (w *Writer) ORC(path string) error { return w.Format("orc").Save(path) }

// Text writes the one column of text, a line a row, into a folder.
func (w *Writer) Text(path string) error { return w.Format("text").Save(path) }

// SaveAsTable makes a table of the catalog.
func (w *Writer) SaveAsTable(name string) error {
	return w.table(name, pb.WriteOperation_SaveTable_TABLE_SAVE_METHOD_SAVE_AS_TABLE)
}

// InsertInto adds rows to a table, columns by position.
func (w *Writer) InsertInto(name string) error {
	w.op.Mode = pb.WriteOperation_SAVE_MODE_APPEND
	return w.table(name, pb.WriteOperation_SaveTable_TABLE_SAVE_METHOD_INSERT_INTO)
}

func (w *Writer) table(name string, m pb.WriteOperation_SaveTable_TableSaveMethod) error {
	w.op.SaveType = &pb.WriteOperation_Table{Table: &pb.WriteOperation_SaveTable{TableName: name, SaveMethod: m}}
	return w.run()
}

func (w *Writer) run() error {
	if w.err != nil {
		return w.err
	}
	return w.d.s.command(&pb.Command{CommandType: &pb.Command_WriteOperation{WriteOperation: w.op}}, nil)
}
