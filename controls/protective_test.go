package controls

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// Items that protect people must be seen as such, and must not raise the
// catch-all, however hard the destination named beside them is.
func TestProtectiveItemsStayQuiet(t *testing.T) {
	c, err := NewClassifier(Options{Content: load(t)})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/protective.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		use, text, ok := strings.Cut(sc.Text(), "|")
		if !ok {
			t.Fatalf("no column: %q", sc.Text())
		}
		n++
		res := c.Classify(Item{Description: text})
		if res.CatchAll.Answer != "no" {
			t.Errorf("%q: catch-all %s by %v", text, res.CatchAll.Answer, res.CatchAll.Paths)
		}
		found := false
		for _, p := range res.Protective {
			found = found || p.ID == use
		}
		if !found {
			t.Errorf("%q: protective uses %v, want %s", text, res.Protective, use)
		}
	}
	if n < 60 {
		t.Errorf("%d items, want at least 60", n)
	}
}

// A word alone raises nothing: only a capability with a way to harm does.
func TestWordsAloneRaiseNoFlag(t *testing.T) {
	c, err := NewClassifier(Options{Content: load(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range strings.Fields("security VPN monitoring AI surveillance police government analytics tracking encryption intelligence data network cloud camera biometric detection cyber ministry protest journalist activist target national covert hidden") {
		for _, text := range []string{w, "A " + w + " product.", "Advanced " + w + " solution for a ministry in Karsovia."} {
			if res := c.Classify(Item{Description: text}); res.CatchAll.Answer != "no" {
				t.Errorf("%q: catch-all %s by %v", text, res.CatchAll.Answer, res.CatchAll.Paths)
			}
		}
	}
}

// The same capability with and without what leads it to harm.
func TestCatchAllNeedsThePath(t *testing.T) {
	c, err := NewClassifier(Options{Content: load(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ text, want string }{
		{"Face recognition terminal for an office door.", "no"},
		{"Face recognition server for street cameras with a watch list of citizens.", "yes"},
		{"Social media monitoring for a shoe brand, public pages only.", "no"},
		{"Social media monitoring with managed false accounts for an interior ministry.", "yes"},
		{"DNA sequencer for a cancer hospital.", "no"},
		{"DNA sequencers and reagents for a public security bureau that collects samples of a minority.", "yes"},
		{"Voice biometrics for bank customers.", "no"},
		{"Deep packet inspection appliance that blocks messengers for a state ISP before elections.", "yes"},
		{"URL filter for schools.", "no"},
		{"Microphone for a conference hall.", "no"},
		{"Hidden microphone in a wall clock.", "yes"},
	} {
		res := c.Classify(Item{Description: tc.text})
		if res.CatchAll.Answer != tc.want {
			t.Errorf("%q: %s by %v, want %s", tc.text, res.CatchAll.Answer, res.CatchAll.Paths, tc.want)
		}
		if res.CatchAll.Answer != "no" && (len(res.CatchAll.Paths) == 0 || res.CatchAll.Paths[0].Harm == "" || len(res.CatchAll.Paths[0].Words) == 0) {
			t.Errorf("%q: flagged without a stated path", tc.text)
		}
	}
}
