package mergeline.promotion

import data.organization

# METADATA
# title: An emergency sets aside only what the organisation lets it
# description: |
#   Digests, provenance and the separation of author and approver hold always.
# custom:
#   id: emergency-waives-too-much
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "emergency-waives-too-much",
	"msg": $"an emergency cannot waive {id}",
	"path": $"/environments/{environment}/emergency/waives",
	"hint": "organization.emergency.may_waive in policies/data.yaml lists what it can",
} if {
	some id in emergency.waives
	not id in organization.emergency.may_waive
}

# METADATA
# title: An emergency is of one change
# description: |
#   Left in the file by the next change, it would set gates aside for what nobody calls urgent.
# custom:
#   id: emergency-left-over
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "emergency-left-over",
	"msg": "the emergency of an earlier change is still in the file",
	"path": $"/environments/{environment}/emergency",
	"hint": "take it out; let mergeline promote write the file",
} if {
	not settled
	is_object(emergency)
	input.current.emergency == emergency
}

# METADATA
# title: An emergency is shown
# description: |
#   Who approves it sees what it sets aside; an issue stays open until somebody has followed it up.
# custom:
#   id: emergency-declared
#   severity: warning
#   practice: 9
#   owner: platform
warn contains {
	"id": "emergency-declared",
	"msg": $"{emergency.by} declares an emergency that waives {concat(", ", sort([id | some id in emergency.waives]))}: {emergency.reason}",
	"path": $"/environments/{environment}/emergency",
	"hint": "approve only what cannot wait; an issue stays open until it is followed up",
} if {
	not settled
	is_object(emergency)
}
