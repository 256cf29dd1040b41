# METADATA
# title: What the rules share
# description: Functions alone; nothing here says yes or no.
package mergeline.lib

seconds_per := {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

# METADATA
# description: A duration such as 30m, in seconds; undefined for anything else.
seconds(duration) := to_number(digits) * seconds_per[unit] if {
	unit := trim_left(duration, "0123456789")
	digits := trim_suffix(duration, unit)
	digits != ""
	without_leading_zero(digits)
}

without_leading_zero("0")

without_leading_zero(digits) if trim_left(digits, "0") == digits

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
#   Is a version above another? Of two with one core, the one without a pre-release is above; of two
#   pre-releases the identifiers are compared one by one, numbers as numbers and below words.
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
	marks(version) > marks(other)
}

marks(version) := [marked |
	some identifier in split(prerelease(version), ".")
	marked := mark(identifier)
]

# Text that is ordered as the identifiers are: of two numbers the one with more digits is above.
mark(identifier) := $"0{100 + count(identifier)}{identifier}" if trim_left(identifier, "0123456789") == ""

mark(identifier) := $"1{identifier}" if trim_left(identifier, "0123456789") != ""

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
	trim(substring(digest, 7, 64), substring(digest, 7, 1)) != ""
}

# METADATA
# description: Is a duration known and no longer than another?
at_most(duration, limit) if seconds(duration) <= seconds(limit)

# METADATA
# description: Is a duration known and no shorter than another?
at_least(duration, limit) if seconds(duration) >= seconds(limit)

# The numbers that rules compare with: a comparison with one that is missing would pass.
tunables := [
	["placeholder_owners"],
	["description_min_characters"],
	["data", "expectations_min", "low"],
	["data", "expectations_min", "medium"],
	["data", "expectations_min", "high"],
	["data", "test_fraction", "min"],
	["data", "test_fraction", "max"],
	["training", "estimator_prefixes"],
	["training", "seed_hyperparameters"],
	["training", "budget_max"],
	["training", "timeout_max"],
	["training", "spot_from"],
	["training", "resources_max"],
	["training", "memory_max"],
	["training", "floating_words"],
	["training", "lockfile_suffixes"],
	["pipelines", "required_steps"],
	["pipelines", "foreign_suffixes"],
	["evaluation", "fairness_threshold_max"],
	["deployment", "pause_min"],
	["deployment", "analysis_threshold_max"],
	["monitoring", "drift_threshold_max", "psi"],
	["monitoring", "drift_threshold_max", "ks"],
	["monitoring", "drift_threshold_max", "jensen_shannon"],
	["security", "secret_words"],
	["security", "personal_words"],
	["security", "pii_retention_max"],
	["security", "binary_suffixes"],
	["evaluation", "resamples_min"],
	["evaluation", "confidence_level_min"],
	["deployment", "first_step_max_weight", "low"],
	["deployment", "first_step_max_weight", "medium"],
	["deployment", "first_step_max_weight", "high"],
	["monitoring", "retraining_cooldown_min"],
	["monitoring", "reason_min_characters"],
	["approvals"],
	["approvals_from"],
	["approvals_for_rollback"],
	["approvals_for_hold"],
	["freezes"],
	["emergency", "may_waive"],
	["comes_after"],
	["soak"],
	["signing", "required"],
	["signing", "signers"],
	["evidence_max_age"],
]

# METADATA
# description: The tunables that policies/data.yaml does not hold, dotted.
missing_tunables contains concat(".", [part | some part in path]) if {
	some path in tunables
	not written(path)
}

written(path) if object.get(data.organization, path, null) != null
