package tape

import (
	"encoding/binary"
	"encoding/json"
	"time"
)

// About describes a recording; it is the first entry of a tape.
type About struct {
	Cluster    string    `json:"cluster"`              // the context's name
	Server     string    `json:"server,omitempty"`     // gitVersion
	Recorder   string    `json:"recorder,omitempty"`   // the program and its version
	Started    time.Time `json:"started"`              //
	Namespace  string    `json:"namespace,omitempty"`  // the context's
	Namespaces []string  `json:"namespaces,omitempty"` // none: all
	Kinds      []string  `json:"kinds,omitempty"`      // none: all
	Logs       string    `json:"logs,omitempty"`       // failing, all, none
}

// Document is what the server says besides objects: discovery, schemas, its version.
type Document struct {
	Path        string // and query
	ContentType string
	Body        []byte
	Time        time.Time
}

// MarkKind is the kind of a mark.
type MarkKind uint8

// The marks.
const (
	Complete MarkKind = 1 + iota // everything that was there at the start is on the tape
	Ended                        // the recording ended as it should
	Denied                       // a resource may not be read
	Gap                          // the connection was lost: what happened until it was back is not on the tape
	Note                         // a line for whoever plays the tape, until the next one
)

// Mark is a moment of the recording that is worth reading, and a stop.
type Mark struct {
	Time time.Time
	Kind MarkKind
	Text string
}

// LogLine is a line of a container's log.
type LogLine struct {
	Time time.Time // when the container runtime read it; zero when it did not say
	Text string
}

// LogOf names a run of a container. Previous is the one before the current.
type LogOf struct {
	Namespace, Pod, Container string
	Previous                  bool
}

// Log is a piece of a log, and when it came.
type Log struct {
	LogOf
	At    time.Time
	Fresh bool // what came before does not belong to it: the container was started again
	Lines []LogLine
}

func appendResource(to []byte, id uint64, r Resource) []byte {
	to = binary.AppendUvarint(to, id)
	for _, text := range []string{r.Group, r.Version, r.Resource, r.Kind} {
		to = appendText(to, text)
	}
	if r.Namespaced {
		return append(to, 1)
	}
	return append(to, 0)
}

func (c *cursor) resource() (id uint64, r Resource) {
	id = c.number()
	r.Group, r.Version, r.Resource, r.Kind = c.text(), c.text(), c.text(), c.text()
	r.Namespaced = c.byte() == 1
	return id, r
}

func appendDocument(to []byte, d Document) []byte {
	to = appendText(to, d.Path)
	to = appendText(to, d.ContentType)
	return appendText(to, d.Body)
}

func (c *cursor) document() Document {
	return Document{Path: c.text(), ContentType: c.text(), Body: c.bytes()}
}

func (m Mark) append(to []byte) []byte { return appendText(append(to, byte(m.Kind)), m.Text) }

func (c *cursor) mark() Mark { return Mark{Kind: MarkKind(c.byte()), Text: c.text()} }

func encodeAbout(a About) []byte {
	// Its fields cannot fail.
	text, _ := json.Marshal(a)
	return text
}
