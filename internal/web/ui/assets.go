package ui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// dist is what web/build.mjs wrote: styles and scripts under names that carry a
// hash of their content.
//
//go:embed all:dist
var dist embed.FS

// StaticPath is where doors mount Static.
const StaticPath = "/static/"

// htmxConfig tells htmx to inject no style, to keep to this site and to leave
// old pages to the browser.
const htmxConfig = `{"includeIndicatorCSS":false,"mode":"same-origin","history":"reload","defaultTimeout":30000}`

type asset struct {
	plain, zipped []byte
	kind          string
}

type bundle struct {
	names  map[string]string // "app.css" to "app.1a2b.css"
	assets map[string]asset  // by the hashed name
}

// loaded reads and packs the assets once: a quarter of a megabyte.
var loaded = sync.OnceValue(func() bundle {
	b := bundle{names: map[string]string{}, assets: map[string]asset{}}
	raw, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		panic("ui: the built assets are not in the binary: " + err.Error())
	}
	if err := json.Unmarshal(raw, &b.names); err != nil {
		panic("ui: the manifest of assets can't be read: " + err.Error())
	}
	for _, name := range b.names {
		body, err := fs.ReadFile(dist, "dist/"+name)
		if err != nil {
			panic("ui: the manifest names an asset that is not there: " + err.Error())
		}
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		_, _ = z.Write(body)
		_ = z.Close()
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		b.assets[name] = asset{body, packed.Bytes(), kind}
	}
	return b
})

// Asset is the address of a built file by its plain name, "app.css". A name
// that was never built is our mistake and panics in the first test of the page.
func Asset(name string) string {
	hashed, ok := loaded().names[name]
	if !ok {
		panic("ui: no asset " + name)
	}
	return StaticPath + hashed
}

// Static serves the built files under StaticPath: packed where the browser
// takes it, and to be kept for ever, since a changed file has another name.
func Static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := loaded().assets[strings.TrimPrefix(r.URL.Path, StaticPath)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Add("Vary", "Accept-Encoding")
		body := a.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.zipped
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
	})
}
