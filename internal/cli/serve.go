package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/api"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
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
	jobs, stopJobs := context.WithCancel(e)
	jobsDone := make(chan struct{})
	go func() {
		defer close(jobsDone)
		app.RunJobs(jobs)
	}()
	failed := make(chan error, 1)
	go func() {
		if s.Web.Cert != "" {
			failed <- server.ServeTLS(listener, s.Web.Cert, s.Web.Key)
			return
		}
		failed <- server.Serve(listener)
	}()
	fmt.Fprintf(e.Stdout, "%s is served on %s\n", s.Node.Title, address(listener, s.Web.Cert != ""))
	select {
	case <-e.Done():
	case err = <-failed:
	}
	stop, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(stop))
	stopJobs()
	<-jobsDone
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func address(l net.Listener, tls bool) string {
	if tls {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}
