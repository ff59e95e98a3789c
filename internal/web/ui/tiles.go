package ui

import "strings"

// Tile is one place of a TileMap: a figure, and where it leads.
type Tile struct {
	Code  string // ISO 3166-1 alpha-2
	Name  string
	Value int64
	Href  string
}

// TileMap is a map of equal tiles, one for each state or territory: a small one
// is as easy to see as a large one, and no boundary is drawn. Tiles are shaded by
// how much there is of what is counted, never by a grade.
type TileMap struct {
	ID    string
	Title string
	Desc  string
	Note  string
	Tiles []Tile
}

// layout is where each tile stands, roughly as on a globe laid flat. Codes that
// are not in it, as those of a demonstration's states, follow in rows beneath.
const layout = `
.. .. .. .. .. .. .. GL .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. IS .. .. .. DK NO SE .. .. EE FI .. .. .. .. .. .. .. .. RU .. .. .. .. .. .. .. .. ..
CA .. .. .. .. .. .. .. .. .. IE GB BE NL DE CZ PL LT LV BY .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. .. .. LU CH LI AT HU SK RO MD UA .. .. .. .. KZ .. .. .. MN .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. .. .. FR MC SM SI HR ME XK BG .. .. GE .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. PT ES AD .. IT .. BA RS MK .. TR .. AM AZ .. UZ KG .. .. .. .. KP .. .. .. .. .. ..
.. US .. .. .. .. .. .. .. .. .. .. .. .. VA MT .. AL GR .. CY SY .. .. .. TM TJ .. .. CN .. KR JP .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. MA .. .. TN .. .. .. .. .. .. PS LB IQ KW IR AF .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. BS .. .. .. .. .. EH .. .. DZ .. .. .. LY .. .. EG IL JO .. BH QA .. PK NP BT .. .. .. .. .. .. .. .. ..
.. MX .. CU DO KN .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. SA .. AE .. IN BD MM MO HK TW .. .. .. .. .. ..
.. .. BZ HT PR DM AG .. .. .. MR ML .. NE .. .. .. .. .. .. .. .. .. .. OM .. .. .. LA .. .. .. .. .. .. .. .. ..
.. GT HN JM .. VC LC .. CV SN .. .. .. .. .. .. TD .. .. SD .. ER .. YE .. .. .. .. TH VN .. .. .. .. .. .. .. ..
.. SV NI .. .. GD BB .. GW GM GN BF BJ .. .. .. .. .. .. .. .. .. DJ .. .. .. .. .. .. KH .. PH .. .. .. .. .. ..
.. .. CR PA VE TT .. .. .. .. SL CI TG NG .. .. .. CF .. SS .. .. ET .. .. .. .. LK .. .. .. .. PW FM .. MH .. ..
.. .. .. CO .. .. GY .. .. .. LR GH .. .. CM .. .. .. .. .. .. .. .. SO .. .. MV .. .. MY BN .. .. .. .. .. .. ..
.. .. .. EC .. .. SR .. .. .. .. .. .. ST GQ CG .. .. .. RW UG KE .. .. .. .. .. .. .. SG .. .. .. .. NR KI .. ..
.. .. .. .. .. .. .. .. .. .. .. .. .. .. GA .. .. CD .. BI TZ .. .. .. SC .. .. .. .. .. ID .. .. PG .. TV .. ..
.. .. .. PE .. .. .. BR .. .. .. .. .. .. .. AO .. .. ZM .. MW .. KM .. .. .. .. .. .. .. .. TL .. .. SB .. WS ..
.. .. .. .. .. BO .. .. .. .. .. .. .. .. .. .. .. .. .. ZW .. MZ .. MG MU .. .. .. .. .. .. .. .. .. VU FJ TO NU
.. .. .. .. .. .. PY .. .. .. .. .. .. .. .. NA .. BW .. .. SZ .. .. .. .. .. .. .. .. .. .. .. AU .. .. .. .. CK
.. .. .. .. CL AR UY .. .. .. .. .. .. .. .. .. .. ZA .. LS .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. NZ .. ..`

// tileSize is the side of a tile, in units of the viewBox.
const tileSize = 24

// placed is a tile with its place.
type placed struct {
	Tile
	X, Y int
}

// places lays the tiles out: every place of the layout, those without a figure
// empty, then what has none.
func (m TileMap) places() (out []placed, width, height int) {
	by := map[string]Tile{}
	for _, t := range m.Tiles {
		by[t.Code] = t
	}
	rows := strings.Split(strings.TrimSpace(layout), "\n")
	for y, row := range rows {
		codes := strings.Fields(row)
		width = max(width, len(codes))
		for x, code := range codes {
			if code == ".." {
				continue
			}
			t, ok := by[code]
			if !ok {
				t = Tile{Code: code}
			}
			delete(by, code)
			out = append(out, placed{t, x * tileSize, y * tileSize})
		}
	}
	n := 0
	for _, t := range m.Tiles {
		if _, left := by[t.Code]; left {
			out = append(out, placed{t, n % width * tileSize, (len(rows) + 1 + n/width) * tileSize})
			n++
		}
	}
	height = len(rows)
	if n > 0 {
		height += 2 + (n-1)/width
	}
	return out, width * tileSize, height * tileSize
}

// shade is how dark a tile is, in four steps of the largest figure.
func (m TileMap) shade(v int64) string {
	most := int64(1)
	for _, t := range m.Tiles {
		most = max(most, t.Value)
	}
	switch {
	case v == 0:
		return "0.06"
	case v*8 <= most:
		return "0.22"
	case v*3 <= most:
		return "0.34"
	case v*3 <= 2*most:
		return "0.46"
	}
	return "0.6"
}
