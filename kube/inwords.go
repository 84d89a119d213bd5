package kube

import (
	"fmt"
	"strings"
)

// undecodable are parts of what client-go and its decoders say of an answer that they
// cannot read. They have no types for it.
var undecodable = []string{
	"json: ", "json parse error", "invalid character", "unexpected end of JSON input", "cannot unmarshal",
	"Object 'Kind' is missing", "couldn't get version/kind", "serializer for ", "no kind \"", "unable to decode",
	"unable to parse the server", "proto: ", "unexpected object", "unrecognized content type",
	"unexpected GroupVersion",
}

// inWords replaces what client-go says about an answer that it cannot read.
func inWords(asked string, err error) error {
	if err == nil || isStatus(err) {
		return err
	}
	for _, part := range undecodable {
		if strings.Contains(err.Error(), part) {
			return fmt.Errorf("asked for %s, and the API server answered with what cannot be read as that", asked)
		}
	}
	return err
}
