package spark

import (
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Catalog is the databases, tables and functions that the server knows.
type Catalog struct{ s *Session }

// Catalog lists and changes databases, tables, views and functions.
func (s *Session) Catalog() Catalog { return Catalog{s} }

func (c Catalog) frame(p *pb.Catalog) *DataFrame {
	return c.s.frame(&pb.Relation{RelType: &pb.Relation_Catalog{Catalog: p}})
}

// run runs a request of the catalog and returns its one answer.
func (c Catalog) run(p *pb.Catalog) (any, error) {
	rows, err := c.frame(p).Collect()
	if err != nil || len(rows) == 0 || len(rows[0].Values) == 0 {
		return nil, err
	}
	return rows[0].Values[0], nil
}

func (c Catalog) text(p *pb.Catalog) (string, error) {
	v, err := c.run(p)
	s, _ := v.(string)
	return s, err
}

func (c Catalog) truth(p *pb.Catalog) (bool, error) {
	v, err := c.run(p)
	b, _ := v.(bool)
	return b, err
}

func (c Catalog) do(p *pb.Catalog) error {
	_, err := c.run(p)
	return err
}

// CurrentDatabase is the database of names without one.
func (c Catalog) CurrentDatabase() (string, error) {
	return c.text(&pb.Catalog{CatType: &pb.Catalog_CurrentDatabase{CurrentDatabase: &pb.CurrentDatabase{}}})
}

// SetCurrentDatabase changes the database of names without one.
func (c Catalog) SetCurrentDatabase(name string) error {
	return c.do(&pb.Catalog{CatType: &pb.Catalog_SetCurrentDatabase{SetCurrentDatabase: &pb.SetCurrentDatabase{DbName: name}}})
}

// CurrentCatalog is the catalog of names without one.
func (c Catalog) CurrentCatalog() (string, error) {
	return c.text(&pb.Catalog{CatType: &pb.Catalog_CurrentCatalog{CurrentCatalog: &pb.CurrentCatalog{}}})
}

// Databases is the databases, one a row.
func (c Catalog) Databases() *DataFrame {
	return c.frame(&pb.Catalog{CatType: &pb.Catalog_ListDatabases{ListDatabases: &pb.ListDatabases{}}})
}

// Tables is the tables and views of the current database, one a row.
func (c Catalog) Tables() *DataFrame {
	return c.frame(&pb.Catalog{CatType: &pb.Catalog_ListTables{ListTables: &pb.ListTables{}}})
}

// Functions is the functions, one a row.
func (c Catalog) Functions() *DataFrame {
	return c.frame(&pb.Catalog{CatType: &pb.Catalog_ListFunctions{ListFunctions: &pb.ListFunctions{}}})
}

// Columns is the columns of a table or view, one a row.
func (c Catalog) Columns(tableName string) *DataFrame {
	return c.frame(&pb.Catalog{CatType: &pb.Catalog_ListColumns{ListColumns: &pb.ListColumns{TableName: tableName}}})
}

// TableExists says whether there is such a table or view.
func (c Catalog) TableExists(name string) (bool, error) {
	return c.truth(&pb.Catalog{CatType: &pb.Catalog_TableExists{TableExists: &pb.TableExists{TableName: name}}})
}

// DatabaseExists says whether there is such a database.
func (c Catalog) DatabaseExists(name string) (bool, error) {
	return c.truth(&pb.Catalog{CatType: &pb.Catalog_DatabaseExists{DatabaseExists: &pb.DatabaseExists{DbName: name}}})
}

// FunctionExists says whether there is such a function.
func (c Catalog) FunctionExists(name string) (bool, error) {
	return c.truth(&pb.Catalog{CatType: &pb.Catalog_FunctionExists{FunctionExists: &pb.FunctionExists{FunctionName: name}}})
}

// DropTempView forgets a view of the session and says whether there was one.
func (c Catalog) DropTempView(name string) (bool, error) {
	return c.truth(&pb.Catalog{CatType: &pb.Catalog_DropTempView{DropTempView: &pb.DropTempView{ViewName: name}}})
}

// CacheTable keeps a table in the executors.
func (c Catalog) CacheTable(name string) error {
	return c.do(&pb.Catalog{CatType: &pb.Catalog_CacheTable{CacheTable: &pb.CacheTable{TableName: name}}})
}

// UncacheTable ends CacheTable.
func (c Catalog) UncacheTable(name string) error {
	return c.do(&pb.Catalog{CatType: &pb.Catalog_UncacheTable{UncacheTable: &pb.UncacheTable{TableName: name}}})
}

// IsCached says whether a table is kept in the executors.
func (c Catalog) IsCached(name string) (bool, error) {
	return c.truth(&pb.Catalog{CatType: &pb.Catalog_IsCached{IsCached: &pb.IsCached{TableName: name}}})
}

// ClearCache ends CacheTable and Cache of everything.
func (c Catalog) ClearCache() error {
	return c.do(&pb.Catalog{CatType: &pb.Catalog_ClearCache{ClearCache: &pb.ClearCache{}}})
}

// RefreshTable reads the files of a table anew.
func (c Catalog) RefreshTable(name string) error {
	return c.do(&pb.Catalog{CatType: &pb.Catalog_RefreshTable{RefreshTable: &pb.RefreshTable{TableName: name}}})
}
