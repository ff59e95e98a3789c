package country

import (
	"slices"
	"testing"
)

func TestCode(t *testing.T) {
	for written, want := range map[string]string{
		"Korea, North": "KP", "DPRK": "KP", "PRK": "KP", "kp": "KP",
		"Democratic People’s Republic of Korea": "KP",
		"Korea, South":                      "KR",
		"Congo, Democratic Republic of the": "CD", "Congo": "CG",
		"The Netherlands": "NL", "Türkiye": "TR", "Turkey": "TR",
		"Kosovo": "XK", "XKX": "XK", "Cote d'Ivoire": "CI", "Cote d Ivoire": "CI",
		"Niger": "NE", "Nigeria": "NG", "Guinea": "GN", "Atlantis": "", "": "",
	} {
		if got := Code(written); got != want {
			t.Errorf("Code(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestCodes(t *testing.T) {
	for _, c := range []struct {
		written        string
		codes, unknown []string
	}{
		{"Russian", []string{"RU"}, nil},
		{"(a) German, (b) Moroccan", []string{"DE", "MA"}, nil},
		{"Syrian/Lebanese", []string{"SY", "LB"}, nil},
		{"Russian and Belarusian", []string{"RU", "BY"}, nil},
		{"possibly Palestinian", []string{"PS"}, nil},
		{"Bosnia and Herzegovina", []string{"BA"}, nil},
		{"Russian, passport no. 7", []string{"RU"}, []string{"passport no", "7"}},
		{"Atlantis", nil, []string{"Atlantis"}},
	} {
		codes, unknown := Codes(c.written)
		if !slices.Equal(codes, c.codes) || !slices.Equal(unknown, c.unknown) {
			t.Errorf("Codes(%q) = %v, %v", c.written, codes, unknown)
		}
	}
}

func TestEveryCodeHasItsName(t *testing.T) {
	for form, code := range load().code {
		if Name(code) == "" || len(code) != 2 {
			t.Errorf("%q leads to %q, which has no name", form, code)
		}
	}
	if Name("XK") != "Kosovo" || Name("ZZ") != "" {
		t.Error("names")
	}
}

func FuzzCodes(f *testing.F) {
	f.Add("(a) German, (b) Moroccan")
	f.Add("Korea, North")
	f.Fuzz(func(t *testing.T, s string) {
		codes, _ := Codes(s)
		for _, c := range codes {
			if Name(c) == "" {
				t.Errorf("%q gave %q", s, c)
			}
		}
	})
}
