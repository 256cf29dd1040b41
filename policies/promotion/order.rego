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
	"msg": sprintf("%s of %s is not verified in %s", [input.version, input.model, before]),
	"path": sprintf("/environments/%s/version", [input.environment]),
	"hint": "promote it there first, and let mergeline apply verify it",
} if {
	not input.rollback == true
	before := organization.comes_after[input.environment]
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
	"msg": sprintf("%s has been in %s for %v s, %d s are needed", [input.version, before, input.previous_environment.soaked_seconds, soak]),
	"path": sprintf("/environments/%s/version", [input.environment]),
	"hint": "wait, then merge",
} if {
	not input.rollback == true
	before := organization.comes_after[input.environment]
	verified_before
	not input.previous_environment.soaked_seconds >= soak
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
	"msg": sprintf("policies/data.yaml does not say how long %s risk must soak before %s", [input.risk, input.environment]),
	"path": sprintf("/environments/%s/version", [input.environment]),
	"hint": "set organization.soak for the environment and risk",
} if {
	organization.comes_after[input.environment]
	not soak >= 0
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
	"msg": sprintf("%s is held by %v: %v", [input.environment, hold.by, hold.reason]),
	"path": sprintf("/environments/%s/hold", [input.environment]),
	"hint": "take the hold away in a pull request of its own, then promote",
} if {
	not input.rollback == true
	not input.desired.digest == current_digest
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
	"msg": sprintf("the rollback sets no hold on %s", [input.environment]),
	"path": sprintf("/environments/%s", [input.environment]),
	"hint": "let mergeline rollback write the file",
} if {
	input.rollback == true
	not is_object(object.get(input.desired, "hold", null))
}

verified_before if {
	input.previous_environment.digest == input.desired.digest
	input.previous_environment.verified == true
}

# The longer of what the organisation and what the model's own deployment.yaml ask.
soak := max([organizations_soak, models_soak])

organizations_soak := lib.seconds(organization.soak[input.environment][input.risk])

models_soak := lib.seconds(object.get(
	input.specs,
	["deployment", "environments", input.environment, "soak"],
	"0s",
))

holds contains input.current.hold if is_object(input.current.hold)

holds contains input.desired.hold if is_object(input.desired.hold)
