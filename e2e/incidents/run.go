package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/shop"
)

const (
	signLimit = time.Minute
	// patience is how long the right row may take, before it is said that it did not come.
	patience = 15 * time.Second
	// hold is how long symptoms may take to follow their cause, where a scenario does not say.
	hold = 2 * time.Second
)

// Result is what was measured of one scenario or situation.
type Result struct {
	Name, Area string
	Healthy    bool `json:",omitempty"`
	At         time.Time
	Expected   string
	Got        []string
	Problems   []string
	// Shown is how long the API took to show the fault.
	Shown time.Duration
	// Latency is from the API showing the fault to the right top row, and Left from the API
	// showing that all is well to the row's leaving; negative where that did not happen.
	Latency, Left time.Duration
	// Folded is when everything was right, the fold too, beyond the time that symptoms may take.
	Folded  time.Duration
	Onset   time.Duration
	Bound   bool
	NoOnset bool
	Change  string
	// Skipped says why it could not be tried.
	Skipped string `json:",omitempty"`
	Why     string `json:",omitempty"`
	// Samples is how many verdicts of a situation were looked at.
	Samples int `json:",omitempty"`
}

// runner runs scenarios one after another.
type runner struct {
	*world
	watch *watch
	// shared is set where others use the cluster: nothing that they need is touched.
	shared bool
	// keep is a folder for the JSON of what was wrong; empty keeps none.
	keep string
	say  func(format string, args ...any)
}

// scenario runs one scenario and puts everything back.
func (r *runner) scenario(ctx context.Context, sc Scenario) (result Result) {
	result = Result{Name: sc.Name, Area: sc.Area, At: time.Now().UTC(), Expected: expected(sc), Why: sc.Why,
		Latency: -1, Left: -1}
	if reason := r.impossible(sc.Whole); reason != "" {
		result.Skipped = reason
		return result
	}
	if sc.Whole {
		if err := r.alone(ctx); err != nil {
			result.Problems = []string{err.Error()}
			return result
		}
	}
	s, err := r.set(ctx, slug(sc.Name), sc.Prepare, sc.Base)
	defer func() {
		if s == nil {
			return
		}
		if err := s.strike(context.WithoutCancel(ctx)); err != nil {
			result.Problems = append(result.Problems, "clean up: "+err.Error())
		}
	}()
	if err == nil {
		err = r.play(ctx, s, sc, &result)
	}
	if err != nil {
		result.Problems = append(result.Problems, err.Error())
	}
	return result
}

// play is the scenario itself, on its scene.
func (r *runner) play(ctx context.Context, s *scene, sc Scenario, result *Result) error {
	if err := r.quiet(ctx, s, result); err != nil {
		return err
	}
	s.began = time.Now()
	w := want{injected: s.began}
	if err := sc.Inject(ctx, s); err != nil {
		return fmt.Errorf("inject: %w", err)
	}
	err := until(ctx, max(sc.Limit, signLimit), "the API to show it", func(ctx context.Context) (shown bool, err error) {
		w.since, shown, err = sc.Sign.look(ctx, s)
		return shown, err
	})
	if err != nil {
		return err
	}
	w.shown = time.Now()
	result.Shown = w.shown.Sub(w.injected)
	w.changed = slices.Clone(s.touched)
	if r.watch != nil {
		if err := r.look(ctx, s, sc, w, result); err != nil {
			return err
		}
	}
	return r.repair(ctx, s, sc, result)
}

// look waits for the right row, and judges it.
func (r *runner) look(ctx context.Context, s *scene, sc Scenario, w want, result *Result) error {
	for _, root := range sc.Roots {
		w.roots = append(w.roots, wantedRoot{Root: root, is: s.refs(root.Is)})
	}
	at, came := r.watch.top(ctx, s, w.roots, w.shown, sc.Grace+patience)
	if came {
		result.Latency = max(0, at.Sub(w.shown))
	}
	if err := pause(max(hold, sc.Hold))(ctx, s); err != nil {
		return err
	}
	w.also = s.refs(sc.Also)
	// Symptoms that are folded too late are not the same as those that never are.
	end := time.Now().Add(patience)
	for {
		asked := time.Now()
		j, err := r.judge(ctx, s, sc, w)
		if err != nil {
			return err
		}
		if len(j.Problems) == 0 || !came || asked.After(end) {
			result.take(j)
			result.Folded = max(0, asked.Sub(w.shown)-max(hold, sc.Hold))
			if len(j.Problems) > 0 {
				r.keepAnswer(result.Name)
			}
			return nil
		}
	}
}

// judge asks fathom, and judges the answer by what the cluster looks like now.
func (r *runner) judge(ctx context.Context, s *scene, sc Scenario, w want) (judgement, error) {
	for i, root := range sc.Roots {
		var err error
		if w.roots[i].folds, err = s.resolve(ctx, root.Folds); err != nil {
			return judgement{}, err
		}
		w.roots[i].mayFold = s.refs(root.MayFold)
		for _, may := range w.roots[i].mayFold {
			if may.Selector != "" {
				w.roots[i].mayFold = append(w.roots[i].mayFold, Ref{Kind: "Pod", Namespace: may.Namespace, Name: "*"})
			}
		}
	}
	verdict, err := r.watch.ask(ctx)
	if err != nil {
		return judgement{}, err
	}
	return judge(w, r.watch.counting(s, verdict.Findings)), nil
}

// take notes what was found.
func (r *Result) take(j judgement) {
	r.Got, r.Onset, r.Bound, r.NoOnset, r.Change = j.Got, j.Onset, j.Bound, j.NoOnset, j.Change
	r.Problems = append(r.Problems, j.Problems...)
}

// keepAnswer saves the JSON of a wrong verdict for whoever mends it.
func (r *runner) keepAnswer(name string) {
	if r.keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(r.keep, slug(name)+".json"), r.watch.last, 0o600); err != nil {
		r.say("%v", err)
	}
}

// repair ends the fault and waits for the row to leave.
func (r *runner) repair(ctx context.Context, s *scene, sc Scenario, result *Result) error {
	repair := sc.Repair
	if repair == nil {
		repair = put
	}
	if err := repair(ctx, s); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	err := until(ctx, settleLimit, "all to be well again", func(ctx context.Context) (bool, error) {
		well, err := s.well(ctx)
		for _, namespace := range shop.Namespaces {
			if sc.Whole && well && err == nil {
				well, err = (&scene{world: r.world, namespace: namespace}).well(ctx)
			}
		}
		if !well || err != nil || sc.Sign.lasts {
			return well, err
		}
		_, shown, err := sc.Sign.look(ctx, s)
		return !shown, err
	})
	if err != nil || r.watch == nil {
		return err
	}
	well := time.Now()
	if at, left := r.watch.calm(ctx, s, well, patience); left {
		result.Left = max(0, at.Sub(well))
		return nil
	}
	lines, err := r.watch.lines(ctx, s)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if !line.notice {
			result.Problems = append(result.Problems, "after the repair: "+line.text)
		}
	}
	return nil
}

// quiet makes sure that nothing is said of the scene before the fault.
func (r *runner) quiet(ctx context.Context, s *scene, result *Result) error {
	if r.watch == nil {
		return nil
	}
	if err := r.watch.remember(ctx, s); err != nil {
		return err
	}
	if _, quiet := r.watch.calm(ctx, s, time.Now(), patience); quiet {
		return nil
	}
	rows, err := r.watch.rows(ctx, s)
	result.Problems = append(result.Problems, "before the fault: "+strings.Join(rows, "; "))
	return err
}

// impossible says why a scenario that needs the whole cluster cannot be tried.
func (r *runner) impossible(whole bool) string {
	switch {
	case whole && r.shared:
		return "others use the cluster"
	case whole && !r.cluster.Faults:
		return "the provider cannot stop components"
	}
	return ""
}

// alone waits until the namespaces of earlier scenarios are gone.
func (r *runner) alone(ctx context.Context) error {
	return until(ctx, 2*time.Minute, "the scenes before to be gone", func(ctx context.Context) (bool, error) {
		list, err := r.client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: "incident=true"})
		return err == nil && len(list.Items) == 0, err
	})
}

// expected says in a few words what a scenario's top rows are.
func expected(sc Scenario) string {
	var rows []string
	for _, root := range sc.Roots {
		rows = append(rows, strings.ToLower(strings.ReplaceAll(root.Is, ", ", " or ")))
	}
	return strings.Join(rows, "; ")
}

// situation watches something that happens in a healthy cluster.
func (r *runner) situation(ctx context.Context, si Situation) (result Result) {
	result = Result{Name: si.Name, Area: "healthy", Healthy: true, At: time.Now().UTC(), Expected: "nothing"}
	if si.Whole && r.shared {
		result.Skipped = "others use the cluster"
		return result
	}
	s, err := r.set(ctx, slug(si.Name), si.Prepare, si.Base)
	defer func() {
		if s == nil {
			return
		}
		if err := s.strike(context.WithoutCancel(ctx)); err != nil {
			result.Problems = append(result.Problems, "clean up: "+err.Error())
		}
	}()
	if err == nil {
		err = r.quiet(ctx, s, &result)
	}
	if err == nil {
		err = r.sample(ctx, s, si, &result)
	}
	if err != nil {
		result.Problems = append(result.Problems, err.Error())
	}
	return result
}

// sample looks at every verdict while the situation goes on, and for some seconds more.
func (r *runner) sample(ctx context.Context, s *scene, si Situation, result *Result) error {
	if r.watch == nil {
		return si.Do(ctx, s)
	}
	done := make(chan error, 1)
	go func() { done <- errors.Join(si.Do(ctx, s), pause(3*time.Second)(ctx, s)) }()
	seen := map[string]bool{}
	for {
		lines, err := r.watch.lines(ctx, s)
		if err == nil && result.Samples%20 == 0 {
			var answered []line
			answered, err = r.watch.answered(ctx, s)
			lines = append(lines, answered...)
		}
		if err != nil {
			return errors.Join(err, <-done)
		}
		for _, line := range lines {
			if key := line.object.String(); !line.notice && !seen[key] {
				seen[key] = true
				r.keepAnswer(result.Name)
				result.Problems = append(result.Problems, fmt.Sprintf("after %s: %s",
					time.Since(result.At).Round(time.Second), line.text))
			}
		}
		result.Samples++
		select {
		case err := <-done:
			return err
		case <-time.After(glance):
		}
	}
}

// ours reports whether a finding about an object has to do with the scene: with its namespaces, the shop's, or none.
func (s *scene) ours(object Ref) bool {
	namespace := object.Namespace
	if strings.EqualFold(object.Kind, "Namespace") {
		namespace = object.Name
	}
	return namespace == "" || strings.HasPrefix(namespace, s.namespace) || slices.Contains(shop.Namespaces, namespace)
}

// sweep removes the namespaces that an interrupted run left.
func (r *runner) sweep(ctx context.Context) error {
	list, err := r.client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: "incident=true"})
	if err != nil {
		return err
	}
	for _, namespace := range list.Items {
		err := r.client.CoreV1().Namespaces().Delete(ctx, namespace.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return err
		}
	}
	return nil
}
