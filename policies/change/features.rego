package mergeline.change

# METADATA
# title: A changed feature gets a new version
# description: |
#   Whoever shares a feature must see that it is no longer the same.
# custom:
#   id: feature-version-not-raised
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "feature-version-not-raised",
	"msg": $"feature {feature.name} changed and is still version {feature.version}",
	"path": $"/features/features/{i}/version",
	"hint": "raise the feature's version",
} if {
	some i, feature in input.head.features.features
	some before in input.base.features.features
	before.name == feature.name
	meaning(before) != meaning(feature)
	feature.version <= before.version
}

# METADATA
# title: Changed feature code is a changed feature
# description: |
#   A function of the model folder was edited, and the feature that calls it has the same
#   version.
# custom:
#   id: feature-code-changed
#   severity: warning
#   practice: 1
#   owner: platform
warn contains {
	"id": "feature-code-changed",
	"msg": $"{file} changed, and feature {feature.name} that calls it is still version {feature.version}",
	"path": $"/features/features/{i}/version",
	"hint": "raise the feature's version if its values change",
} if {
	some i, feature in input.head.features.features
	some before in input.base.features.features
	before.name == feature.name
	before.version == feature.version
	feature.transform.type == "python"
	file := $"models/{input.model}/{split(feature.transform.function, ":")[0]}"
	file in input.changed_files
}

meaning(feature) := {
	"inputs": feature.inputs,
	"transform": feature.transform,
	"dtype": object.get(feature, "dtype", "float64"),
}
