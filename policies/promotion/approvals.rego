package mergeline.promotion

import data.organization

# METADATA
# title: As many people approve as the risk asks
# description: |
#   Risk and environment decide how many people, other than those who made the change, must
#   agree.
# custom:
#   id: approvals-missing
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "approvals-missing",
	"msg": $"needs {needed} {noun(needed)} for {risk} risk in {environment}, has {count(approvers)}{not_counted}",
	"path": $"/environments/{environment}",
	"hint": "ask for a review by someone who is not author, committer or dispatcher of the pull request",
} if {
	count(approvers) < needed
}

# METADATA
# title: The organisation says how many approvals it asks
# description: |
#   Without a number nobody can tell whether there are enough.
# custom:
#   id: approvals-not-configured
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "approvals-not-configured",
	"msg": $"policies/data.yaml does not say how many approvals {risk} risk in {environment} needs, and from which teams",
	"path": $"/environments/{environment}",
	"hint": "set organization.approvals and approvals_from for the environment and risk",
} if {
	not needed_known
}

# METADATA
# title: The teams that answer for the risk approve
# description: |
#   Enough people is not enough if none of them knows the model, or answers for what it can do.
# custom:
#   id: approval-from-team-missing
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "approval-from-team-missing",
	"msg": $"needs an approval from team {team} for {risk} risk in {environment}",
	"path": $"/environments/{environment}",
	"hint": "ask a member of the team for a review",
} if {
	not input.rollback == true
	not holding
	not "approval-from-team-missing" in waived
	some team in input.teams_asked
	not team in teams_heard
}

# METADATA
# title: Nobody approves their own change
# description: |
#   Author, committers and the person who started the bot do not count as reviewers.
# custom:
#   id: approval-not-separate
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "approval-not-separate",
	"msg": $"{approval.reviewer} approved, but is the {role} of the change",
	"path": $"/environments/{environment}",
	"hint": "ask someone else for a review",
} if {
	some approval in input.approvals
	some [role, login] in involved
	login == lower(approval.reviewer)
}

# METADATA
# title: An approval is of what was merged
# description: |
#   An approval given before the last push is none of what it brought.
# custom:
#   id: approval-of-other-commit
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "approval-of-other-commit",
	"msg": $"{approval.reviewer} approved commit {object.get(approval, "commit_id", "(none)")}, but {shown(["pull_request", "head_sha"])} was merged",
	"path": $"/environments/{environment}",
	"hint": "ask for a new review of the head",
} if {
	some approval in input.approvals
	not of_head(approval)
}

table := organization.approvals_for_rollback if {
	input.rollback == true
} else := organization.approvals_for_hold if {
	holding
} else := organization.approvals

holding if {
	settled
	is_object(input.desired.hold)
}

teams_heard contains team if {
	some approval in input.approvals
	lower(approval.reviewer) in approvers
	of_head(approval)
	some team in approval.teams
}

needed_known if {
	needed >= 0
	is_array(organization.approvals_from[environment][risk])
	is_array(input.teams_asked)
}

asked := table[environment][risk]

# The separation of author and approver stays: an emergency still takes one other person.
needed := 1 if {
	"approvals-missing" in waived
	asked > 1
} else := asked

approvers contains lower(approval.reviewer) if {
	some approval in input.approvals
	of_head(approval)
	not lower(approval.reviewer) in {login | some [_, login] in involved}
}

involved contains ["author", lower(input.pull_request.author)]

involved contains ["committer", lower(committer)] if {
	some committer in input.pull_request.committers
}

involved contains ["dispatcher", lower(input.pull_request.dispatcher)] if {
	is_string(input.pull_request.dispatcher)
}

of_head(approval) if approval.commit_id == input.pull_request.head_sha

noun(1) := "approval"

noun(number) := "approvals" if number != 1

not_counted := "" if {
	count(input.rejected_approvals) == 0
} else := $" (not counted: {concat("; ", [$"{one.reviewer}: {one.reason}" |
		some one in input.rejected_approvals
	])})"
