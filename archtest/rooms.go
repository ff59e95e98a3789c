package archtest

import (
	"slices"
	"strings"
)

// module is the path all our packages begin with.
const module = "github.com/comity-project/comity/"

// floor is a storey of the house. A package imports only packages of lower
// floors, or, where its own floor allows it, neighbours.
type floor int

// The floors, lowest first.
const (
	engine     floor = iota // public libraries: data in, answer with reasons out
	vocabulary              // words that several domains share
	domain                  // pure: what may happen, and what follows from it
	plumbing                // storage, keys, jobs, languages, letters
	kernel                  // the node: one command, one transaction
	door                    // pages and interfaces, one for each audience
	program                 // what puts it all together and reads the command line
	outside                 // tests of the whole, and this package
)

// room is a folder with what lies under it.
type room struct {
	path  string
	floor floor
}

// rooms is the plan of the house. A folder that is not on it has no place yet:
// decide which floor it belongs to before anything imports it.
var rooms = []room{
	{"screening", engine},
	{"controls", engine},
	{"policy", engine},
	{"statement", engine},

	{"examples", engine}, // data alone

	{"internal/event", vocabulary},
	{"internal/fault", vocabulary},
	{"internal/access", vocabulary},
	{"internal/party", vocabulary},
	{"internal/deadline", vocabulary},

	{"internal/account", domain},
	{"internal/lists", domain},
	{"internal/rulebook", domain},
	{"internal/licensing", domain},
	{"internal/assessment", domain},
	{"internal/evidence", domain},
	{"internal/instruments", domain},
	{"internal/notice", domain},
	{"internal/verification", domain},
	{"internal/incidents", domain},
	{"internal/interests", domain},
	{"internal/enforcement", domain},
	{"internal/statistics", domain},
	{"internal/dispatch", domain},
	{"internal/denial", domain},
	{"internal/certificate", domain},
	{"internal/diligence", domain},
	{"internal/consultation", domain},
	{"internal/intake", domain},
	{"internal/community", domain},
	{"internal/commitments", domain},

	{"internal/ledger", plumbing},
	{"internal/vault", plumbing},
	{"internal/store", plumbing},
	{"internal/jobs", plumbing},
	{"internal/lang", plumbing},
	{"internal/letter", plumbing},
	{"internal/genuine", plumbing},
	{"internal/fetch", plumbing},
	{"internal/exchange", plumbing},

	{"internal/node", kernel},

	{"internal/demo", door}, // gives the commands that people give

	{"internal/web", door},
	{"internal/api", door},
	{"internal/taxii", door},

	{"internal/cli", program},
	{"cmd", program},

	{"e2e", outside},
	{"archtest", outside},
	{"repotest", outside}, // for tests alone
}

// audiences are the doors that know nothing of each other.
var audiences = []string{
	"internal/web/public", "internal/web/reporter", "internal/web/exporter", "internal/web/authority", "internal/web/staff", "internal/web/rules", "internal/web/listing", "internal/web/evidence", "internal/web/exchange", "internal/web/customs", "internal/web/instruments", "internal/web/followup", "internal/web/statistics",
	"internal/web/delegate", "internal/api", "internal/taxii",
}

// drivers reach a database. They are the store's alone.
var drivers = []string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx/", "github.com/pressly/goose/"}

// impure is what an engine or a domain has no business with: the network, the
// disk, other programs, chance. The clock is looked for in the source.
var impure = []string{"net", "net/http", "os", "os/exec", "os/signal", "syscall", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "testing"}

// engineLibraries are what engines may import beyond the standard library:
// libraries that compute and do nothing else.
var engineLibraries = []string{
	"cel.dev/cel-go", "golang.org/x/text", "gopkg.in/yaml.v3", "github.com/BurntSushi/toml",
	"github.com/go-json-experiment/json", "github.com/mozillazg/go-pinyin", "golang.org/x/mod/sumdb", "golang.org/x/crypto", "github.com/gowebpki/jcs", "filippo.io/mldsa",
}

// roomOf finds the room a package lies in, by its path without the module.
func roomOf(pkg string) (room, bool) {
	for _, r := range rooms {
		if within(pkg, r.path) {
			return r, true
		}
	}
	return room{}, false
}

func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

// audienceOf is the audience's door that a package lies in, or "".
func audienceOf(pkg string) string {
	i := slices.IndexFunc(audiences, func(a string) bool { return within(pkg, a) })
	if i < 0 {
		return ""
	}
	return audiences[i]
}

// objection says why a package may not import another of ours, or "".
func objection(from, to string) string {
	a, knownA := roomOf(from)
	b, knownB := roomOf(to)
	switch {
	case !knownA:
		return "" // told once, for the package itself
	case within(to, "content"):
		if a.floor < kernel {
			return "content/ is handed to it as fs.FS, by the node and by tests"
		}
		return ""
	case !knownB:
		return ""
	case a.path == b.path:
		if x, y := audienceOf(from), audienceOf(to); x != "" && y != "" && x != y {
			return "the doors of two audiences know nothing of each other"
		}
		// internal/web itself puts the doors together.
		if from != "internal/web" && audienceOf(from) == "" && audienceOf(to) != "" {
			return "what the doors share can't know one of them"
		}
		return ""
	case b.floor > a.floor:
		return "it comes later in the order"
	case b.floor < a.floor:
		return ""
	}
	switch a.floor {
	case engine:
		return "each engine can be imported alone"
	case domain:
		if a.path == "internal/commitments" {
			return "" // reads the event types of all others, and is read by none
		}
		return "domains don't import each other"
	case door:
		return "the doors of two audiences know nothing of each other"
	}
	return ""
}
