package memapi

import (
	"mime"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const (
	jsonMedia     = "application/json"
	protobufMedia = "application/vnd.kubernetes.protobuf"
	metaGroup     = "meta.k8s.io"
)

// form is how the client wants to read objects: the media type, and what they are
// converted to.
type form struct {
	media string
	as    string // "", Table, PartialObjectMetadata, PartialObjectMetadataList
	meta  string // the version of as: v1 or v1beta1
}

// negotiate picks the first type of the Accept header that can be served. What
// a list of objects cannot become, one object can.
func (r *request) negotiate(list bool) error {
	accept := r.Header.Get("Accept")
	if accept == "" {
		accept = jsonMedia
	}
	for one := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(strings.TrimSpace(one))
		if err != nil {
			continue
		}
		f := form{media: media, as: params["as"], meta: params["v"]}
		if f.media == "*/*" || f.media == "application/*" {
			f.media = jsonMedia
		}
		if r.can(f, params["g"], list) {
			r.form = f
			return nil
		}
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: " + jsonMedia + ", " + protobufMedia,
	}}
}

func (r *request) can(f form, group string, list bool) bool {
	if f.media != jsonMedia && f.media != protobufMedia {
		return false
	}
	binary := f.media == protobufMedia
	switch f.as {
	case "":
		return !binary || scheme.Scheme.Recognizes(r.resource.gvk)
	case "Table":
	case "PartialObjectMetadata":
		if list {
			return false
		}
	case "PartialObjectMetadataList":
		if !list {
			return false
		}
	default:
		return false
	}
	if group != metaGroup || f.meta != "v1" && f.meta != "v1beta1" {
		return false
	}
	return !binary || f.as != "Table"
}
