package wire

import (
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	// ErrMalformed is returned for bytes that are not the protobuf that an API
	// server writes.
	ErrMalformed = errors.New("the API server's answer is not valid protobuf")
	// ErrTooLarge is returned for an object that is larger than etcd could hold.
	ErrTooLarge = fmt.Errorf("an object is larger than %d MB", objectMax>>20)
)

// Explain gives a Status without a message one.
func Explain(status *metav1.Status) {
	if status.Message == "" {
		status.Message = strings.TrimSpace(fmt.Sprintf("the API server answered with a Status that says nothing but %d %s",
			status.Code, status.Reason))
	}
}
