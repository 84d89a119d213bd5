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

// TestRefusal finds the words of policies and webhooks, and nothing in what merely looks like them.
func TestRefusal(t *testing.T) {
	for text, want := range map[string]string{
		`pods "a" is forbidden: ValidatingAdmissionPolicy 'calm' with binding 'all' denied request: no shells`: "no shells " +
			"(policy calm)",
		`ValidatingAdmissionPolicy 'calm' denied request: no shells: until Monday`:    "no shells: until Monday (policy calm)",
		`admission webhook "gate.shop.test" denied the request: no` + "\x1b[2J\nmore": "no␛[2J (webhook gate.shop.test)",
		`admission webhook "gate.shop.test" denied the request: `:                     "",
		`pods "a" is forbidden: User "eve" cannot create`:                             "",
		"": "",
	} {
		if got := Refusal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
