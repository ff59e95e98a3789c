package api

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.json
var document []byte

// openAPI describes the door for makers of programs.
func openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document)
}
