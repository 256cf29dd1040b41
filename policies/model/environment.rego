package mergeline.model

import data.organization

# METADATA
# title: Python has an upper bound
# description: |
#   A specifier that takes every future Python takes one that nobody has tried.
# custom:
#   id: python-open-ended
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "python-open-ended",
	"msg": $"python {specifier} has no upper bound",
	"path": "/training/environment/python",
	"hint": "close it above, such as >=3.11,<3.14",
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
	"msg": $"the training image has the tag {word}",
	"path": "/training/environment/image",
	"hint": "use the tag of a release, or the digest alone",
} if {
	image := object.get(input.specs.training, ["environment", "image"], null)
	is_string(image)
	name := split(image, "@")[0]
	some word in organization.training.floating_words
	endswith(lower(name), $":{word}")
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
closed_above(specifier) if {
	some clause in split(specifier, ",")
	strings.any_prefix_match(trim_space(clause), ["==", "<", "~="])
}

words(text) := regex.split(`[ _./:-]+`, lower(text))
