package mergeline.promotion

import data.mergeline.lib
import data.organization

# METADATA
# title: Environments come in order
# description: |
#   The same release was verified in the environment before, unless it comes back by a rollback.
# custom:
#   id: not-verified-before
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "not-verified-before",
	"msg": $"{version} of {shown(["model"])} is not verified in {before}",
	"path": $"/environments/{environment}/version",
	"hint": "promote it there first, and let mergeline apply verify it",
} if {
	not input.rollback == true
	not settled
	not "not-verified-before" in waived
	before := organization.comes_after[environment]
	not verified_before
}

# METADATA
# title: A release serves for a while before it goes on
# description: |
#   Some faults show only with time.
# custom:
#   id: soak-too-short
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "soak-too-short",
	"msg": $"{version} has been in {before} for {shown(["previous_environment", "soaked_seconds"])} s, {soak} s are needed",
	"path": $"/environments/{environment}/version",
	"hint": "wait, then merge",
} if {
	not input.rollback == true
	not settled
	not "soak-too-short" in waived
	before := organization.comes_after[environment]
	verified_before
	not soaked
}

# METADATA
# title: The organisation says how long a release must serve first
# description: |
#   Without a number nobody can tell whether it was long enough.
# custom:
#   id: soak-not-configured
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "soak-not-configured",
	"msg": $"policies/data.yaml does not say how long {risk} risk must soak before {environment}",
	"path": $"/environments/{environment}/version",
	"hint": "set organization.soak for the environment and risk",
} if {
	organization.comes_after[environment]
	not soak_known
}

# METADATA
# title: A held environment takes no promotion
# description: |
#   A rollback sets a hold, so that nothing rolls forward again before someone has looked.
# custom:
#   id: environment-held
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "environment-held",
	"msg": $"{environment} is held by {object.get(hold, "by", "(nobody)")}: {object.get(hold, "reason", "(no reason)")}",
	"path": $"/environments/{environment}/hold",
	"hint": "take the hold away in a pull request of its own, then promote",
} if {
	not input.rollback == true
	not digest_unchanged
	not "environment-held" in waived
	some hold in holds
}

# METADATA
# title: A rollback holds the environment
# description: |
#   Else the next promotion brings the fault back.
# custom:
#   id: rollback-without-hold
#   severity: warning
#   practice: 8
#   owner: platform
warn contains {
	"id": "rollback-without-hold",
	"msg": $"the rollback sets no hold on {environment}",
	"path": $"/environments/{environment}",
	"hint": "let mergeline rollback write the file",
} if {
	input.rollback == true
	not is_object(object.get(input, ["desired", "hold"], null))
}

verified_before if {
	input.previous_environment.digest == input.desired.digest
	input.previous_environment.verified == true
}

soak_known if soak >= 0

soaked if input.previous_environment.soaked_seconds >= soak

# The longer of what the organisation and what the model's own deployment.yaml ask. Never by
# `max`: the embedded engine compares numbers as texts there.
soak := organizations_soak if organizations_soak >= models_soak

soak := models_soak if organizations_soak < models_soak

organizations_soak := lib.seconds(organization.soak[environment][risk])

models_soak := lib.seconds(object.get(
	input.specs,
	["deployment", "environments", environment, "soak"],
	"0s",
))

holds contains input.current.hold if is_object(input.current.hold)

# What was applied last: to lift a hold is approved like a promotion, or is nothing.
holds contains input.standing_hold if is_object(input.standing_hold)

holds contains input.desired.hold if is_object(input.desired.hold)
