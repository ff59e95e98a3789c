package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
)

// operator is whoever sits at the command line of the node's machine.
func operator() access.Actor {
	return access.Actor{Account: "operator", Name: "operator", System: true}
}

// looking are the flags of commands that look something up: on the node's lists
// where a node is configured, else on what ships and on files in a folder.
type looking struct {
	ListsDir string `help:"Folder with files of real lists, instead of the node's." type:"existingdir"`
}

// engines gives what to look in. app is nil where no node is configured.
func (l looking) engines(e *env) (app *node.App, x *node.Engines, err error) {
	if l.ListsDir != "" {
		loose, err := looseLists(l.ListsDir)
		if err != nil {
			return nil, nil, err
		}
		x, err = node.EnginesFrom(e, loose)
		return nil, x, err
	}
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(cfg.Keys); errors.Is(err, fs.ErrNotExist) && e.config == "" {
		x, err = node.ShippedEngines()
		return nil, x, err
	}
	if app, _, err = e.open(); err != nil {
		return nil, nil, err
	}
	if x, err = app.Engines(e); err != nil {
		return nil, nil, errors.Join(err, app.Close())
	}
	return app, x, nil
}

// printer speaks the fallback language.
func (e *env) printer() (lang.Printer, error) {
	cat, err := lang.Load(content.FS)
	if err != nil {
		return lang.Printer{}, err
	}
	return cat.Printer("en", nil), nil
}

// known tells files of lists by their names. The last of several that match is
// taken where one is one version: the one with the latest date in its name.
var known = []struct {
	list string
	path *regexp.Regexp
	all  bool // all files together are one version
}{
	{"un-sc", regexp.MustCompile(`(^|/)consolidated[^/]*\.xml$`), false},
	{"us-csl", regexp.MustCompile(`(^|/)consolidated[^/]*\.json$`), false},
	{"ofac-sdn", regexp.MustCompile(`(^|/)(sdn|alt|add|sdn_comments)[^/a-z]*\.csv$`), true},
	{"eu-annexes", regexp.MustCompile(`(^|/)3\d{4}[rd]\d{4}\.csv$`), true},
	{"us-entity-list", regexp.MustCompile(`(^|/)us-entity-list[^/]*\.jsonl$`), false},
	{"eu-annex-i", regexp.MustCompile(`(^|/)control-list-eu-dual-use[^/]*\.jsonl$`), false},
	{"us-ccl", regexp.MustCompile(`(^|/)control-list-us-ccl[^/]*\.jsonl$`), false},
	{"country-indicators", regexp.MustCompile(`(^|destinations/)indicators\.csv$`), false},
	{"us-country-chart", regexp.MustCompile(`(^|/)us-country-chart[^/]*\.csv$`), false},
	{"us-country-groups", regexp.MustCompile(`(^|/)us-country-groups[^/]*\.csv$`), false},
}

var dateInName = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// looseLists finds the files of known lists beneath a folder.
func looseLists(dir string) ([]node.LooseList, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := strings.ToLower(filepath.ToSlash(rel))
		for _, k := range known {
			if k.path.MatchString(name) {
				found[k.list] = append(found[k.list], path)
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []node.LooseList
	for _, k := range known {
		paths := found[k.list]
		if len(paths) == 0 {
			continue
		}
		slices.SortFunc(paths, func(a, b string) int {
			if c := strings.Compare(dateInName.FindString(filepath.Base(a)), dateInName.FindString(filepath.Base(b))); c != 0 {
				return c
			}
			return strings.Compare(a, b)
		})
		last := paths[len(paths)-1]
		if !k.all {
			paths = paths[len(paths)-1:]
		}
		files, err := readFiles(paths)
		if err != nil {
			return nil, err
		}
		out = append(out, node.LooseList{List: k.list, Published: dateInName.FindString(filepath.Base(last)), Files: files})
	}
	return out, nil
}

// maxListFile bounds a file of a list on the command line.
const maxListFile = 512 << 20

func readFiles(paths []string) ([]node.ListFile, error) {
	var out []node.ListFile
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if info.Size() > maxListFile {
			return nil, errors.New(p + " is larger than any list: 512 MiB at most")
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		out = append(out, node.ListFile{Name: filepath.Base(p), Bytes: b})
	}
	return out, nil
}
