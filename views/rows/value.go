package rows

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// value is what a filter compares cells with. It is read in every way that its
// text allows: the form of a cell decides which of them counts.
type value struct {
	text string

	isNumber     bool // a number or a quantity
	number       float64
	isLength     bool // a duration
	length       time.Duration
	isMoment     bool // a time
	moment       time.Time
	isShare      bool
	n, of        int64
	isPercent    bool
	percent      float64
	versionParts int // 0 when it is not a version
	version      int64

	// The text that was compared last, and how: most rows have the same text in a
	// column as the row before.
	last      string
	lastOrder int
	lastOK    bool
}

// parseValue reads what a user typed, or the text of a cell.
func parseValue(text string) value {
	v := value{text: text}
	if text == "" {
		return v
	}
	if q, err := resource.ParseQuantity(text); err == nil && text != "-" {
		v.number, v.isNumber = q.AsApproximateFloat64(), true
	}
	if d, ok := ParseDuration(text); ok {
		v.length, v.isLength = d, true
	}
	if n, of, found := strings.Cut(text, "/"); found {
		var errN, errOf error
		v.n, errN = strconv.ParseInt(n, 10, 32)
		v.of, errOf = strconv.ParseInt(of, 10, 32)
		v.isShare = errN == nil && errOf == nil && v.n >= 0 && v.of >= 0
	}
	if percent, found := strings.CutSuffix(text, "%"); found {
		n, err := strconv.ParseFloat(percent, 64)
		v.percent, v.isPercent = n, err == nil && !math.IsNaN(n)
	}
	if n, parts, ok := kinds.ParseVersion(text); ok {
		v.version, v.versionParts = n, parts
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			v.moment, v.isMoment = t, true
			break
		}
	}
	return v
}

// timeLayouts are the ways to write a time.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateOnly}

// comparable reports whether the value can be less or more than anything.
func (v *value) comparable() bool {
	return v.isNumber || v.isLength || v.isShare || v.isPercent || v.isMoment || v.versionParts > 0
}

// ParseDuration reads a duration that may count in days or years, as ages are
// shown: "2d", "1d12h", "3y40d", "90s".
func ParseDuration(s string) (time.Duration, bool) {
	const day = 24 * time.Hour
	var total time.Duration
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"y", 365 * day}, {"d", day}} {
		before, after, found := strings.Cut(s, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(before, 10, 16)
		if err != nil {
			return 0, false
		}
		if total += time.Duration(n) * unit.length; total < 0 {
			return 0, false
		}
		if s = after; s == "" {
			return total, true
		}
	}
	d, err := time.ParseDuration(s)
	return total + d, err == nil && d >= 0 && total+d >= 0 && s != "0"
}

// rule is how the cells of one form compare. docs/filter.md shows the texts.
type rule struct {
	holds string // what such a cell holds
	shown string
	value string // what a user writes for it

	// order compares a cell with a value, and reports whether it can.
	order func(v *value, c kinds.Cell, now time.Time) (int, bool)
}

var rules = [...]rule{
	kinds.Text:    {"a text, a label", "`Running`", "a text, in any case", orderOfText},
	kinds.Number:  {"a count, a quantity", "`3`, `10Gi`", "`2`, `1.5`, `500m`, `1Gi`", orderOfNumber},
	kinds.Share:   {"a share", "`1/2`", "`2` (the first number), `1/2`, `50%`", orderOfShare},
	kinds.Version: {"a version", "`v1.36.3`", "`1.36.3`, `v1.36`, `2`", orderOfVersion},
	kinds.Age:     {"an age", "`5m`, `3d`", "`90s`, `5m`, `1d12h`, `2y`, `2026-05-01`", orderOfAge},
	kinds.Counted: {"a count and when it grew", "`5 (3m ago)`", "`5`", orderOfNumber},
	kinds.Lasted:  {"a duration", "`30s`", "`90s`, `1.5h`, `2d`", orderOfLength},
	kinds.Lasting: {"a duration that still grows", "`12m`", "`90s`, `1.5h`, `2d`", orderOfAge},
}

// order compares a cell with the value: negative when the cell is less. It
// reports false when they cannot be compared.
func (v *value) order(c kinds.Cell, now time.Time) (int, bool) {
	return rules[c.Form()].order(v, c, now)
}

// equals reports whether a cell shows the value or has it.
func (v *value) equals(c kinds.Cell, now time.Time) bool {
	form := c.Form()
	if form == kinds.Text {
		return v.equalsText(textOfCell(c))
	}
	switch n, ok := v.order(c, now); {
	case ok && n == 0 && form == kinds.Share && v.isShare:
		shareN, shareOf := c.Share()
		return shareN == v.n && shareOf == v.of
	case ok && n == 0:
		return true
	case ok && form == kinds.Lasted:
		return duration.HumanDuration(v.length) == textOfCell(c)
	case ok && v.isLength && (form == kinds.Age || form == kinds.Lasting):
		at, _ := c.Moment()
		return kinds.CoarseAge(now.Sub(at)) == kinds.CoarseAge(v.length)
	}
	return strings.EqualFold(c.Format(now, kinds.CoarseAge), v.text)
}

// equalsText reports whether a text is the value, in any case, or says it in another
// way.
func (v *value) equalsText(text string) bool {
	// The server marks the default of the classes behind its name.
	if strings.EqualFold(text, v.text) || strings.EqualFold(strings.TrimSuffix(text, " (default)"), v.text) {
		return true
	}
	n, ok := v.orderText(text)
	return ok && n == 0
}

func orderOfText(v *value, c kinds.Cell, _ time.Time) (int, bool) { return v.orderText(textOfCell(c)) }

// orderText compares texts that say the same type of thing.
func (v *value) orderText(text string) (int, bool) {
	if !v.comparable() || text == "" {
		return 0, false
	}
	if text != v.last {
		v.last = text
		v.lastOrder, v.lastOK = orderOfValues(parseValue(text), v)
	}
	return v.lastOrder, v.lastOK
}

func orderOfValues(a value, b *value) (int, bool) {
	switch {
	case a.isNumber && b.isNumber:
		return cmp.Compare(a.number, b.number), true
	case a.isLength && b.isLength:
		return cmp.Compare(a.length, b.length), true
	case a.isPercent && b.isPercent:
		return cmp.Compare(a.percent, b.percent), true
	case a.isShare:
		return orderOfShares(a.n, a.of, b)
	case a.isMoment && b.isMoment:
		return a.moment.Compare(b.moment), true
	case a.versionParts > 1 && b.versionParts > 1:
		return cmp.Compare(a.version, b.version), true
	}
	return 0, false
}

func orderOfNumber(v *value, c kinds.Cell, _ time.Time) (int, bool) {
	n, ok := c.Number()
	if !ok || !v.isNumber {
		return 0, false
	}
	number := float64(n)
	if c.Form() == kinds.Number && fractional(textOfCell(c)) {
		if exact := parseValue(textOfCell(c)); exact.isNumber {
			number = exact.number
		}
	}
	switch { // Neither is NaN, which cmp.Compare would check for.
	case number < v.number:
		return -1, true
	case number > v.number:
		return 1, true
	}
	return 0, true
}

// fractional reports whether a number may have a fraction, which the cell's
// number does not have: "1.5", "250m".
func fractional(text string) bool {
	return text != "" && (strings.IndexByte("mun", text[len(text)-1]) >= 0 || strings.IndexByte(text, '.') >= 0)
}

func orderOfShare(v *value, c kinds.Cell, _ time.Time) (int, bool) {
	n, of := c.Share()
	return orderOfShares(n, of, v)
}

func orderOfShares(n, of int64, v *value) (int, bool) {
	if v.isNumber {
		return cmp.Compare(float64(n), v.number), true
	}
	if of == 0 {
		n, of = 1, 1
	}
	switch {
	case v.isPercent:
		return cmp.Compare(100*float64(n), v.percent*float64(of)), true
	case v.isShare && v.of == 0:
		return cmp.Compare(n, of), true
	case v.isShare:
		return cmp.Compare(n*v.of, v.n*of), true
	}
	return 0, false
}

func orderOfVersion(v *value, c kinds.Cell, _ time.Time) (int, bool) {
	n, ok := c.Number()
	return cmp.Compare(n, v.version), ok && v.versionParts > 0
}

func orderOfAge(v *value, c kinds.Cell, now time.Time) (int, bool) {
	at, ok := c.Moment()
	switch {
	case !ok:
		return 0, false
	case v.isLength:
		return cmp.Compare(now.Sub(at).Abs(), v.length), true
	case v.isMoment && c.Form() == kinds.Age:
		return v.moment.Compare(at), true
	}
	return 0, false
}

func orderOfLength(v *value, c kinds.Cell, _ time.Time) (int, bool) {
	n, ok := c.Number()
	return cmp.Compare(time.Duration(n), v.length), ok && v.isLength
}
