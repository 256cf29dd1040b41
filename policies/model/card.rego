package mergeline.model

import data.mergeline.lib

# METADATA
# title: A model of high risk says what it is for, and what not
# description: |
#   Whoever reads the model card must be able to tell whether a use is one that the model was made
#   and measured for. Nobody but its owner knows.
# custom:
#   id: intended-use-missing
#   severity: warning
#   practice: 6
#   owner: platform
warn contains {
	"id": "intended-use-missing",
	"msg": $"the model is of high risk and does not say its {said(part)}",
	"path": "/model/intended_use",
	"hint": $"set intended_use.{part} in model.yaml; mergeline card shows it",
} if {
	input.specs.model.risk == "high"
	some part in ["primary_uses", "out_of_scope_uses"]
	not lib.given(input.specs.model, ["intended_use", part])
}

# METADATA
# title: A model of high risk says where its answers are worth less
# description: |
#   Data end somewhere: a region, an age, a year. Who acts on an answer beyond that must have been
#   told.
# custom:
#   id: limitations-missing
#   severity: warning
#   practice: 6
#   owner: platform
warn contains {
	"id": "limitations-missing",
	"msg": "the model is of high risk and names no limitation",
	"path": "/model/limitations",
	"hint": "set limitations in model.yaml; mergeline card shows them",
} if {
	input.specs.model.risk == "high"
	not lib.given(input.specs.model, ["limitations"])
}

said("primary_uses") := "intended uses"

said("out_of_scope_uses") := "out-of-scope uses"
