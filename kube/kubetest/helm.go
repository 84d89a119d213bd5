package kubetest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strconv"
)

// HelmRelease returns the Secret, as YAML, in which Helm keeps a revision of a release. The
// release is the JSON that Helm writes.
func HelmRelease(namespace, name string, revision int, status, release string) string {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte(release)) // A buffer takes everything.
	_ = zip.Close()
	value := []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))
	version := strconv.Itoa(revision)
	return `apiVersion: v1
kind: Secret
type: helm.sh/release.v1
metadata:
  name: sh.helm.release.v1.` + name + `.v` + version + `
  namespace: ` + namespace + `
  labels: {owner: helm, name: ` + name + `, status: ` + status + `, version: "` + version + `", modifiedAt: "1777636800"}
data: {release: ` + base64.StdEncoding.EncodeToString(value) + `}
---
`
}
