package screening

// changes is an index of the entities that went, came or changed between two
// indexes, in the form they had and in the form they have. It weighs every word
// as the whole lists do: a name scores against them what it scores there, before
// rivals that are left out lower it. Entities may stand in it twice, so it serves
// to search and not to look an entity up.
func changes(before, after *Index) *Index {
	gone, came := Difference(before, after)
	var st store
	var b []byte
	var names []readEntity
	st.at = append(st.at, 0)
	take := func(x *Index, ids []string) {
		for _, id := range ids {
			i, _ := x.ents.find(id)
			b = append(b, x.ents.raw(i)...)
			st.at = append(st.at, uint32(len(b)))
			names = append(names, x.reread(i))
		}
	}
	take(before, gone)
	take(after, came)
	st.blob = string(b)
	y := assemble(st, names, after.opt)
	y.vocab.n, y.vocab.short = after.vocab.n, after.vocab.short
	for v := range uint32(y.vocab.size()) {
		from := &after.vocab
		w, ok := from.find(y.vocab.key(v))
		if !ok {
			from = &before.vocab
			w, _ = from.find(y.vocab.key(v))
		}
		y.vocab.df[v], y.vocab.weight[v] = from.df[w], from.weight[w]
	}
	for n := range y.nameEnt {
		y.nameSum[n] = 0
		for _, v := range y.nameWord[y.nameAt[n]:y.nameAt[n+1]] {
			y.nameSum[n] += y.vocab.weight[v]
		}
	}
	return y
}

// Difference names the entities that are in one index and not, or not the same,
// in another: those of before that went or changed, those of after that came or
// changed. Both are sorted.
func Difference(before, after *Index) (gone, came []string) {
	i, j := 0, 0
	for i < before.ents.size() || j < after.ents.size() {
		switch {
		case j == after.ents.size() || i < before.ents.size() && before.ents.id(i) < after.ents.id(j):
			gone = append(gone, before.ents.id(i))
			i++
		case i == before.ents.size() || before.ents.id(i) > after.ents.id(j):
			came = append(came, after.ents.id(j))
			j++
		default:
			if before.ents.raw(i) != after.ents.raw(j) {
				gone, came = append(gone, before.ents.id(i)), append(came, after.ents.id(j))
			}
			i++
			j++
		}
	}
	return gone, came
}
