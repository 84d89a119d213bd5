package kube

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// Identity is who the API server takes us for, and what we sign in with. All its text is
// clean.
type Identity struct {
	User   string
	Groups []string
	UserID string
	Err    error // why the API server does not say

	By      string    // what we sign in with, in words: "client certificate"
	Issuer  string    // who issued it; "" when it does not say
	Expires time.Time // when it ends; zero when it does not say
	Begins  time.Time // from when on it is valid, in the same way
}

// Rights is what we may do in a namespace, as far as the API server can list it. All its
// text is clean.
type Rights struct {
	Namespace string
	Resources []Right
	Paths     []Right // of what is not a resource
	// Incomplete is set when there may be more: an authorizer cannot list its rules.
	Incomplete bool
	Problem    string // what the API server says about that
	Err        error
}

// Right is one rule.
type Right struct {
	Verbs  []string
	Groups []string // "" is the core group
	Of     []string // resources, or paths
	Names  []string // of objects; none means all
}

// Identified is what an IdentityWatch yields.
type Identified struct {
	From     *IdentityWatch
	Identity Identity
	Rights   Rights
}

// IdentityWatch is a source that asks once who we are and what we may do in a namespace.
type IdentityWatch struct {
	cluster   *Cluster
	namespace string
	asked     bool
}

// WatchIdentity returns a source of one Identified.
func (c *Cluster) WatchIdentity(namespace string) *IdentityWatch {
	return &IdentityWatch{cluster: c, namespace: namespace}
}

// Next asks, and ends with io.EOF after that.
func (w *IdentityWatch) Next(ctx context.Context) (any, error) {
	if w.asked {
		return nil, io.EOF
	}
	w.asked = true
	out := Identified{From: w, Identity: w.cluster.signedInBy(time.Now())}
	w.cluster.askWhoWeAre(ctx, &out.Identity)
	out.Rights = w.cluster.askRights(ctx, w.namespace)
	return out, ctx.Err()
}

// review posts a question about ourselves; the API server stores nothing.
func (c *Cluster) review(
	ctx context.Context, gv schema.GroupVersion, resource string, ask, answer runtime.Object,
) error {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(gv, protobuf)
	if err != nil {
		return err
	}
	return client.Post().MaxRetries(0).Resource(resource).Body(ask).Do(ctx).Into(answer)
}

func (c *Cluster) askWhoWeAre(ctx context.Context, to *Identity) {
	var said authenticationv1.SelfSubjectReview
	err := c.review(ctx, authenticationv1.SchemeGroupVersion, "selfsubjectreviews",
		&authenticationv1.SelfSubjectReview{}, &said)
	if err != nil {
		to.Err = plain.Error("", err)
		return
	}
	info := said.Status.UserInfo
	to.User, to.UserID, to.Groups = kinds.Clean(info.Username), kinds.Clean(info.UID), cleaned(info.Groups)
}

func (c *Cluster) askRights(ctx context.Context, namespace string) Rights {
	out := Rights{Namespace: namespace}
	var said authorizationv1.SelfSubjectRulesReview
	ask := &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace},
	}
	err := c.review(ctx, authorizationv1.SchemeGroupVersion, "selfsubjectrulesreviews", ask, &said)
	if err != nil {
		out.Err = plain.Error("", err)
		return out
	}
	out.Incomplete = said.Status.Incomplete
	out.Problem = kinds.Clean(said.Status.EvaluationError)
	for _, r := range said.Status.ResourceRules {
		out.Resources = append(out.Resources, Right{
			Verbs: cleaned(r.Verbs), Groups: cleaned(r.APIGroups), Of: cleaned(r.Resources), Names: cleaned(r.ResourceNames),
		})
	}
	for _, r := range said.Status.NonResourceRules {
		out.Paths = append(out.Paths, Right{Verbs: cleaned(r.Verbs), Of: cleaned(r.NonResourceURLs)})
	}
	return out
}

// signedInBy says what requests carry, from the configuration alone. It never keeps a
// key or a token.
func (c *Cluster) signedInBy(now time.Time) (i Identity) {
	if c.options.Backend != nil {
		return i
	}
	config := c.config.Load()
	plugin := c.plugin.Load()
	switch {
	case plugin != nil:
		i.By, i.Expires = "credential plugin "+kinds.Clean(plugin.Name()), plugin.Expires()
	case config.BearerToken != "" || config.BearerTokenFile != "":
		i.By = "bearer token"
		token := config.BearerToken
		if config.BearerTokenFile != "" {
			token = readToken(config.BearerTokenFile)
		}
		i.readToken(token)
	case config.AuthProvider != nil:
		i.By = "auth provider " + kinds.Clean(config.AuthProvider.Name)
	case config.Username != "":
		i.By = "user name and password"
	default:
		i.readCertificate(&config.TLSClientConfig, now)
	}
	if who := config.Impersonate.UserName; who != "" {
		i.By = strings.TrimSpace(i.By + ", acting as " + kinds.Clean(who))
	}
	return i
}

// CredentialEnds returns from when on and until when the client certificate or the token of the
// kubeconfig is valid, and what it is; the zero time where nothing says so, or something renews it.
func (c *Cluster) CredentialEnds() (what string, begins, ends time.Time) {
	config := c.config.Load()
	if c.plugin.Load() != nil || config.BearerTokenFile != "" || c.options.Backend != nil {
		return "", time.Time{}, time.Time{}
	}
	now := c.Now()
	known := c.credential.Load()
	if known == nil || known.of != config || now.Sub(known.at) > credentialFresh {
		i := c.signedInBy(now)
		known = &credentialEnds{config, now, i.By, i.Begins, i.Expires}
		c.credential.Store(known)
	}
	return known.what, known.begins, known.ends
}

// credentialFresh is how long what was read of a certificate holds: its file may be renewed.
const credentialFresh = time.Minute

// credentialEnds is what was read of a configuration.
type credentialEnds struct {
	of           *rest.Config
	at           time.Time
	what         string
	begins, ends time.Time
}

// tokenMax bounds what is read of a file with a token.
const tokenMax = 1 << 20

func readToken(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, tokenMax))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// readToken reads what a JSON web token says of itself. The API server checks it; this
// only says when it ends. Other tokens say nothing.
func (i *Identity) readToken(token string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return
	}
	var claims struct {
		Issuer  string  `json:"iss"`
		Subject string  `json:"sub"`
		Expires float64 `json:"exp"`
		Issued  float64 `json:"iat"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return
	}
	i.Issuer = kinds.Clean(claims.Issuer)
	if strings.HasPrefix(claims.Subject, "system:serviceaccount:") {
		i.By = "service account token"
	}
	i.Expires, i.Begins = tokenTime(claims.Expires), tokenTime(claims.Issued)
}

// tokenTime is a time as a token has it; zero for none.
func tokenTime(seconds float64) time.Time {
	if seconds <= 0 || seconds >= 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// readCertificate reads the client certificate that a connection is opened with.
func (i *Identity) readCertificate(config *rest.TLSClientConfig, now time.Time) {
	data := config.CertData
	if len(data) == 0 && config.CertFile != "" {
		data, _ = os.ReadFile(config.CertFile)
	}
	if len(data) == 0 {
		i.By = "no credentials"
		return
	}
	i.By = "client certificate"
	all, err := cert.ParseCertsPEM(data)
	if err != nil {
		return
	}
	// A chain ends with the first of its certificates that does.
	for _, c := range all {
		if i.Expires.IsZero() || c.NotAfter.Before(i.Expires) {
			i.Expires = c.NotAfter
		}
	}
	i.Issuer, i.Begins = kinds.Clean(all[0].Issuer.String()), all[0].NotBefore
	if all[0].NotBefore.After(now) {
		i.By += " that is not valid yet"
	}
}
