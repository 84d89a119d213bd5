package kinds

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/duration"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func TestCellFormat(t *testing.T) {
	for _, c := range []struct {
		name string
		cell Cell
		want string
	}{
		{"the zero cell is empty", Cell{}, ""},
		{"text is cleaned", TextCell("a\x1b[2J"), "a␛[2J"},
		{"long text is cleaned too", TextCell(strings.Repeat("x", 300) + "\a"), strings.Repeat("x", 300) + "␇"},
		{"a number shows its text", NumberCell("5Gi", 5<<30), "5Gi"},
		{"an age", AgeCell(ago(3 * time.Hour)), "3h"},
		{"an age with two units", AgeCell(ago(5*time.Minute + 3*time.Second)), "5m3s"},
		{"an age of nothing", AgeCell(time.Time{}), "<unknown>"},
		{"an age to come", AgeCell(now.Add(time.Hour)), "<invalid>"},
		{"a count with its time", CountedCell("3", 3, ago(5*time.Minute)), "3 (5m ago)"},
		{"a count without a time", CountedCell("3", 3, time.Time{}), "3"},
		{"a duration that grows", LastingCell(ago(90 * time.Second)), "90s"},
		{"a share", ShareCell(1, 3), "1/3"},
		{"nothing of nothing", ShareCell(0, 0), "0/0"},
		{"a duration that ended", LastedCell(30 * time.Second), "30s"},
		{"a version", VersionCell("v1.36.3+k3s1"), "v1.36.3+k3s1"},
		{"a quantity", quantityCell(resource.MustParse("1.5Gi")), "1536Mi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.cell.Format(now, duration.HumanDuration); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestCellsAhead shows times to come on a screen. Only a date may lie ahead: what has happened or begun did so now at
// the latest, by a clock that is wrong.
func TestCellsAhead(t *testing.T) {
	for _, c := range []struct {
		name string
		cell Cell
		want string
	}{
		{"next year", AgeCell(now.AddDate(0, 0, 364)), "in 364d"},
		{"in years", AgeCell(now.AddDate(10, 0, 3)), "in 10y"},
		{"in an hour and a half", AgeCell(now.Add(90 * time.Minute)), "in 90m"},
		{"in a minute", AgeCell(now.Add(time.Minute)), "in 1m"},
		{"in half a minute", AgeCell(now.Add(35 * time.Second)), "in 30s"},
		{"by a clock that is a little ahead", AgeCell(now.Add(9 * time.Second)), "0s"},
		{"now", AgeCell(now), "0s"},
		{"a restart ahead of the clock", CountedCell("3", 3, now.Add(time.Hour)), "3 (0s ago)"},
		{"a start ahead of the clock", LastingCell(now.Add(time.Hour)), "0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.cell.Format(now, CoarseAge); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCellsSortByValue(t *testing.T) {
	for _, c := range []struct {
		name string
		want []Cell // in order
	}{
		{"numbers by value, not text", []Cell{countCell(2), countCell(10), countCell(100)}},
		{"equal numbers by text", []Cell{NumberCell("1024Mi", 1<<30), NumberCell("1Gi", 1<<30)}},
		{"numbers before what is none", []Cell{countCell(7), TextCell("<none>")}},
		{"what lies farthest ahead first", []Cell{
			AgeCell(now.Add(time.Hour)), AgeCell(now.Add(time.Minute)), AgeCell(ago(time.Second)),
		}},
		{"the youngest first, the unknown last", []Cell{
			AgeCell(ago(time.Second)), AgeCell(ago(time.Hour)), AgeCell(time.Time{}),
		}},
		{"restarts by count", []Cell{CountedCell("2", 2, ago(time.Second)), CountedCell("10", 10, time.Time{})}},
		{"the least ready first", []Cell{ShareCell(0, 3), ShareCell(1, 3), ShareCell(1, 2), ShareCell(1, 1)}},
		{"quantities", []Cell{quantityCell(resource.MustParse("900Mi")), quantityCell(resource.MustParse("1Gi"))}},
		{"ended durations before growing ones", []Cell{
			LastedCell(9 * time.Second), LastedCell(2 * time.Hour), LastingCell(ago(time.Second)),
		}},
		{"versions by their numbers", []Cell{
			VersionCell("v1.9.12"), VersionCell("v1.10.2"), VersionCell("v1.36.0-rc.1"), VersionCell("v1.36.3"),
			VersionCell("2"), VersionCell("unknown"),
		}},
		{"huge shares", []Cell{ShareCell(1, 1<<40), ShareCell(1<<40, 1<<40)}},
		{"texts as strings", []Cell{TextCell("Pending"), TextCell("Running")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := slices.Clone(c.want)
			slices.Reverse(got)
			slices.SortFunc(got, Cell.Compare)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for _, cell := range c.want {
				if cell.Compare(cell) != 0 {
					t.Errorf("%v is not equal to itself", cell)
				}
			}
		})
	}
}

func TestEqualCellsAreComparable(t *testing.T) {
	name := "web-" + strconv.Itoa(1)
	if TextCell(name) != TextCell("web-1") || ownCell(name) != ownCell("web-1") {
		t.Error("cells with the same text differ")
	}
	if AgeCell(now) != AgeCell(now.In(time.FixedZone("x", 3600))) {
		t.Error("the zone of a time makes a difference")
	}
}

func TestCoarseAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		math.MinInt64:                   "in 292y",
		-50 * time.Hour:                 "in 2d",
		-11 * time.Second:               "in 10s",
		-10 * time.Second:               "in 10s",
		-time.Second:                    "0s",
		0:                               "0s",
		9 * time.Second:                 "0s",
		59 * time.Second:                "50s",
		time.Minute:                     "1m",
		59*time.Minute + 59*time.Second: "59m",
		time.Hour:                       "60m",
		3*time.Hour - 1:                 "179m",
		3 * time.Hour:                   "3h",
		47 * time.Hour:                  "1d",
		800 * 24 * time.Hour:            "2y",
	} {
		if got := CoarseAge(d); got != want {
			t.Errorf("CoarseAge(%v) = %q, want %q", d, got, want)
		}
	}
}

// Between now and NextCoarseAge the age reads the same, and it is in the
// future: a screen that sleeps until then shows nothing old and does not spin.
func TestNextCoarseAge(t *testing.T) {
	check := func(seconds int32, part uint16, fraction uint16) bool {
		at := now.Add(-time.Duration(seconds)*time.Second - time.Duration(part)*time.Millisecond)
		next := NextCoarseAge(at, now)
		if !next.After(now) {
			t.Errorf("age %v: next is %v from now", now.Sub(at), next.Sub(now))
			return false
		}
		last := next.Add(-time.Microsecond) // The hours of a duration are a float: a nanosecond may round up.
		between := now.Add(time.Duration(float64(last.Sub(now)) * float64(fraction) / (1 << 16)))
		before := CoarseAge(now.Sub(at))
		if CoarseAge(between.Sub(at)) != before || CoarseAge(last.Sub(at)) != before {
			t.Errorf("age %v changes before its next", now.Sub(at))
			return false
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
	for _, d := range []time.Duration{
		0, 10 * time.Second, 50 * time.Second, time.Minute, time.Hour, 24 * time.Hour,
		-time.Second, -10 * time.Second, -50 * time.Second, -time.Minute, -time.Hour, -24 * time.Hour,
	} {
		at := ago(d)
		next := NextCoarseAge(at, now)
		if CoarseAge(d) == CoarseAge(next.Sub(at)) {
			t.Errorf("age %v reads the same at its next, %v", d, next.Sub(at))
		}
	}
}

func TestInternSharesAndForgets(t *testing.T) {
	for i := range internedMax + 10 {
		if s := strconv.Itoa(i); intern(s) != s {
			t.Fatalf("intern(%q) = %q", s, intern(s))
		}
	}
	interned.Lock()
	defer interned.Unlock()
	if len(interned.values) > internedMax {
		t.Errorf("%d strings are kept, more than %d", len(interned.values), internedMax)
	}
}
