package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/comity-project/comity/internal/fault"
)

// taken are the unique indexes that a person can run into, by table and
// column, with the input that is meant and what to say.
var taken = map[string]struct{ field, key string }{
	"account_row.name":     {"sign", "account.name_taken"},
	"org_row.registry":     {"registry", "account.registry_taken"},
	"brief_row.place":      {"subject", "evidence.brief.taken"},
	"ledger_event.version": {"", "fault.changed_meanwhile"},
}

const (
	sqliteUnique     = 2067 // SQLITE_CONSTRAINT_UNIQUE
	sqlitePrimaryKey = 1555 // SQLITE_CONSTRAINT_PRIMARYKEY
	postgresUnique   = "23505"
)

var sqliteColumn = regexp.MustCompile(`failed: (?:\w+\.\w+, )*(\w+\.\w+)`)

// explain turns the breach of a unique index into the domain's error; anything
// else stays what it is.
func explain(err error, query string) error {
	column := ""
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &lite) && (lite.Code() == sqliteUnique || lite.Code() == sqlitePrimaryKey):
		if m := sqliteColumn.FindStringSubmatch(lite.Error()); m != nil {
			column = m[1]
		}
	case errors.As(err, &pg) && pg.Code == postgresUnique:
		// PostgreSQL names the index table_column_key, and ours table_column.
		column = pg.TableName + "." + strings.TrimSuffix(strings.TrimPrefix(pg.ConstraintName, pg.TableName+"_"), "_key")
		if pg.TableName == "ledger_event" {
			column = "ledger_event.version"
		}
	default:
		return fmt.Errorf("store: %w in: %s", err, query)
	}
	if known, ok := taken[column]; ok {
		f := fault.New(fault.Conflict, known.key).Because(err)
		if known.field != "" {
			f.Field(known.field, known.key)
		}
		return f
	}
	return fault.New(fault.Conflict, "fault.changed_meanwhile").Because(fmt.Errorf("store: %w in: %s", err, query))
}
