package stix

import (
	"errors"
	"strings"
	"testing"
)

func TestPatternsThatHold(t *testing.T) {
	for _, s := range []string{
		`[file:size = 1280]`,
		`[file:size NOT = 1280]`,
		`[ file:size != -5 ]`,
		`[file:size >= 1.5]`,
		`[file:name = 'it\'s' OR file:name = 'a\\b']`,
		`[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']`,
		`[file:extensions.'ntfs-ext'.sid = '234']`,
		`[email-message:from_ref.value MATCHES '.+\\@example\\.com$' AND email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\.exe$']`,
		`[ipv4-addr:value ISSUBSET '192.168.0.1/24']`,
		`[ipv4-addr:value NOT ISSUPERSET '192.168.0.1/24']`,
		`[user-account:user_id = 'Peter'] AND [user-account:user_id != 'Paul'] AND [user-account:user_id = 'Mary'] WITHIN 5 SECONDS`,
		`[file:name IN ('test.txt', 'test2.exe')] OR [file:size IN (1, 2)] FOLLOWEDBY [file:name IN ()]`,
		`[x-usb-device:usbdrive.serial_number = '575833314133343231313937']`,
		`[artifact:payload_bin = b'dGhpcyBpcyBhIHRlc3Q=']`,
		`[windows-registry-key:values[0].data = h'0aFF']`,
		`[network-traffic:start = t'2018-04-20T12:36:24.558Z'] START t'2016-06-01T01:30:00Z' STOP t'2016-06-01T02:20:00Z'`,
		`( [(network-traffic:dst_port IN(443,6443) AND network-traffic:src_packets != 0) ])`,
		`([file:size = 1] REPEATS 2 TIMES) REPEATS 2 TIMES`,
		`([file:size = 1]) WITHIN 5 SECONDS WITHIN 6.5 SECONDS`,
		`[EXISTS windows-registry-key:values OR NOT EXISTS process:cwd]`,
		`[process:is_hidden = true] // the rest of the line`,
		`[process:is_hidden /* so */ <> false]`,
		"[a_b:c_d\u00a0=\u2003'\u6f22']",
	} {
		p, err := ParsePattern(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		} else if e := p.Errors(); len(e) > 0 && !strings.Contains(s, "a_b") {
			t.Errorf("%s: %v", s, e)
		}
	}
}

func TestPatternsThatBreak(t *testing.T) {
	for _, c := range []struct {
		s  string
		at int
	}{
		{``, 0},
		{`file:size = 1280`, 0},
		{`[file:size = ]`, 13},
		{`[file:size 1]`, 11},
		{`[file.size = 1280]`, 5},
		{`[file:name MATCHES /.*\.dll/]`, 19},
		{`[file:size = 1] WITHIN ]`, 23},
		{`[file:size = 1] WITHIN 5 HOURS`, 25},
		{`[file:size = 1] WITHIN -5 SECONDS`, 23},
		{`[network-traffic:dst_ref.value ISSUBSET ]`, 40},
		{`[file:hashes.MD5 =? 'a']`, 18},
		{`[x_whatever:detected == t'2457-73-22T32:81:84Z']`, 24},
		{`[artifact:payload_bin = b'====']`, 24},
		{`[windows-registry-key:values[0].data = h'0']`, 39},
		{`[foo:bar=1] within 2 seconds`, 12},
		{`[file:name = 'open]`, 13},
		{`[file:name = 'a\b']`, 13},
		{`[file:hashes.SHA-256 = 'a']`, 13},
		{`[file:size = 012]`, 14},
		{`[file:size > true]`, 13},
		{`[file:size = 1] [file:size = 2]`, 16},
		{`[file:size = 1`, 14},
		{`[]`, 1},
		{`[NOT file:size = 1]`, 5},
		{`[file:size = 1] REPEATS 1.5 TIMES`, 24},
		{`[file:size = 1] START '2016' STOP '2017'`, 22},
		{`[file:size[x] = 1]`, 11},
		{`[file:size IN (1 2)]`, 17},
	} {
		s, at := c.s, c.at
		var e *PatternError
		if _, err := ParsePattern(s); !errors.As(err, &e) || e.At != at {
			t.Errorf("%s: want an error at %d, got %v", s, at, err)
		}
	}
	for _, s := range []string{"[" + strings.Repeat("(", 1000), strings.Repeat("(", 1000) + "[", "[file:name = '" + strings.Repeat("x", 100_000) + "']"} {
		if _, err := ParsePattern(s); err == nil {
			t.Errorf("%.20s…: no bound", s)
		}
	}
}

// What the grammar lets through and OASIS's reader of patterns refuses.
func TestPatternErrors(t *testing.T) {
	for s, want := range map[string]string{
		`[app:id='a']`:                                    `"id" is not the name of a property of app`,
		`[configuration-profile:id='a']`:                  `"id" is not the name of a property`,
		`[File:name='a']`:                                 `"File" is not the name of an observable type`,
		`[file:Name='a']`:                                 `"Name" is not the name of a property`,
		`[file:hashes.MD5='a']`:                           `"a" is not a MD5 hash`,
		`[file:hashes.'SHA-256' IN ('f00')]`:              `"f00" is not a SHA-256 hash`,
		`[file:hashes.MD5 MATCHES '^a']`:                  ``,
		`[file:size=1] WITHIN 5 SECONDS WITHIN 6 SECONDS`: `the qualifier WITHIN stands twice`,
		`[file:size=1] REPEATS 5 TIMES REPEATS 6 TIMES`:   `the qualifier REPEATS stands twice`,
		`[app:name='a']`:                                  ``,
	} {
		p, err := ParsePattern(s)
		if err != nil {
			t.Fatal(s, err)
		}
		if got := strings.Join(p.Errors(), "; "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", s, got, want)
		}
	}
	p, err := ParsePattern(`[file:name = 'a' AND ipv4-addr:value = 'b']`)
	if err != nil || len(p.Warnings()) != 1 {
		t.Error(err, p.Warnings())
	}
}

func TestPatternPrecedence(t *testing.T) {
	p, err := ParsePattern(`[a-b:ccc=1] OR [a-b:ccc=2] AND [a-b:ccc=3] REPEATS 2 TIMES FOLLOWEDBY [a-b:ccc=4 AND a-b:ccc=5 OR a-b:'c.c'=6]`)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Root
	if r.Op != "FOLLOWEDBY" || r.Parts[0].Op != "OR" || r.Parts[0].Parts[1].Op != "AND" || len(r.Parts[0].Parts[1].Parts[1].Qualifiers) != 1 {
		t.Errorf("%+v", r)
	}
	if in := r.Parts[1].Inside; in.Op != "OR" || in.Parts[0].Op != "AND" || in.Parts[1].Comparison.Field() != "a-b:'c.c'" {
		t.Errorf("%+v", in)
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, s := range []string{`[file:size = 1280]`, `([a-b:c.'d'[*] IN (1,'x',t'2018-04-20T12:36:24Z')] AND [NOT EXISTS x:yyy]) WITHIN 5 SECONDS`, `[a:b=h'00' OR a:b=b'aGk=']`, `[`, `[a:b='\\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePattern(s)
		if err != nil {
			return
		}
		p.Errors()
		p.Warnings()
		if len(p.Comparisons) == 0 {
			t.Error("a pattern that compares nothing")
		}
		for _, c := range p.Comparisons {
			again, err := ParsePattern("[EXISTS " + c.Field() + "]")
			if err != nil || again.Comparisons[0].Field() != c.Field() {
				t.Errorf("%s: %v", c.Field(), err)
			}
		}
	})
}
