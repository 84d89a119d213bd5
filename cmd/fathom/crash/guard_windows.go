package crash

// Guard guards nothing: a console of Windows is given back by the system.
func Guard(string, string, []byte) (end func()) { return func() {} }

func monitor(string) int { return 0 }
