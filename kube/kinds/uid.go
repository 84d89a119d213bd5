package kinds

import (
	"encoding/hex"
	"unique"

	"k8s.io/apimachinery/pkg/types"
)

// UID is an object's UID in half the room of a types.UID. It is comparable
// with ==, and safe to use from any goroutine.
type UID struct {
	bytes [16]byte
	other unique.Handle[string] // what is not written as the API server writes UIDs
}

// dashes are where a UID's text has them.
var dashes = [...]int{8, 13, 18, 23}

// NewUID keeps a UID; its String is the same text again.
func NewUID(id types.UID) UID {
	u := UID{}
	if id == "" || u.parse(string(id)) && u != (UID{}) {
		return u
	}
	return UID{other: unique.Make(string(id))}
}

func (u *UID) parse(s string) bool {
	var digits [32]byte
	n := 0
	if len(s) != len(digits)+len(dashes) {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == dashes[0] || i == dashes[1] || i == dashes[2] || i == dashes[3]:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
			digits[n] = c
			n++
		default:
			return false // an upper case letter would come back as a lower one
		}
	}
	_, err := hex.Decode(u.bytes[:], digits[:n])
	return err == nil
}

// String is the UID as the API server wrote it.
func (u UID) String() string {
	if u.other != (unique.Handle[string]{}) {
		return u.other.Value()
	}
	if u == (UID{}) {
		return ""
	}
	text := make([]byte, 0, 36)
	from := 0
	for _, n := range [...]int{4, 2, 2, 2, 6} {
		if from > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, u.bytes[from:from+n])
		from += n
	}
	return string(text)
}
