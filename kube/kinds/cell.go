package kinds

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/duration"
)

// Form says how a cell is read: what its number means and how it becomes text.
type Form uint8

// The forms of a cell.
const (
	// Text is shown as it is and sorts by its text.
	Text Form = iota
	// Number is shown as its text and sorts by its number: a count, or a
	// quantity in its base unit.
	Number
	// Share is shown as "1/3" and sorts by the share.
	Share
	// Version is shown as its text, "v1.36.3", and sorts by its numbers.
	Version
	// Age holds a time (Unix nanoseconds) and is shown as the time that has
	// passed since. Sorting puts the youngest first, as "age" reads. The time
	// may lie ahead, like the end of a certificate: "in 30d".
	Age
	// Counted is a Number that happened some time ago: "3 (5m ago)", as the
	// restarts of a pod are shown. Its number is the count.
	Counted
	// Lasted is a duration that has ended, in nanoseconds.
	Lasted
	// Lasting holds a start (Unix nanoseconds) and grows until something
	// ends: the duration of a running Job. It sorts after those that have ended.
	Lasting
)

// Cell is one typed value of a table. Its number is parsed once, when the
// object arrives, so that sorting and filtering never read text back. A Cell
// is a value, comparable with ==, and safe to use from any goroutine.
type Cell struct {
	text string
	// packed has the form in its lowest formBits, and above them, by form: a
	// number; a time in Unix microseconds; a count and the Unix seconds of when
	// it happened last; two numbers of a share; or three of a version. A larger
	// number is the largest that fits.
	packed int64
}

const (
	formBits  = 4
	numberMax = math.MaxInt64 >> formBits
	atBits    = 32
	countMax  = numberMax >> atBits
	ofBits    = 29
	ofMax     = 1<<ofBits - 1
	partBits  = 19
)

func pack(text string, form Form, n int64) Cell {
	return Cell{text, min(max(n, -numberMax), numberMax)<<formBits | int64(form)}
}

func (c Cell) value() int64 { return c.packed >> formBits }

// lastAt is when a Counted cell happened last, in Unix seconds; 0 for never.
func (c Cell) lastAt() int64 { return c.value() & math.MaxUint32 }

// TextCell is a cell that shows and sorts by s. Values repeat across objects
// (phases, nodes, images), so they share their bytes. s is cleaned.
func TextCell(s string) Cell { return pack(intern(s), Text, 0) }

// ownCell is a TextCell whose text no other object has, like a name or an
// address: sharing it would cost more than it saves.
func ownCell(s string) Cell { return pack(Clean(s), Text, 0) }

// nameCell is the name of an object. The default of its kind says so, as the API server
// prints it; what means the object itself uses the record's Name.
func nameCell(r *Record, isDefault bool) Cell {
	if isDefault {
		return ownCell(r.Name + " (default)")
	}
	return ownCell(r.Name)
}

// boolCell is "true" or "false".
func boolCell(b bool) Cell { return TextCell(strconv.FormatBool(b)) }

// NumberCell shows s and sorts by n.
func NumberCell(s string, n int64) Cell { return pack(intern(s), Number, n) }

// countCell shows and sorts by n.
func countCell(n int64) Cell { return NumberCell(strconv.FormatInt(n, 10), n) }

// ShareCell shows "n/of" and sorts by the share. 0/0 counts as a whole.
func ShareCell(n, of int64) Cell { return shareOf(ratio(n, of), n, of) }

func shareOf(s string, n, of int64) Cell {
	return pack(intern(s), Share, min(max(n, 0), ofMax)<<ofBits|min(max(of, 0), ofMax))
}

// Share returns the two numbers of a Share cell.
func (c Cell) Share() (n, of int64) { return c.value() >> ofBits, c.value() & ofMax }

// VersionCell shows a version and sorts by its numbers; what is not a version is
// a text.
func VersionCell(s string) Cell {
	n, _, ok := ParseVersion(s)
	if !ok {
		return TextCell(s)
	}
	return pack(intern(s), Version, n)
}

// ParseVersion reads up to three numbers, as in "v1.36.3" and "1.31.1+k3s1", as
// one that sorts like them. What follows a "-" or "+" does not count. parts is
// how many numbers there are.
func ParseVersion(s string) (n int64, parts int, ok bool) {
	s = strings.TrimPrefix(s, "v")
	if end := strings.IndexAny(s, "-+"); end >= 0 {
		s = s[:end]
	}
	for more := true; more; parts++ {
		var part string
		part, s, more = strings.Cut(s, ".")
		value, err := strconv.ParseUint(part, 10, partBits)
		if err != nil || parts == 3 {
			return 0, 0, false
		}
		n = n<<partBits | int64(value)
	}
	return n << (partBits * (3 - parts)), parts, true
}

// ratio is "n/of".
func ratio(n, of int64) string {
	return strconv.FormatInt(n, 10) + "/" + strconv.FormatInt(of, 10)
}

// quantityCell shows a quantity as it is written and sorts by its value in the
// base unit.
func quantityCell(q resource.Quantity) Cell { return NumberCell(q.String(), q.Value()) }

// AgeCell shows the time passed since t, or "<unknown>" for a zero t.
func AgeCell(t time.Time) Cell {
	if t.IsZero() {
		return pack("<unknown>", Age, 0)
	}
	return pack("", Age, t.UnixMicro())
}

// CountedCell shows s, and when last is not zero "s (5m ago)". It sorts by n.
// Of last only whole seconds are kept, as the API server has them.
func CountedCell(s string, n int64, last time.Time) Cell {
	at := int64(0)
	if !last.IsZero() {
		at = min(max(last.Unix(), 1), math.MaxUint32)
	}
	return pack(intern(s), Counted, min(max(n, -countMax), countMax)<<atBits|at)
}

// LastedCell shows a duration that has ended.
func LastedCell(d time.Duration) Cell {
	return pack(intern(duration.HumanDuration(d)), Lasted, int64(d))
}

// LastingCell shows a duration that still grows since start.
func LastingCell(start time.Time) Cell { return pack("", Lasting, start.UnixMicro()) }

// Form says how the cell is read.
func (c Cell) Form() Form { return Form(c.packed & (1<<formBits - 1)) }

// Number is the value that the cell sorts by, and whether it has one: a text
// has none, nor does an age without a time. An Age or Lasting cell's number is
// its time in Unix nanoseconds, that of a Share is in millionths.
func (c Cell) Number() (int64, bool) {
	n, ok := c.key()
	if form := c.Form(); ok && (form == Age || form == Lasting) {
		return time.UnixMicro(n).UnixNano(), true
	}
	return n, ok
}

// key is what the cell sorts by among cells of its form, and whether it has it.
func (c Cell) key() (int64, bool) {
	switch c.Form() {
	case Number, Version, Lasted, Lasting:
		return c.value(), true
	case Share:
		switch n, of := c.Share(); {
		case n == of || of == 0: // Most are whole, and need no division.
			return 1e6, true
		default:
			return n * 1e6 / of, true
		}
	case Counted:
		return c.value() >> atBits, true
	case Age:
		return c.value(), c.text == ""
	default:
		return 0, false
	}
}

// Moment is the time that the cell's text counts from, and whether its text
// changes as time passes.
func (c Cell) Moment() (time.Time, bool) {
	switch form := c.Form(); {
	case form == Counted && c.lastAt() != 0:
		return time.Unix(c.lastAt(), 0), true
	case form == Lasting, form == Age && c.text == "":
		return time.UnixMicro(c.value()), true
	}
	return time.Time{}, false
}

// Format is the cell's text at the time now. ages turns a passed duration into
// text: CoarseAge on screens that stay still, duration.HumanDuration where
// kubectl's own words are wanted.
func (c Cell) Format(now time.Time, ages func(time.Duration) string) string {
	at, moves := c.Moment()
	if !moves {
		return c.text
	}
	switch passed := now.Sub(at); c.Form() {
	case Counted:
		return c.text + " (" + ages(max(passed, 0)) + " ago)"
	case Lasting:
		return ages(max(passed, 0))
	default:
		return ages(passed)
	}
}

// Compare orders two cells of one column by value: numbers before texts that
// should have been numbers, ages youngest first, texts as strings.
func (c Cell) Compare(d Cell) int {
	cn, cok := c.key()
	dn, dok := d.key()
	form := c.Form()
	switch {
	case cok && dok && form != d.Form():
		// A duration that still grows comes after those that have ended.
		return cmp.Compare(form, d.Form())
	case cok && dok && (form == Age || form == Lasting):
		return cmp.Compare(dn, cn)
	case cok && dok:
		return cmp.Or(cmp.Compare(cn, dn), compareFractions(c.text, d.text))
	case cok:
		return -1
	case dok:
		return 1
	}
	return strings.Compare(c.text, d.text)
}

// compareFractions orders numbers that are equal as far as a cell holds them: "90m" and "250m".
func compareFractions(a, b string) int {
	if a == b {
		return 0
	}
	if m, err := resource.ParseQuantity(a); err == nil {
		if n, err := resource.ParseQuantity(b); err == nil {
			return cmp.Or(m.Cmp(n), strings.Compare(a, b))
		}
	}
	return strings.Compare(a, b)
}

// finestStep is the step in which CoarseAge counts seconds. Clocks that
// differ by less show no time ahead.
const finestStep = 10 * time.Second

// minutesUntil is from when CoarseAge counts hours: 61 and 119 minutes are not alike to somebody
// who looks for what happened before. duration.HumanDuration has the same limit.
const minutesUntil = 3 * time.Hour

// CoarseAge is the time since something in one unit (10s, 119m, 3h, 2d), so that
// what is shown changes rarely. Seconds are counted in steps of ten. What lies
// ahead is "in 5m".
func CoarseAge(d time.Duration) string {
	switch {
	case d <= -finestStep:
		return "in " + CoarseAge(opposite(d))
	case d < 0:
		return "0s"
	case d < time.Minute:
		return duration.ShortHumanDuration(d.Truncate(finestStep))
	case d < minutesUntil:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return duration.ShortHumanDuration(d)
}

// NextCoarseAge is the earliest time after now at which CoarseAge of the time
// since t reads differently. A screen of ages sleeps until the first of them.
func NextCoarseAge(t, now time.Time) time.Time {
	d := now.Sub(t)
	switch {
	case d <= -finestStep:
		// A step is shown until it is over: "in 5m" until 5m are left, that moment included.
		left := opposite(d)
		return t.Add(time.Microsecond - left.Truncate(coarseStep(left)))
	case d < 0:
		return t.Add(finestStep)
	}
	step := coarseStep(d)
	return t.Add(d.Truncate(step) + step)
}

// opposite returns -d, even for the least duration, which has no opposite: two times
// that are centuries apart differ by it.
func opposite(d time.Duration) time.Duration { return -max(d, -math.MaxInt64) }

// coarseStep returns how much a duration has to grow, at most, to read differently.
func coarseStep(d time.Duration) time.Duration {
	switch {
	case d < time.Minute:
		return finestStep
	case d < minutesUntil:
		return time.Minute
	case d < 24*time.Hour:
		return time.Hour
	}
	return 24 * time.Hour
}
