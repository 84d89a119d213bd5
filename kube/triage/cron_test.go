package triage

import (
	"testing"
	"time"
)

func TestSchedule(t *testing.T) {
	for _, c := range []struct{ text, zone, after, want string }{
		{"*/5 * * * *", "", "2026-11-30T12:01:30Z", "2026-11-30T12:05:00Z"},
		{"0 3 * * *", "", "2026-11-30T12:00:00Z", "2026-12-01T03:00:00Z"},
		{"0 3 * * *", "Europe/Berlin", "2026-11-30T12:00:00Z", "2026-12-01T02:00:00Z"},
		{"30 4 1,15 * 5", "", "2026-11-30T12:00:00Z", "2026-12-01T04:30:00Z"},
		{"30 4 2 * fri", "", "2026-12-02T12:00:00Z", "2026-12-04T04:30:00Z"},
		{"0 0 * jan-mar mon", "", "2026-11-30T12:00:00Z", "2027-01-04T00:00:00Z"},
		{"0 0 31 2 *", "", "2026-11-30T12:00:00Z", ""},
		{"0 0 29 2 *", "", "2026-11-30T12:00:00Z", "2028-02-29T00:00:00Z"},
		{"5/20 * * * *", "", "2026-11-30T12:01:00Z", "2026-11-30T12:05:00Z"},
		{"@hourly", "", "2026-11-30T12:01:00Z", "2026-11-30T13:00:00Z"},
		{"@every 90s", "", "2026-11-30T12:01:00Z", "2026-11-30T12:02:30Z"},
	} {
		s, ok := parseSchedule(c.text, c.zone)
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil || !ok {
			t.Fatalf("%s: %v", c.text, err)
		}
		got := ""
		if next := s.after(after); !next.IsZero() {
			got = next.UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s in %q after %s: %s, not %s", c.text, c.zone, c.after, got, c.want)
		}
	}
	for _, bad := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *",
		"@often", "* * 0 * *", "* * * * 9"} {
		if _, ok := parseSchedule(bad, ""); ok {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, ok := parseSchedule("* * * * *", "Mars/Base"); ok {
		t.Error("a time zone that is not there is taken")
	}
}
