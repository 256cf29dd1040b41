# METADATA
# title: What the rules share
# description: Functions alone; nothing here says yes or no.
package mergeline.lib

seconds_per := {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

# METADATA
# description: A duration such as 30m, in seconds; undefined for anything else.
seconds(duration) := amount * seconds_per[unit] if {
	[[_, digits, unit]] := regex.find_all_string_submatch_n(`^(0|[1-9][0-9]*)([smhdw])$`, duration, -1)
	amount := to_number(digits)
}

# METADATA
# description: |
#   The core of a Semantic Version as numbers, [major, minor, patch].
core(version) := [to_number(major), to_number(minor), to_number(patch)] if {
	[[_, major, minor, patch, _]] := regex.find_all_string_submatch_n(
		`^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)([-+].*)?$`,
		version, -1,
	)
}

# METADATA
# description: |
#   Is a version above another? Of two with one core, the one without a pre-release is above; two
#   pre-releases of one core are compared as text, which is right for alpha, beta, rc and one digit.
above(version, other) if core(version) > core(other)

above(version, other) if {
	core(version) == core(other)
	prerelease(version) == ""
	prerelease(other) != ""
}

above(version, other) if {
	core(version) == core(other)
	prerelease(version) != ""
	prerelease(other) != ""
	prerelease(version) > prerelease(other)
}

prerelease(version) := text if {
	without_build := split(version, "+")[0]
	parts := split(without_build, "-")
	text := concat("-", array.slice(parts, 1, count(parts)))
}

# METADATA
# description: A part of an object, or null if it (or what leads to it) is not there.
at(whole, path) := object.get(whole, path, null)

# METADATA
# description: Is a part of an object there, and not null, empty text, array or object?
given(whole, path) if {
	value := at(whole, path)
	not value in {null, "", false}
	not empty(value)
}

empty([])

empty({})

# METADATA
# description: A full SHA-256 that is not a placeholder of one repeated digit.
full_digest(digest) if {
	regex.match(`^sha256:[0-9a-f]{64}$`, digest)
	digits := split(trim_prefix(digest, "sha256:"), "")
	count({digit | some digit in digits}) > 1
}
