package stix

import (
	"strings"
	"time"
)

// ParseTime reads a STIX timestamp: RFC 3339 in UTC, with Z, with any number of
// digits after the point. Digits beyond the nanosecond are read and dropped;
// a leap second is the first of the next minute.
func ParseTime(s string) (time.Time, bool) {
	const shape = "0000-00-00T00:00:00"
	if len(s) < len(shape)+1 || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	for i := range len(shape) {
		if digit := s[i] >= '0' && s[i] <= '9'; shape[i] == '0' != digit || shape[i] != '0' && s[i] != shape[i] {
			return time.Time{}, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	nanos := 0
	if fraction := s[len(shape) : len(s)-1]; fraction != "" {
		if fraction[0] != '.' || len(fraction) == 1 || strings.Trim(fraction[1:], "0123456789") != "" {
			return time.Time{}, false
		}
		for i := 1; i < 10; i++ {
			nanos *= 10
			if i < len(fraction) {
				nanos += int(fraction[i] - '0')
			}
		}
	}
	if month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); d.Day() != day || day == 0 {
		return time.Time{}, false // 30 February
	}
	return t, true
}

// FormatTime writes a timestamp as STIX wants it: UTC, three digits or, where
// the instant is finer, six.
func FormatTime(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()%1_000_000 == 0 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}
