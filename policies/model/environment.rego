package mergeline.model

import data.organization

# METADATA
# title: Python has an upper bound
# description: |
#   A specifier that takes every future Python takes one that nobody has tried. `<4`, `~=3.11` and
#   `==3.*` do: there is a new minor version each year.
# custom:
#   id: python-open-ended
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "python-open-ended",
	"msg": $"python {specifier} has no upper bound",
	"path": "/training/environment/python",
	"hint": "close it above, such as >=3.11,<3.15",
} if {
	specifier := object.get(input.specs.training, ["environment", "python"], "")
	not closed_above(specifier)
}

# METADATA
# title: The runner is pinned to a release
# description: |
#   What is called latest is another machine next year.
# custom:
#   id: runner-floating
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "runner-floating",
	"msg": $"runner {runner} floats with what is newest",
	"path": "/training/resources/runner",
	"hint": "name the release, such as ubuntu-24.04",
} if {
	runner := object.get(input.specs.training, ["resources", "runner"], "ubuntu-24.04")
	parts := words(runner)
	floating := organization.training.floating_words
	strings.any_prefix_match(parts, floating)
	some word in floating
	word in parts
}

# METADATA
# title: No image is called latest
# description: |
#   Beside a digest such a tag misleads whoever reads it; without one it is not pinned at all.
# custom:
#   id: image-tag-floating
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "image-tag-floating",
	"msg": $"the training image has the tag {tag}",
	"path": $"/training/environment/{key}",
	"hint": "use the tag of a release, or the digest alone",
} if {
	some key in ["image", "base_image"]
	image := object.get(input.specs.training, ["environment", key], null)
	is_string(image)
	parts := split(split(image, "@")[0], ":")
	count(parts) > 1
	tag := parts[count(parts) - 1]

	# What follows the colon of a registry's port is a path.
	not contains(tag, "/")
	some word in organization.training.floating_words
	word in words(tag)
}

# METADATA
# title: The lockfile is the output of a lock, not its input
# description: |
#   A list of wishes such as requirements.in or pyproject.toml resolves to other packages every
#   week.
# custom:
#   id: lockfile-is-no-lock
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "lockfile-is-no-lock",
	"msg": $"{lockfile} is no lockfile",
	"path": "/training/environment/lockfile",
	"hint": "name the hashed file that the resolver wrote",
} if {
	lockfile := object.get(input.specs.training, ["environment", "lockfile"], null)
	is_string(lockfile)
	not strings.any_suffix_match(lockfile, organization.training.lockfile_suffixes)
}

# Commas mean and: one clause that ends is enough.
closed_above(specifier) if usual_bound(specifier)

closed_above(specifier) if {
	not usual_bound(specifier)
	some clause in split(specifier, ",")
	version := trim_left(clause, " =<>~!")
	operator := trim_space(trim_suffix(clause, version))
	numbers := split(version, ".")
	count(numbers) >= numbers_asked[operator]
	numbers[0] == "3"
	trim_left(numbers[1], "0123456789") == ""
	to_number(numbers[1]) <= last_minor
}

# What almost everyone writes, known without taking it apart.
usual_bound(specifier) if {
	some clause in split(specifier, ",")
	clause in usual_bounds
}

usual_bounds := {"<3.12", "<3.13", "<3.14", "<3.15", "==3.11.*", "==3.12.*", "==3.13.*", "==3.14.*"}

# How many numbers a bound must have to name a minor version; ~= leaves its last one open.
numbers_asked := {"<": 2, "<=": 2, "==": 2, "===": 2, "~=": 3}

# One a year: whoever names a later one means all of them.
last_minor := 30

words(text) := regex.split(`[ _./:-]+`, lower(text))
