"""One file a verb: a command loads, calls, reports, and returns an exit code."""
