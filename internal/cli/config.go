package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	envvar "github.com/caarlos0/env/v11"

	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/internal/fetch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii/feeds"
)

// Settings are a node's settings. Every one has a value that works, except the
// name. An unknown setting is an error: a misspelt one must not pass unseen.
type Settings struct {
	Node struct {
		Name      string   `toml:"name" env:"NAME"`       // of the ledger: one word, for ever
		Title     string   `toml:"title" env:"TITLE"`     // shown on pages: the authority's name
		State     string   `toml:"state" env:"STATE"`     // country code
		Zone      string   `toml:"zone" env:"ZONE"`       // time zone of pages and working days
		Dir       string   `toml:"dir" env:"DIR"`         // data folder
		Keys      string   `toml:"keys" env:"KEYS"`       // folder of keys, apart from the data and its backups
		Address   []string `toml:"address" env:"ADDRESS"` // on letters: one line each
		Contact   string   `toml:"contact" env:"CONTACT"` // whom an applicant may ask
		Documents int64    `toml:"document_limit" env:"DOCUMENT_LIMIT"`
	} `toml:"node" envPrefix:"NODE_"`
	Store struct {
		Engine string `toml:"engine" env:"ENGINE"`
		DSN    string `toml:"dsn" env:"DSN"` // for postgres
	} `toml:"store" envPrefix:"STORE_"`
	Mail struct {
		Server   string `toml:"server" env:"SERVER"` // host:port; empty sends no notices
		From     string `toml:"from" env:"FROM"`
		User     string `toml:"user" env:"USER"`
		Password string `toml:"password" env:"PASSWORD"`
		Implicit bool   `toml:"implicit_tls" env:"IMPLICIT_TLS"` // TLS from the first byte, usually port 465; else STARTTLS
		CA       string `toml:"ca" env:"CA"`                     // PEM file of who vouches for the server, beside the system's
		Plain    bool   `toml:"plain" env:"PLAIN"`               // without TLS, for a server on this machine alone
	} `toml:"mail" envPrefix:"MAIL_"`
	Web struct {
		URL    string   `toml:"url" env:"URL"` // where people reach the node, without a slash at its end
		Listen string   `toml:"listen" env:"LISTEN"`
		Cert   string   `toml:"cert" env:"CERT"` // PEM files; empty serves plain HTTP, for loopback or behind a proxy
		Key    string   `toml:"key" env:"KEY"`
		Shown  string   `toml:"programs" env:"PROGRAMS"`                 // where programs connect that show a certificate; TAXII alone
		Proxy  bool     `toml:"behind_tls_proxy" env:"BEHIND_TLS_PROXY"` // cookies are for TLS only
		Origin []string `toml:"origins" env:"ORIGINS"`                   // origins of the proxy, "https://node.example"
	} `toml:"web" envPrefix:"WEB_"`
	// Exchange is the node's part among the states of a community. Without an
	// address to listen on it has none.
	Exchange struct {
		Listen    string            `toml:"listen" env:"LISTEN"`   // where other states' nodes connect
		Address   string            `toml:"address" env:"ADDRESS"` // how they reach it, https://host:port: it stands in the trust list
		Addresses map[string]string `toml:"addresses"`             // of other states' nodes, in place of those in the trust list
		Heads     time.Duration     `toml:"heads" env:"HEADS"`     // between two heads of the log
		Pull      time.Duration     `toml:"pull" env:"PULL"`       // from a peer that has not called
		Wait      time.Duration     `toml:"wait" env:"WAIT"`       // for a peer's connection, and for its answer to begin
		Feeds     []string          `toml:"feeds" env:"FEEDS"`     // hosts and networks that feeds may be fetched from although they are not public, or not encrypted
	} `toml:"exchange" envPrefix:"EXCHANGE_"`
	// Statistics keep people and companies from being found in published figures.
	Statistics struct {
		Least      int64 `toml:"least" env:"LEAST"`           // the smallest count from 1 that is told
		Applicants int   `toml:"applicants" env:"APPLICANTS"` // companies that must stand behind an amount
	} `toml:"statistics" envPrefix:"STATISTICS_"`
	// Redress is how decisions are contested, by outcome; see node.Redress.
	Redress []struct {
		For     []string `toml:"for"`
		Body    string   `toml:"body"`
		How     string   `toml:"how"`
		Address string   `toml:"address"`
		Days    int      `toml:"days"`
		Working bool     `toml:"working"`
		Source  string   `toml:"source"`
	} `toml:"redress"`
}

func (e *env) settings() (Settings, error) {
	var s Settings
	s.Node.Title, s.Node.Zone, s.Node.Dir = "Export control authority", "UTC", "data"
	s.Statistics.Least, s.Statistics.Applicants = statistics.DefaultLimits.Least, statistics.DefaultLimits.Applicants
	s.Store.Engine, s.Web.Listen = string(store.SQLite), "127.0.0.1:8080"
	if e.config != "" {
		meta, err := toml.DecodeFile(e.config, &s)
		if err != nil {
			return s, fmt.Errorf("%s: %w", e.config, err)
		}
		if unknown := meta.Undecoded(); len(unknown) > 0 {
			names := make([]string, len(unknown))
			for i, k := range unknown {
				names[i] = k.String()
			}
			return s, fmt.Errorf("%s: there is no setting %s; see docs/operator/configuration.md", e.config, strings.Join(names, ", "))
		}
		// Folders in the file are beside the file, wherever the program is run.
		base := filepath.Dir(e.config)
		for _, p := range []*string{&s.Node.Dir, &s.Node.Keys, &s.Web.Cert, &s.Web.Key, &s.Mail.CA} {
			if *p != "" && !filepath.IsAbs(*p) {
				*p = filepath.Join(base, *p)
			}
		}
	}
	if err := envvar.ParseWithOptions(&s, envvar.Options{Prefix: "COMITY_"}); err != nil {
		return s, fmt.Errorf("environment: %w", err)
	}
	if s.Node.Keys == "" {
		s.Node.Keys = strings.TrimSuffix(s.Node.Dir, "/") + "-keys"
	}
	if s.Store.Engine != string(store.SQLite) && s.Store.Engine != string(store.Postgres) {
		return s, fmt.Errorf("store.engine is %q: use sqlite or postgres", s.Store.Engine)
	}
	if s.Store.Engine == string(store.Postgres) && s.Store.DSN == "" {
		return s, fmt.Errorf("store.dsn is empty: give the connection string of PostgreSQL")
	}
	return s, nil
}

func (s Settings) zone() (*time.Location, error) {
	z, err := time.LoadLocation(s.Node.Zone)
	if err != nil {
		return nil, fmt.Errorf("node.zone %q: %w", s.Node.Zone, err)
	}
	return z, nil
}

func (e *env) nodeConfig() (node.Config, Settings, error) {
	s, err := e.settings()
	if err != nil {
		return node.Config{}, s, err
	}
	limits := statistics.Limits{Least: s.Statistics.Least, Applicants: s.Statistics.Applicants}
	if limits.Least < 2 || limits.Applicants < 2 {
		return node.Config{}, s, errors.New("statistics: least and applicants must be 2 or more: a count of one is somebody")
	}
	var redress []node.Redress
	for _, r := range s.Redress {
		if err := node.Redress(r).Check(); err != nil {
			return node.Config{}, s, fmt.Errorf("%s: %w", e.config, err)
		}
		redress = append(redress, node.Redress(r))
	}
	mail, err := s.mail()
	if err != nil {
		return node.Config{}, s, err
	}
	allow, err := fetch.ParseAllow(s.Exchange.Feeds)
	if err != nil {
		return node.Config{}, s, fmt.Errorf("exchange.feeds: %w", err)
	}
	return node.Config{
		Feeds: feeds.New(allow), Redress: redress, Limits: limits, Name: s.Node.Name, Dir: s.Node.Dir, Keys: s.Node.Keys, Engine: store.Engine(s.Store.Engine), DSN: s.Store.DSN,
		Title: s.Node.Title, State: s.Node.State, Address: s.Node.Address, Contact: s.Node.Contact, URL: s.Web.URL,
		Mail: mail, DocumentLimit: s.Node.Documents, Log: e.log,
	}, s, nil
}

func (s Settings) mail() (node.Mail, error) {
	m := node.Mail{Server: s.Mail.Server, From: s.Mail.From, User: s.Mail.User, Password: s.Mail.Password, Implicit: s.Mail.Implicit, Plain: s.Mail.Plain}
	if s.Mail.CA != "" {
		pem, err := os.ReadFile(s.Mail.CA)
		if err != nil {
			return m, fmt.Errorf("mail.ca: %w", err)
		}
		if m.Roots, err = x509.SystemCertPool(); err != nil {
			return m, err
		}
		if !m.Roots.AppendCertsFromPEM(pem) {
			return m, fmt.Errorf("mail.ca: %s holds no certificate", s.Mail.CA)
		}
	}
	return m, m.Check()
}

// open opens the node that the configuration names.
func (e *env) open() (*node.App, Settings, error) {
	cfg, s, err := e.nodeConfig()
	if err != nil {
		return nil, s, err
	}
	if _, err := os.Stat(cfg.Keys); err != nil {
		return nil, s, fmt.Errorf("no folder of keys at %s: run comity init for a new node, or bring the folder of an existing one", cfg.Keys)
	}
	app, err := node.Open(e, cfg)
	if err != nil {
		return nil, s, err
	}
	if m, err := member.Open(cfg.Keys, app.Now()); err == nil {
		app.UseTrust(m.List())
	} else if !errors.Is(err, member.ErrNone) {
		return nil, s, errors.Join(err, app.Close())
	}
	return app, s, nil
}

type initCmd struct{}

// Run makes a new node.
func (initCmd) Run(e *env) error {
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return err
	}
	if err := node.Init(e, cfg); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "The node %s is ready.\nData: %s\nKeys: %s (keep a copy apart from backups; without it nothing sealed can be read)\nNext: comity user add\n",
		cfg.Name, cfg.Dir, cfg.Keys)
	return err
}

type migrateCmd struct{}

// Run brings the schema forward, and rows with it.
func (migrateCmd) Run(e *env) error {
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return err
	}
	done, err := node.Migrate(e, cfg, e.progress("folding"))
	if err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%d migrations applied.\n", done.Applied)
	if done.Streams > 0 {
		fmt.Fprintf(e.Stdout, "%d streams folded: states and rows were made under an older schema.\n", done.Streams)
	}
	return nil
}
