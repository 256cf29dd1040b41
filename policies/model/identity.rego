package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A team answers for the model
# description: |
#   The owner is asked for reviews and told when something breaks, so it must be a team that
#   exists.
# custom:
#   id: owner-is-placeholder
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "owner-is-placeholder",
	"msg": $"the owner is '{input.specs.model.owner}', which is no team",
	"path": "/model/owner",
	"hint": "name the team that answers for the model",
} if {
	lower(input.specs.model.owner) in organization.placeholder_owners
}

# METADATA
# title: The description says what the model is for
# description: |
#   A reviewer who does not know the model must understand what it decides, and for whom.
# custom:
#   id: description-too-short
#   severity: warning
#   practice: 1
#   owner: platform
warn contains {
	"id": "description-too-short",
	"msg": $"the description has {length} characters, {organization.description_min_characters} are asked for",
	"path": "/model/description",
	"hint": "say what the model predicts, who uses it, and what a wrong answer costs",
} if {
	length := count(input.specs.model.description)
	length < organization.description_min_characters
}

# METADATA
# title: A model of high risk has a runbook
# description: |
#   Whoever is called at night must find what to do: how to roll back, whom to ask.
# custom:
#   id: runbook-missing
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "runbook-missing",
	"msg": "the model is of high risk and links no runbook",
	"path": "/model/links",
	"hint": "set links.runbook in model.yaml",
} if {
	input.specs.model.risk == "high"
	not lib.given(input.specs.model, ["links", "runbook"])
}

# METADATA
# title: The model links its documentation
# description: |
#   What a model is good for, and what not, is documented where people look.
# custom:
#   id: documentation-missing
#   severity: warning
#   practice: 6
#   owner: platform
warn contains {
	"id": "documentation-missing",
	"msg": "the model links no documentation",
	"path": "/model/links",
	"hint": "set links.documentation in model.yaml",
} if {
	not lib.given(input.specs.model, ["links", "documentation"])
}

# METADATA
# title: A model of high risk links its dashboard
# description: |
#   Latency, errors and drift are looked at in one place.
# custom:
#   id: dashboard-missing
#   severity: warning
#   practice: 7
#   owner: platform
warn contains {
	"id": "dashboard-missing",
	"msg": "the model is of high risk and links no dashboard",
	"path": "/model/links",
	"hint": "set links.dashboard in model.yaml",
} if {
	input.specs.model.risk == "high"
	not lib.given(input.specs.model, ["links", "dashboard"])
}
