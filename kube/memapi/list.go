package memapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// token says where a list goes on. Of is the list that it may be used for.
type token struct {
	Version uint64 `json:"rv"`
	After   string `json:"start"`
	Of      string `json:"of"`
}

func (r *request) listed() string {
	return r.URL.Path + "?" + url.Values{"l": r.query["labelSelector"], "f": r.query["fieldSelector"]}.Encode()
}

func (a *API) list(r *request) (*http.Response, error) {
	s, err := r.selection()
	if err != nil {
		return nil, err
	}
	limit, err := r.number("limit")
	if err != nil {
		return nil, err
	}
	if err := listOptions(r.query); err != nil {
		return nil, err
	}
	if r.query.Get("resourceVersion") == "0" {
		limit = 0 // as a server that answers from its cache
	}
	from, sorted, ok, err := a.listedAt(r)
	switch {
	case err != nil:
		return nil, err
	case !ok && from.After != "":
		return nil, apierrors.NewResourceExpired("The provided continue parameter is too old " +
			"to display a consistent list result. You can start a new list without the continue parameter.")
	case !ok:
		return nil, apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d", from.Version))
	}
	list, left := s.of(sorted, from.After, limit)
	about := metav1.ListMeta{ResourceVersion: strconv.FormatUint(from.Version, 10)}
	if left > 0 {
		from.After, from.Of = list[len(list)-1].key, r.listed()
		about.Continue = base64.RawURLEncoding.EncodeToString(encode(from))
		if s.empty() {
			remaining := int64(left)
			about.RemainingItemCount = &remaining
		}
	}
	body, err := a.renderList(r, list, about)
	if err != nil {
		return nil, err
	}
	return r.answer(body), nil
}

// listedAt returns where a list begins, and the items there; ok is false when that is too
// long ago.
func (a *API) listedAt(r *request) (from token, sorted []*item, ok bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if from, err = a.start(r); err != nil {
		return from, nil, false, err
	}
	sorted, ok = a.at(r.resource.store, from.Version)
	return from, sorted, ok, nil
}

// start returns the version at which a list begins, and the object after which it does.
func (a *API) start(r *request) (token, error) {
	version := r.query.Get("resourceVersion")
	if text := r.query.Get("continue"); text != "" {
		var t token
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(raw, &t)
		}
		if err == nil && t.Of != r.listed() {
			err = errors.New("it does not belong to this list")
		}
		if err != nil {
			return t, apierrors.NewBadRequest(fmt.Sprintf("continue key is not valid: %v", err))
		}
		if version != "" && version != "0" {
			return t, apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
		}
		return t, nil
	}
	asked, err := a.parse(version)
	switch {
	case err != nil:
		return token{}, err
	case asked > a.version:
		return token{}, tooNew(asked, a.version)
	case r.query.Get("resourceVersionMatch") == "Exact":
		return token{Version: asked}, nil
	}
	return token{Version: a.version}, nil
}

func (*API) parse(version string) (uint64, error) {
	if version == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return 0, invalidOptions(field.Invalid(field.NewPath("resourceVersion"), version, err.Error()))
	}
	return n, nil
}

// tooNew is the answer of a server to a version that it has not seen yet.
func tooNew(asked, current uint64) error {
	late := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", asked, current), 1)
	late.ErrStatus.Details.Causes = []metav1.StatusCause{{
		Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version",
	}}
	return late
}

// listOptions and watchOptions refuse what a server refuses (apimachinery's
// internalversion/validation).
func listOptions(q url.Values) error {
	match, version := q.Get("resourceVersionMatch"), q.Get("resourceVersion")
	path := field.NewPath("resourceVersionMatch")
	switch {
	case q.Has("sendInitialEvents"):
		return invalidOptions(field.Forbidden(field.NewPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
	case match == "":
	case version == "":
		return invalidOptions(field.Forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
	case q.Get("continue") != "":
		return invalidOptions(field.Forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
	case match != "Exact" && match != "NotOlderThan":
		return invalidOptions(field.NotSupported(path, match, []string{"Exact", "NotOlderThan", ""}))
	case match == "Exact" && version == "0":
		return invalidOptions(field.Forbidden(path, `resourceVersionMatch "exact" is forbidden for resourceVersion "0"`))
	}
	return nil
}

func watchOptions(q url.Values) error {
	match, initial := q.Get("resourceVersionMatch"), q.Has("sendInitialEvents")
	path := field.NewPath("resourceVersionMatch")
	switch {
	case initial && match != "NotOlderThan":
		return invalidOptions(field.Forbidden(path,
			"sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
	case match != "" && !initial:
		return invalidOptions(field.Forbidden(path,
			"resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
	}
	return nil
}

func invalidOptions(problem *field.Error) error {
	return apierrors.NewInvalid(schema.GroupKind{Group: metaGroup, Kind: "ListOptions"}, "", field.ErrorList{problem})
}
