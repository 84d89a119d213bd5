package yamltext

// Path identifies a value by the keys and indexes that lead to it. It is a hash
// (FNV-1a, 64 bits), so that a fold costs no string for each line.
type Path uint64

// Root is the path of the whole object.
const Root Path = 14695981039346656037

// Step returns the path of a value inside the one at p.
func (p Path) Step(key string) Path {
	const prime = 1099511628211
	for i := range len(key) {
		p = (p ^ Path(key[i])) * prime
	}
	return (p ^ 0xff) * prime
}
