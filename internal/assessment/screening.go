package assessment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// ScreenParties puts every name of every party, unit and owner of a case to a
// screener, for RecordScreening. A party that is there twice has two addresses:
// it is one party, searched for with both. entry gives what is listed under an id, by
// which a later change of the listing is seen; a party's hash is over all that
// was asked of it.
func ScreenParties(in Input, s Screener, entry func(id string) (any, bool)) (parties []string, hits []ScreenedHit) {
	asked := map[string]string{}
	for _, p := range in.Parties {
		if before, twice := asked[p.ID]; twice { // with another address
			asked[p.ID] = hashOf([]string{before, p.Country, p.Address})
			continue
		}
		parties = append(parties, p.ID)
		asked[p.ID] = hashOf(struct {
			Names, Units, Owners []string
			Country              string
			IDs                  []Ident
		}{p.Names, p.Units, p.Owners, p.Country, p.IDs})
	}
	in.Hits = nil
	for _, h := range screen(&in, s) {
		x := ScreenedHit{Hit: h, PartyHash: asked[h.Party]}
		if listed, ok := entry(h.Entry); ok {
			x.EntryHash = hashOf(listed)
		}
		hits = append(hits, x)
	}
	slices.Sort(parties)
	return parties, hits
}

func hashOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
