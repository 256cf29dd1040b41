package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: Training has a seed
# description: |
#   Without a seed the model cannot be made again.
# custom:
#   id: random-seed-missing
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "random-seed-missing",
	"msg": "training has no random_seed",
	"path": "/training",
	"hint": "set random_seed to a whole number",
} if {
	not is_number(lib.at(input.specs.training, ["random_seed"]))
}

# METADATA
# title: One seed rules all generators
# description: |
#   A seed among the hyperparameters would override random_seed.
# custom:
#   id: seed-overridden
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "seed-overridden",
	"msg": $"hyperparameter {name} sets a seed beside random_seed",
	"path": $"/training/hyperparameters/{name}",
	"hint": "remove it: random_seed is given to the estimator",
} if {
	some name in organization.training.seed_hyperparameters
	name in object.keys(object.get(input.specs.training, "hyperparameters", {}))
}

# METADATA
# title: Sums are repeatable
# description: |
#   More than one native thread can change the order of sums, and so the last digits of a model.
# custom:
#   id: many-threads
#   severity: warning
#   practice: 2
#   owner: platform
warn contains {
	"id": "many-threads",
	"msg": $"training uses {threads} native threads, so results may differ in the last digits",
	"path": "/training/threads",
	"hint": "set threads: 1, unless training is too slow for it",
} if {
	threads := object.get(input.specs.training, "threads", 1)
	threads > 1
}

# METADATA
# title: A container image is pinned by digest
# description: |
#   A tag can be moved; a digest cannot.
# custom:
#   id: image-not-by-digest
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "image-not-by-digest",
	"msg": "the training image is not pinned by a full digest",
	"path": $"/training/environment/{key}",
	"hint": "write the image as name@sha256: and 64 hexadecimal digits",
} if {
	some key in ["image", "base_image"]
	lib.given(input.specs.training, ["environment", key])
	not by_digest(input.specs.training.environment[key])
}

# METADATA
# title: A model of high risk is trained in a container
# description: |
#   A container image pins what a lockfile cannot: the operating system and its libraries.
# custom:
#   id: image-missing
#   severity: warning
#   practice: 2
#   owner: platform
warn contains {
	"id": "image-missing",
	"msg": "the model is of high risk and is trained without a container image",
	"path": "/training/environment",
	"hint": "set environment.image to an image pinned by digest",
} if {
	input.specs.model.risk == "high"
	not lib.given(input.specs.training, ["environment", "image"])
}

# METADATA
# title: Training has a lockfile
# description: |
#   Every package is pinned, with hashes.
# custom:
#   id: lockfile-missing
#   severity: error
#   practice: 2
#   owner: platform
deny contains {
	"id": "lockfile-missing",
	"msg": "training names no lockfile",
	"path": "/training/environment",
	"hint": "set environment.lockfile to the hashed requirements file",
} if {
	not lib.given(input.specs.training, ["environment", "lockfile"])
}

# METADATA
# title: Estimators come from known packages
# description: |
#   An estimator is code that runs on the training machine and in production.
# custom:
#   id: estimator-not-allowed
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "estimator-not-allowed",
	"msg": $"estimator {object.get(input.specs.training, "estimator", "(none)")} is from no package that is allowed: {concat(", ", [prefix | some prefix in organization.training.estimator_prefixes])}",
	"path": "/training/estimator",
	"hint": "use an allowed one, or have organization.training.estimator_prefixes extended in policies/data.yaml",
} if {
	not strings.any_prefix_match(
		object.get(input.specs.training, "estimator", ""),
		organization.training.estimator_prefixes,
	)
}

# METADATA
# title: Training has a budget
# description: |
#   What a run and a month may cost is decided before it is spent.
# custom:
#   id: budget-missing
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "budget-missing",
	"msg": "training has no budget",
	"path": "/training",
	"hint": "set budget.per_run and budget.per_month",
} if {
	not lib.given(input.specs.training, ["budget"])
}

# METADATA
# title: A budget stays within the organisation's
# description: |
#   Who needs more asks for it where the limit is written.
# custom:
#   id: budget-too-high
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "budget-too-high",
	"msg": $"budget {period} is {amount}, at most {limit} is allowed",
	"path": $"/training/budget/{period}",
	"hint": "lower it, or have organization.training.budget_max raised in policies/data.yaml",
} if {
	some period, limit in organization.training.budget_max
	amount := input.specs.training.budget[period]
	amount > limit
}

# METADATA
# title: A GPU is asked for with a reason
# description: |
#   GPUs cost ten times as much; scikit-learn's estimators do not use them.
# custom:
#   id: gpu-not-justified
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "gpu-not-justified",
	"msg": $"training asks for {gpus} GPU without a reason of {organization.monitoring.reason_min_characters} characters",
	"path": "/training/resources/gpu",
	"hint": "say in labels.gpu-reason of model.yaml what it speeds up, or set gpu: 0",
} if {
	gpus := object.get(input.specs.training, ["resources", "gpu"], 0)
	gpus > 0
	reason := object.get(input.specs.model, ["labels", "gpu-reason"], "")
	count(trim_space(reason)) < organization.monitoring.reason_min_characters
}

# METADATA
# title: A run ends in bounded time
# description: |
#   A run that hangs must not hold a runner, and its cost, for days.
# custom:
#   id: timeout-too-long
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "timeout-too-long",
	"msg": $"the timeout is {timeout}, at most {organization.training.timeout_max} is allowed",
	"path": "/training/resources/timeout",
	"hint": "lower the timeout",
} if {
	timeout := object.get(input.specs.training, ["resources", "timeout"], "30m")
	not lib.at_most(timeout, organization.training.timeout_max)
}

by_digest(image) if {
	parts := split(image, "@")
	count(parts) == 2
	not trim_space(parts[0]) in {"", null}
	not contains(parts[0], " ")
	lib.full_digest(parts[1])
}
