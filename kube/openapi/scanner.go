package openapi

import (
	"bufio"
	"errors"
	"io"
)

// errDamaged is what a document is that cannot be read to its end.
var errDamaged = errors.New("the OpenAPI document is damaged")

// errLarge is what a document is whose schemas take more than schemasMax.
var errLarge = errors.New("the schemas of the OpenAPI document are too large")

// schemasMax is how many bytes of schemas are kept. Those of a large group version are
// some 500 KB, and etcd bounds what a CustomResourceDefinition may have.
const schemasMax = 32 << 20

// scanner goes through JSON while it arrives. It looks only at what divides values, and
// keeps the bytes between start and stop.
type scanner struct {
	from    *bufio.Reader
	kept    []byte
	keeping bool
}

// next returns the next byte.
func (s *scanner) next() (byte, error) {
	c, err := s.from.ReadByte()
	if errors.Is(err, io.EOF) {
		return 0, errDamaged
	}
	if err == nil && s.keeping {
		if len(s.kept) >= schemasMax {
			return 0, errLarge
		}
		s.kept = append(s.kept, c)
	}
	return c, err
}

// peek returns the first byte that is not white space, and leaves it there.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.from.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, errDamaged
		}
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, s.from.UnreadByte()
		}
	}
}

// expect reads one byte that has to come.
func (s *scanner) expect(want byte) error {
	if c, err := s.peek(); err != nil {
		return err
	} else if c != want {
		return errDamaged
	}
	_, err := s.next()
	return err
}

// members calls visit for each member of the object that comes. visit reads the value.
func (s *scanner) members(visit func(name string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == '}' {
			_, err = s.next()
			return err
		}
		if !first {
			if err := s.expect(','); err != nil {
				return err
			}
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if err := visit(name); err != nil {
			return err
		}
	}
}

// nameMax is how long the name of a schema may be.
const nameMax = 4 << 10

// name reads the name of a member, as it is written. Names with escapes are not those of
// anything that is looked for.
func (s *scanner) name() (string, error) {
	if err := s.expect('"'); err != nil {
		return "", err
	}
	var name []byte
	for {
		c, err := s.next()
		if err != nil {
			return "", err
		}
		if c == '"' {
			return string(name), s.expect(':')
		}
		name = append(name, c)
		if c == '\\' {
			if c, err = s.next(); err != nil {
				return "", err
			}
			name = append(name, c)
		}
		if len(name) > nameMax {
			return "", errDamaged
		}
	}
}

// value reads past the value that comes.
func (s *scanner) value() error {
	if _, err := s.peek(); err != nil {
		return err
	}
	for depth := 0; ; {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch c {
		case '"':
			if err := s.text(); err != nil {
				return err
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				return s.word()
			}
		}
		if depth == 0 {
			return nil
		}
		if depth < 0 {
			return errDamaged
		}
	}
}

// text reads up to the end of a string that has begun.
func (s *scanner) text() error {
	for {
		c, err := s.next()
		if err == nil && c == '\\' {
			_, err = s.next()
		} else if c == '"' {
			return err
		}
		if err != nil {
			return err
		}
	}
}

// word reads the rest of a number, true, false or null.
func (s *scanner) word() error {
	for {
		c, err := s.from.ReadByte()
		if err != nil {
			return errDamaged
		}
		if c == ',' || c == '}' || c == ']' || c <= ' ' {
			return s.from.UnreadByte()
		}
		if s.keeping {
			s.kept = append(s.kept, c)
		}
	}
}
