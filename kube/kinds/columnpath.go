package kinds

import (
	"errors"
	"strings"

	"k8s.io/client-go/util/jsonpath"
)

const (
	pathMax       = 1024 // bytes of a column's path
	descentsMax   = 1    // ".." in it
	unionPathsMax = 64   // ways through its unions: ['a','b'] has two
)

var errPathCost = errors.New("it would take too long to look for in a large object")

// parsePath reads the path of a printer column, whose author may be a stranger. Whatever
// an object looks like, it is found in a time that grows with the object's size alone:
// each further ".." multiplies it by the object's depth, and unions multiply each other.
// The API server takes such paths.
func parsePath(name, path string) (*jsonpath.JSONPath, error) {
	ways := 1
	for inside := range strings.SplitSeq(path, "[") {
		inside, _, _ = strings.Cut(inside, "]")
		if ways *= 1 + strings.Count(inside, ","); ways > unionPathsMax {
			return nil, errPathCost
		}
	}
	if len(path) > pathMax || strings.Count(path, "..") > descentsMax {
		return nil, errPathCost
	}
	if strings.ContainsAny(path, "{}") {
		return nil, errors.New("it is not one path: it has braces")
	}
	parsed := jsonpath.New(name).AllowMissingKeys(true)
	return parsed, parsed.Parse("{" + path + "}")
}
