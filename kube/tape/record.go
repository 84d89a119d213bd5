package tape

import (
	"encoding/binary"
	"time"
)

// operation is what happened to an object.
type operation uint8

const (
	putWhole operation = 1 + iota
	putDelta           // against the object's base
	deleted            // its last version is a delta too
)

// The flags of a change, in one byte with the operation.
const (
	operationBits = 0x07
	// quiet changes are not stops: leases, metrics.
	quiet = 0x08
	// finding marks what is worth a stop: a warning, a pod that fails.
	finding    = 0x10
	redacted   = 0x20
	inProtobuf = 0x40
	// labelled changes have the labels; others leave them as they were.
	labelled = 0x80
)

// change is a record of a changes frame, and of a key. Objects have a number
// from the first time they are seen until they are deleted.
type change struct {
	operation operation
	flags     byte
	at        int64 // microseconds
	number    uint64
	version   string
	labels    []byte // as appendLabels writes them

	// For putWhole only.
	resource             uint64
	namespace, name, uid string

	size   int    // of the body that a delta makes
	body   []byte // whole, or the delta
	offset int    // of body in the frame's text; only read
}

// append appends the change; since is the time of the one before it.
func (c *change) append(to []byte, since int64) []byte {
	to = binary.AppendUvarint(to, uint64(c.at-since))
	to = append(to, byte(c.operation)|c.flags)
	to = binary.AppendUvarint(to, c.number)
	to = appendText(to, c.version)
	if c.flags&labelled != 0 {
		to = appendText(to, c.labels)
	}
	if c.operation == putWhole {
		to = binary.AppendUvarint(to, c.resource)
		to = appendText(to, c.namespace)
		to = appendText(to, c.name)
		to = appendText(to, c.uid)
	} else {
		to = binary.AppendUvarint(to, uint64(c.size))
	}
	return appendText(to, c.body)
}

// change reads the next change. Its body is a part of what is read.
func (c *cursor) change(since int64) (out change) {
	if out.at = since + int64(c.number()); out.at < since {
		c.fail()
	}
	first := c.byte()
	out.operation, out.flags = operation(first&operationBits), first&^operationBits
	out.number = c.number()
	out.version = c.text()
	if out.flags&labelled != 0 {
		out.labels = c.bytes()
	}
	switch out.operation {
	case putWhole:
		out.resource = c.number()
		out.namespace, out.name, out.uid = c.text(), c.text(), c.text()
	case putDelta, deleted:
		size := c.number()
		if size > rawMax {
			c.fail()
		}
		out.size = int(size)
	default:
		c.fail()
	}
	out.body = c.bytes()
	out.offset = c.offset() - len(out.body)
	return out
}

// The flags of a piece of a log.
const (
	previousRun = 1
	freshRun    = 2
)

func (l *Log) append(to []byte, since int64) []byte {
	at := micros(l.At)
	to = binary.AppendUvarint(to, uint64(at-since))
	to = appendText(to, l.Namespace)
	to = appendText(to, l.Pod)
	to = appendText(to, l.Container)
	flags := byte(0)
	if l.Previous {
		flags |= previousRun
	}
	if l.Fresh {
		flags |= freshRun
	}
	to = append(to, flags)
	to = binary.AppendUvarint(to, uint64(len(l.Lines)))
	for _, line := range l.Lines {
		// Nanoseconds before the piece came; 0 for a line without a time.
		ago := int64(0)
		if !line.Time.IsZero() {
			ago = l.At.UnixNano() - line.Time.UnixNano()
			if ago >= 0 {
				ago++
			}
		}
		to = binary.AppendVarint(to, ago)
		to = appendText(to, line.Text)
	}
	return to
}

func (c *cursor) log(since int64) (l Log, at int64) {
	if at = since + int64(c.number()); at < since {
		c.fail()
	}
	l.At = fromMicros(at)
	l.Namespace, l.Pod, l.Container = c.text(), c.text(), c.text()
	flags := c.byte()
	l.Previous, l.Fresh = flags&previousRun != 0, flags&freshRun != 0
	n := c.number()
	if n > uint64(len(c.b)) { // a line has two bytes at least
		c.fail()
		return l, at
	}
	for range n {
		ago, used := binary.Varint(c.b)
		if used <= 0 {
			c.fail()
			return l, at
		}
		c.b = c.b[used:]
		line := LogLine{Text: c.text()}
		if ago > 0 {
			ago--
			line.Time = l.At.Add(-time.Duration(ago))
		} else if ago < 0 {
			line.Time = l.At.Add(-time.Duration(ago))
		}
		l.Lines = append(l.Lines, line)
	}
	return l, at
}
