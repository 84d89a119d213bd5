package plain

import (
	"errors"
	"testing"
)

// TestQuotedObjects leaves out the objects that the API server repeats.
func TestQuotedObjects(t *testing.T) {
	for text, want := range map[string]string{
		`"" is invalid: patch: Invalid value: "{\"a\":\"b\\\"c\"}": json: cannot unmarshal string`: `"" is invalid: patch: ` +
			`Invalid value: json: cannot unmarshal string`,
		`Invalid value: "{\"a\":`: `Invalid value: "{\"a\":`,
		`Invalid value: "a b"`:    `Invalid value: "a b"`,
		"two\nlines":              "two lines",
	} {
		if got := Error("", errors.New(text)).Error(); got != want {
			t.Errorf("%s\nis %s\nwant %s", text, got, want)
		}
	}
}
