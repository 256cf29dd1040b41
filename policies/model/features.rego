package mergeline.model

import data.organization

# METADATA
# title: A team answers for each feature
# description: |
#   Features outlive the model they were made for; someone must answer for each.
# custom:
#   id: feature-owner-is-placeholder
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "feature-owner-is-placeholder",
	"msg": $"feature {feature.name} is owned by '{feature.owner}', which is no team",
	"path": $"/features/features/{i}/owner",
	"hint": "name the team that answers for the feature",
} if {
	features := input.specs.features.features
	some owner in {feature.owner | some feature in features}
	lower(owner) in organization.placeholder_owners
	some i, feature in features
	feature.owner == owner
}

# METADATA
# title: Each feature has a version
# description: |
#   A feature is known by name, owner and version, from 1 upwards.
# custom:
#   id: feature-not-versioned
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "feature-not-versioned",
	"msg": $"feature {feature.name} has no version",
	"path": $"/features/features/{i}",
	"hint": "set version: 1, and raise it whenever the transform changes",
} if {
	not features_versioned
	features := input.specs.features.features
	some i, feature in features
	object.get(feature, "version", 0) < 1
}

# METADATA
# title: A feature is defined once
# description: |
#   Two definitions of one name cannot both be what the model saw.
# custom:
#   id: feature-named-twice
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "feature-named-twice",
	"msg": $"feature {feature.name} is defined more than once",
	"path": $"/features/features/{i}/name",
	"hint": "rename or remove one of them",
} if {
	features := input.specs.features.features
	count({feature.name | some feature in features}) < count(features)
	some i, feature in features
	some j, other in features
	other.name == feature.name
	j < i
}

# Looked at together first: a number compared for each of hundreds would take its time.
features_versioned if {
	features := input.specs.features.features
	versions := [feature.version | some feature in features]
	count(versions) == count(features)
	count([version | some version in versions; version >= 1]) == count(versions)
}
