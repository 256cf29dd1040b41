package mergeline.promotion

import data.organization

# METADATA
# title: Only a pull request promotes
# description: |
#   A direct push has no review, whoever pushed it.
# custom:
#   id: pull-request-missing
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "pull-request-missing",
	"msg": "the change came with no pull request",
	"path": $"/environments/{environment}",
	"hint": "revert the push and run mergeline promote",
} if {
	not is_object(pull_request)
}

# METADATA
# title: The pull request is merged
# description: |
#   Only what the forge says is merged counts, not what a run printed.
# custom:
#   id: pull-request-not-merged
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "pull-request-not-merged",
	"msg": $"pull request {shown(["pull_request", "number"])} is not merged",
	"path": $"/environments/{environment}",
	"hint": "merge it first",
} if {
	is_object(pull_request)
	not pull_request.merged == true
}

# METADATA
# title: The pull request went into the default branch
# description: |
#   Only the default branch is protected, and only it decides.
# custom:
#   id: pull-request-into-other-branch
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "pull-request-into-other-branch",
	"msg": $"pull request {shown(["pull_request", "number"])} went into {shown(["pull_request", "base"])}, not into {shown(["pull_request", "default_branch"])}",
	"path": $"/environments/{environment}",
	"hint": "open it against the default branch",
} if {
	is_object(pull_request)
	not into_default_branch
}

into_default_branch if pull_request.base == pull_request.default_branch

# What is not said is shown as such, and equals nothing: OPA takes `not f(undefined)` for
# undefined, which would let a rule pass over what is missing.
pull_request := object.get(input, "pull_request", null)

release := object.get(input, "release", null)

registry := object.get(input, "registry", null)

environment := object.get(input, "environment", "nowhere")

version := object.get(input, "version", "no version")

risk := object.get(input, "risk", "unknown")

shown(path) := object.get(input, path, "nothing")

default current_digest := null

current_digest := input.current.digest

digest_unchanged if input.desired.digest == current_digest

# The release is there already and was verified: only the hold changes.
settled if {
	digest_unchanged
	input.verified_here == true
}

# An emergency waives nothing by itself: only rules that say so look here.
waived contains id if {
	not settled
	some id in emergency.waives
	id in organization.emergency.may_waive
	not input.current.emergency == emergency
}

emergency := object.get(input, ["desired", "emergency"], null)
