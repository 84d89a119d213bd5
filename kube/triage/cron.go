package triage

import (
	"strconv"
	"strings"
	"time"
)

// schedule is when a CronJob runs: a bit for each minute, hour, day, month and weekday, as
// the controller's parser reads them (github.com/robfig/cron/v3, parser.go).
type schedule struct {
	minutes, hours, days, months, weekdays uint64
	anyDay, anyWeekday                     bool
	where                                  *time.Location
	every                                  time.Duration // "@every 5m"; 0 for none
}

var macros = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

var (
	monthNames = []string{"", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	dayNames   = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// parseSchedule reads a schedule in a time zone; not ok is one that is read otherwise or not
// at all.
func parseSchedule(text string, zone string) (s schedule, ok bool) {
	s.where = time.UTC
	if zone != "" {
		where, err := time.LoadLocation(zone)
		if err != nil {
			return s, false
		}
		s.where = where
	}
	if every, is := strings.CutPrefix(text, "@every "); is {
		d, err := time.ParseDuration(every)
		s.every = max(d, time.Second)
		return s, err == nil
	}
	if full, is := macros[text]; is {
		text = full
	}
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return s, false
	}
	for i, part := range []struct {
		to       *uint64
		min, max int
		names    []string
	}{{&s.minutes, 0, 59, nil}, {&s.hours, 0, 23, nil}, {&s.days, 1, 31, nil}, {&s.months, 1, 12, monthNames},
		{&s.weekdays, 0, 6, dayNames}} {
		if *part.to, ok = parseField(fields[i], part.min, part.max, part.names); !ok {
			return s, false
		}
	}
	s.anyDay, s.anyWeekday = strings.ContainsAny(fields[2], "*?"), strings.ContainsAny(fields[4], "*?")
	return s, true
}

// parseField reads "1-5,10,*/15".
func parseField(text string, low, high int, names []string) (bits uint64, ok bool) {
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		from, to := low, high
		if span != "*" && span != "?" {
			first, last, isSpan := strings.Cut(span, "-")
			if from, ok = number(first, names); !ok {
				return 0, false
			}
			switch {
			case isSpan:
				if to, ok = number(last, names); !ok {
					return 0, false
				}
			case !stepped:
				to = from
			}
		}
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return 0, false
			}
			step = n
		}
		if from < low || to > high || from > to {
			return 0, false
		}
		for n := from; n <= to; n += step {
			bits |= 1 << n
		}
	}
	return bits, true
}

func number(text string, names []string) (int, bool) {
	for i, name := range names {
		if name != "" && strings.EqualFold(name, text) {
			return i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// yearsAhead is how far the next run is looked for, as the controller does.
const yearsAhead = 5

// after is the first run after a time; zero for none.
func (s *schedule) after(t time.Time) time.Time {
	if s.every > 0 {
		return t.Add(s.every).Truncate(time.Second)
	}
	t = t.In(s.where).Truncate(time.Minute).Add(time.Minute)
	limit := t.AddDate(yearsAhead, 0, 0)
	for t.Before(limit) {
		switch {
		case s.months&(1<<t.Month()) == 0:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, s.where)
		case !s.onDay(t):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, s.where)
		case s.hours&(1<<t.Hour()) == 0:
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, s.where).Add(time.Hour)
		case s.minutes&(1<<t.Minute()) == 0:
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}

// onDay follows cron: with both a day and a weekday, either does.
func (s *schedule) onDay(t time.Time) bool {
	day, weekday := s.days&(1<<t.Day()) != 0, s.weekdays&(1<<t.Weekday()) != 0
	if s.anyDay || s.anyWeekday {
		return day && weekday
	}
	return day || weekday
}

// NextRun is when a schedule runs next in a time zone, "" for UTC; zero is never, or what
// this program cannot read. It is in that zone.
func NextRun(text, zone string, after time.Time) time.Time {
	s, ok := parseSchedule(text, zone)
	if !ok {
		return time.Time{}
	}
	return s.after(after).In(s.where)
}
