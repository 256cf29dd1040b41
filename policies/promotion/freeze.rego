package mergeline.promotion

import data.organization

# METADATA
# title: Nothing is promoted in a freeze
# description: |
#   There are days on which nobody is there to mend what a new release breaks. A rollback passes.
# custom:
#   id: frozen
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "frozen",
	"msg": $"{environment} is frozen until {freeze.to} by {freeze.by}: {freeze.reason}",
	"path": $"/environments/{environment}",
	"hint": "merge it afterwards; a rollback passes",
} if {
	not input.rollback == true
	not settled
	not "frozen" in waived
	some freeze in organization.freezes
	environment in freeze.environments
	model in object.get(freeze, "models", [model])
	moment >= freeze.from
	moment < freeze.to
}

# METADATA
# title: A freeze says from when, until when, where, why and by whom
# description: |
#   One that cannot be compared with the moment of the merge would stop nothing.
# custom:
#   id: freeze-unreadable
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "freeze-unreadable",
	"msg": $"{what} cannot be read, so nobody can tell whether {environment} is frozen",
	"path": $"/environments/{environment}",
	"hint": "write organization.freezes with from and to such as 2026-12-21T00:00:00Z, environments, reason and by",
} if {
	some what in unreadable
}

unreadable contains $"freeze {number}" if {
	some index, freeze in organization.freezes
	not readable(freeze)
	number := index + 1
}

unreadable contains "the moment of the merge" if {
	not in_form(moment)
}

readable(freeze) if {
	in_form(freeze.from)
	in_form(freeze.to)
	freeze.from < freeze.to
	is_array(freeze.environments)
	is_array(object.get(freeze, "models", []))
	is_string(freeze.reason)
	is_string(freeze.by)
}

# In this form, and in UTC, the order of texts is that of time.
in_form(text) if {
	is_string(text)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`, text)
}

moment := object.get(input, "moment", "nothing")

model := object.get(input, "model", "nothing")
