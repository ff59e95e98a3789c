package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/api"
	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/taxii/shelves"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

type serveCmd struct{}

// Run serves the node until it is asked to stop.
func (serveCmd) Run(e *env) error {
	app, s, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	d := door.New(app)
	return e.serve(app, d, s)
}

func (e *env) serve(app *node.App, d *door.Door, s Settings) error {
	zone, err := s.zone()
	if err != nil {
		return err
	}
	cat, err := lang.Load(content.FS)
	if err != nil {
		return err
	}
	d.Node, d.Log, d.Secure = s.Node.Title, e.log, s.Web.Cert != "" || s.Web.Proxy
	site, err := web.Site(d, web.Options{Catalogue: cat, Zone: zone, Origins: s.Web.Origin})
	if err != nil {
		return err
	}
	doors := http.NewServeMux()
	doors.Handle("/", site)
	field := shelves.New(app, strings.TrimSuffix(s.Web.URL, "/"), e.log)
	for _, path := range shelves.Paths {
		doors.Handle(path, field)
	}
	doors.Handle(api.Path, api.New(app, cat, e.log).Handler())
	site = doors
	if s.Web.Proxy {
		site = door.Behind(site)
	}
	listener, err := net.Listen("tcp", s.Web.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.Web.Listen, err)
	}
	server := &http.Server{
		Handler: site, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	programs, err := forPrograms(s, field)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	others, err := e.meet(app, s)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	jobs, stopJobs := context.WithCancel(e)
	jobsDone := make(chan struct{})
	go func() {
		defer close(jobsDone)
		var beside sync.WaitGroup
		if others != nil {
			beside.Go(func() { others.run(jobs) })
		}
		app.RunJobs(jobs)
		beside.Wait()
	}()
	failed := make(chan error, 2)
	if programs != nil {
		go func() { failed <- programs.run(s) }()
		fmt.Fprintf(e.Stdout, "Programs with certificates reach it on %s\n", programs.listener.Addr())
	}
	go func() {
		if s.Web.Cert != "" {
			failed <- server.ServeTLS(listener, s.Web.Cert, s.Web.Key)
			return
		}
		failed <- server.Serve(listener)
	}()
	fmt.Fprintf(e.Stdout, "%s is served on %s\n", s.Node.Title, address(listener, s.Web.Cert != ""))
	if others != nil {
		fmt.Fprintf(e.Stdout, "Other states' nodes reach it on %s\n", others.listener.Addr())
	}
	select {
	case <-e.Done():
	case err = <-failed:
	}
	stop, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(stop))
	if programs != nil {
		err = errors.Join(err, programs.server.Shutdown(stop))
	}
	stopJobs()
	<-jobsDone
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// shownDoor is the door of programs that show a certificate. It is not the
// people's: their browsers would ask them for one.
type shownDoor struct {
	server   *http.Server
	listener net.Listener
}

// forPrograms opens that door; nil where the node has none.
func forPrograms(s Settings, field http.Handler) (*shownDoor, error) {
	if s.Web.Shown == "" {
		return nil, nil
	}
	if s.Web.Cert == "" {
		return nil, errors.New("web.programs needs web.cert and web.key: who shows a certificate must see ours, and no proxy may stand in between")
	}
	doors := http.NewServeMux()
	for _, path := range shelves.Paths {
		doors.Handle(path, field)
	}
	listener, err := net.Listen("tcp", s.Web.Shown)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", s.Web.Shown, err)
	}
	return &shownDoor{&http.Server{
		Handler: doors, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert},
	}, listener}, nil
}

func (d *shownDoor) run(s Settings) error {
	return d.server.ServeTLS(d.listener, s.Web.Cert, s.Web.Key)
}

// meeting is the node's part in the exchange while it is served.
type meeting struct {
	peers    *exchange.Peers
	listener net.Listener
	log      *slog.Logger
}

// meet opens the door for other states' nodes; nil where the node has none.
func (e *env) meet(app *node.App, s Settings) (*meeting, error) {
	if s.Exchange.Listen == "" {
		return nil, nil
	}
	m, err := member.Open(app.Config().Keys, app.Now())
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", s.Exchange.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", s.Exchange.Listen, err)
	}
	peers := exchange.New(m, app.Exchange(), exchange.Options{
		Addresses: s.Exchange.Addresses, Times: exchange.Times{Head: s.Exchange.Heads, Pull: s.Exchange.Pull, Wait: s.Exchange.Wait}, Now: app.Now, Log: e.log,
	})
	return &meeting{peers, listener, e.log}, nil
}

// run serves and asks other nodes until the context ends.
func (m *meeting) run(ctx context.Context) {
	server := m.peers.Server()
	var all sync.WaitGroup
	all.Go(func() {
		if err := server.ServeTLS(netutil.LimitListener(m.listener, maxMeeting), "", ""); !errors.Is(err, http.ErrServerClosed) {
			m.log.Error("other states' nodes are no longer served", "err", err)
		}
	})
	m.peers.Run(ctx)
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(stop)
	_ = server.Close()
	m.peers.Close()
	all.Wait()
}

// maxMeeting bounds the connections of other states' nodes.
const maxMeeting = 512

func address(l net.Listener, tls bool) string {
	if tls {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}
