package mergeline.change

import data.mergeline.lib

# METADATA
# title: What is trained anew gets a new version
# description: |
#   A version names one model for ever: when data, features or training change, so does the
#   version.
# custom:
#   id: version-not-raised
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "version-not-raised",
	"msg": $"{concat(", ", sort([one | some one in trained_anew]))} changed, but the version is {input.head.model.version} as before",
	"path": "/model/version",
	"hint": "raise version in model.yaml: patch for hyperparameters, minor for features or data, major for a new meaning",
} if {
	input.base.model.version == input.head.model.version
	count(trained_anew) > 0
}

# METADATA
# title: Versions only go up
# description: |
#   To go back, promote an earlier release; the next one still has a higher number.
# custom:
#   id: version-lowered
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "version-lowered",
	"msg": $"the version goes from {input.base.model.version} down to {input.head.model.version}",
	"path": "/model/version",
	"hint": "choose a version above the one before",
} if {
	input.base.model.version != input.head.model.version
	not lib.above(input.head.model.version, input.base.model.version)
}

# METADATA
# title: A lower risk is a decision of its own
# description: |
#   A lower risk asks for fewer approvals from then on.
# custom:
#   id: risk-lowered
#   severity: warning
#   practice: 9
#   owner: platform
warn contains {
	"id": "risk-lowered",
	"msg": $"the risk goes from {input.base.model.risk} down to {input.head.model.risk}, and the approvals with it",
	"path": "/model/risk",
	"hint": "say in the pull request why less can go wrong now",
} if {
	rank[input.head.model.risk] < rank[input.base.model.risk]
}

rank := {"low": 1, "medium": 2, "high": 3}

trained_anew contains "data" if pinned(input.base) != pinned(input.head)

trained_anew contains "features" if input.base.features != input.head.features

trained_anew contains "training" if training(input.base) != training(input.head)

trained_anew contains "code" if {
	input.base != null
	some file in input.changed_files
	startswith(file, $"models/{input.model}/")
	endswith(file, ".py")
}

# Expectations, retention and prose do not change what is learned.
pinned(specs) := {
	"target": specs.data.target,
	"split": specs.data.split,
	"datasets": [dataset |
		some one in specs.data.datasets
		dataset := object.remove(one, ["expectations", "retention", "description"])
	],
}

training(specs) := object.remove(specs.training, ["resources", "budget"])
