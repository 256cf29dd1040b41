package mergeline.promotion

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
	"path": sprintf("/environments/%s", [input.environment]),
	"hint": "revert the push and run mergeline promote",
} if {
	not is_object(input.pull_request)
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
	"msg": sprintf("pull request %v is not merged", [input.pull_request.number]),
	"path": sprintf("/environments/%s", [input.environment]),
	"hint": "merge it first",
} if {
	is_object(input.pull_request)
	not input.pull_request.merged == true
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
	"msg": sprintf("pull request %v went into %s, not into %s", [input.pull_request.number, input.pull_request.base, input.pull_request.default_branch]),
	"path": sprintf("/environments/%s", [input.environment]),
	"hint": "open it against the default branch",
} if {
	is_object(input.pull_request)
	not input.pull_request.base == input.pull_request.default_branch
}
