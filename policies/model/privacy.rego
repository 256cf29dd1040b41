package mergeline.model

import data.mergeline.lib

# METADATA
# title: Personal data is no feature
# description: |
#   Columns of personal data that are neither hashed nor pseudonymised are not learned from.
# custom:
#   id: pii-in-features
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-in-features",
	"msg": $"feature {feature.name} reads {column}, which is personal data",
	"path": $"/features/features/{i}/inputs/{j}",
	"hint": "leave the column out, or hash it where the data is made and say so in pii_treatment",
} if {
	count(untreated) > 0
	features := input.specs.features.features
	some i, feature in features
	inputs := feature.inputs
	some j, column in inputs
	column in untreated
}

# METADATA
# title: Personal data is not predicted as it is
# description: |
#   Who learns to predict a column learns what it holds.
# custom:
#   id: pii-as-target
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-as-target",
	"msg": $"the target {target} is personal data",
	"path": "/data/target",
	"hint": "predict something that is made of it, or set pii: false if it tells of nobody",
} if {
	count(untreated) > 0
	target := input.specs.data.target
	target in untreated
}

# METADATA
# title: A pseudonym is personal data still
# description: |
#   Whoever has the key, or enough other columns, can tell who it is. A model seldom needs it.
# custom:
#   id: pseudonym-in-features
#   severity: warning
#   practice: 9
#   owner: platform
warn contains {
	"id": "pseudonym-in-features",
	"msg": $"feature {feature.name} reads {column}, which stands for a person",
	"path": $"/features/features/{i}/inputs/{j}",
	"hint": "derive what the model needs where the data is made, and drop the column",
} if {
	count(stand_ins) > 0
	features := input.specs.features.features
	some i, feature in features
	inputs := feature.inputs
	some j, column in inputs
	column in stand_ins
}

# METADATA
# title: The form of pseudonyms is checked
# description: |
#   That a column is pseudonymised can be said of any. An expectation of the form that its values
#   have, such as `^c_[0-9a-f]{16}$`, stops the first file in which names stand there again.
# custom:
#   id: pseudonyms-not-checked
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pseudonyms-not-checked",
	"msg": $"no expectation checks the form of the pseudonyms in {column.name}",
	"path": $"/data/datasets/{i}/columns/{j}",
	"hint": "add expect_column_values_to_match_regex for the column, from ^ to $ and of all values",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	columns := dataset.columns
	some j, column in columns
	column.pii_treatment == "pseudonymised"
	count([true |
		some expectation in object.get(dataset, "expectations", [])
		expectation.type == "expect_column_values_to_match_regex"
		expectation.kwargs.column == column.name

		# Of every value, and not a form that any name has.
		object.get(expectation.kwargs, "mostly", 1) == 1
		startswith(expectation.kwargs.regex, "^")
		endswith(expectation.kwargs.regex, "$")
		trim(expectation.kwargs.regex, `^$.*+?()\swSW`) != ""
	]) == 0
}

# METADATA
# title: Personal data is not logged
# description: |
#   The prediction log keeps no feature that is made of personal data, unless these are hashed or
#   pseudonymised.
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
	count(untreated) > 0
	names := object.get(input.specs.monitoring, ["prediction_log", "features"], [])
	some i, name in names
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
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	not lib.given(dataset, ["retention"])
	columns := dataset.columns
	some column in columns
	column.pii == true
}

# METADATA
# title: Personal data has readers
# description: |
#   A dataset with personal data says which teams may read its rows. Their people fetch it with
#   credentials of their own, and the workflows in an environment that holds one for it alone.
# custom:
#   id: pii-without-access
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-without-access",
	"msg": $"dataset {dataset.name} holds personal data and does not say who may read it",
	"path": $"/data/datasets/{i}",
	"hint": $"set access, such as access: \{teams: [{input.specs.model.owner}]}",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	count(object.get(dataset, ["access", "teams"], [])) == 0
	columns := dataset.columns
	some column in columns
	column.pii == true
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
	target := input.specs.data.target
	features := input.specs.features.features
	some i, feature in features
	inputs := feature.inputs
	some j, column in inputs
	column == target

	# A forecast learns from the target's own past.
	kind := object.get(feature, ["transform", "type"], "")
	kind != "lag"
	kind != "rolling"
}

# Personal data as they are, or dropped, so that no feature finds them.
untreated contains column.name if {
	some column in personal
	not object.get(column, "pii_treatment", null) in treated
}

stand_ins contains column.name if {
	some column in personal
	object.get(column, "pii_treatment", null) in treated
}

personal := [column |
	datasets := input.specs.data.datasets
	some dataset in datasets
	columns := dataset.columns
	some column in columns
	column.pii == true
]

treated := {"hashed", "pseudonymised"}

reveals(name) if name in untreated

reveals(name) if {
	some feature in input.specs.features.features
	feature.name == name
	some column in feature.inputs
	column in untreated
}
