package mergeline.model

import data.mergeline.lib

# METADATA
# title: Personal data is no feature
# description: |
#   Columns marked as personal data are not learned from.
# custom:
#   id: pii-in-features
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-in-features",
	"msg": $"feature {feature.name} reads {column}, which is personal data",
	"path": $"/features/features/{i}/inputs/{j}",
	"hint": "leave the column out, or replace it by a pseudonym where the data is made",
} if {
	some i, feature in input.specs.features.features
	some j, column in feature.inputs
	column in personal
}

# METADATA
# title: Personal data is not logged
# description: |
#   The prediction log keeps no feature that is made of personal data.
# custom:
#   id: pii-in-prediction-log
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-in-prediction-log",
	"msg": $"the prediction log keeps {name}, which holds personal data",
	"path": $"/monitoring/prediction_log/features/{i}",
	"hint": "take the feature out of prediction_log.features",
} if {
	some i, name in object.get(input.specs.monitoring, ["prediction_log", "features"], [])
	reveals(name)
}

# METADATA
# title: Personal data has a limit to its keeping
# description: |
#   A dataset with personal data says how long it may be kept.
# custom:
#   id: pii-without-retention
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-without-retention",
	"msg": $"dataset {dataset.name} holds personal data and has no retention",
	"path": $"/data/datasets/{i}",
	"hint": "set retention, such as 365d",
} if {
	some i, dataset in input.specs.data.datasets
	some column in dataset.columns
	object.get(column, "pii", false) == true
	not lib.given(dataset, ["retention"])
}

# METADATA
# title: The target is no feature
# description: |
#   A feature that reads the target gives the answer away: the evaluation would mean nothing.
# custom:
#   id: target-in-features
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "target-in-features",
	"msg": $"feature {feature.name} reads the target {column}",
	"path": $"/features/features/{i}/inputs/{j}",
	"hint": "take the target out of the feature's inputs",
} if {
	some i, feature in input.specs.features.features
	some j, column in feature.inputs
	column == input.specs.data.target
}

personal contains column.name if {
	some dataset in input.specs.data.datasets
	some column in dataset.columns
	object.get(column, "pii", false) == true
}

reveals(name) if name in personal

reveals(name) if {
	some feature in input.specs.features.features
	feature.name == name
	some column in feature.inputs
	column in personal
}
