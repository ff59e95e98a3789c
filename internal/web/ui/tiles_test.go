package ui

import (
	"testing"

	"github.com/comity-project/comity/internal/party"
)

// Every state and territory has at most one tile, each a code there is, and what
// the layout lacks stands beneath it: nothing that is counted is left out.
func TestTilesHaveAPlaceForEverything(t *testing.T) {
	m := TileMap{Tiles: []Tile{{Code: "DE", Value: 8}, {Code: "XR", Value: 1}, {Code: "AQ", Value: 2}}}
	all, width, height := m.places()
	seen, at := map[string]bool{}, map[[2]int]bool{}
	for _, p := range all {
		if seen[p.Code] || at[[2]int{p.X, p.Y}] {
			t.Errorf("%s stands twice, or on another", p.Code)
		}
		seen[p.Code], at[[2]int{p.X, p.Y}] = true, true
		if !party.ValidCountry(p.Code) || p.X < 0 || p.Y < 0 || p.X+tileSize > width || p.Y+tileSize > height {
			t.Errorf("%s at %d, %d of %d, %d", p.Code, p.X, p.Y, width, height)
		}
	}
	for _, code := range []string{"DE", "XR", "AQ", "TV"} {
		if !seen[code] {
			t.Errorf("%s has no tile", code)
		}
	}
	if m.shade(0) == m.shade(1) || m.shade(1) == m.shade(8) {
		t.Error("shades don't tell figures apart")
	}
}
