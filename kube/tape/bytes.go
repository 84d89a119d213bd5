package tape

import "encoding/binary"

func appendText[T string | []byte](to []byte, text T) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// cursor reads what the append functions wrote. After the first damage it
// returns zeros, and bad is set.
type cursor struct {
	b    []byte
	size int // of the whole text
	bad  bool
}

func newCursor(text []byte) cursor { return cursor{b: text, size: len(text)} }

// offset returns how many bytes were read.
func (c *cursor) offset() int { return c.size - len(c.b) }

func (c *cursor) fail() { c.b, c.bad = nil, true }

func (c *cursor) more() bool { return len(c.b) > 0 }

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.fail()
		return 0
	}
	n := c.b[0]
	c.b = c.b[1:]
	return n
}

func (c *cursor) number() uint64 {
	n, size := binary.Uvarint(c.b)
	if size <= 0 {
		c.fail()
		return 0
	}
	c.b = c.b[size:]
	return n
}

// bytes returns a part of the text, not a copy.
func (c *cursor) bytes() []byte {
	n := c.number()
	if n > uint64(len(c.b)) {
		c.fail()
		return nil
	}
	part := c.b[:n:n]
	c.b = c.b[n:]
	return part
}

func (c *cursor) text() string { return string(c.bytes()) }
