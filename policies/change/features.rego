package mergeline.change

# METADATA
# title: A changed feature gets a new version
# description: |
#   Whoever uses a feature must see that it is no longer the same. Compared is its content: the
#   columns that it reads, their types and order, its transform with parameters and type, and what
#   its function does, with all that this uses in its file. Comments, layout and names are no part.
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
	some name in content_changed
	some i, feature in input.head.features.features
	feature.name == name
	some before in input.base.features.features
	before.name == name
	feature.version == before.version
}

# METADATA
# title: Versions of features only go up
# description: |
#   A version names one content for ever. To go back, write the earlier content as a new version.
# custom:
#   id: feature-version-lowered
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "feature-version-lowered",
	"msg": $"feature {feature.name} goes from version {before.version} down to {feature.version}",
	"path": $"/features/features/{i}/version",
	"hint": $"write a version above {before.version}, or the same if nothing changed",
} if {
	some i, feature in input.head.features.features
	some before in input.base.features.features
	before.name == feature.name
	feature.version < before.version
}

# Who says no content of a feature, says that it may have changed.
content_changed contains feature.name if {
	some feature in input.head.features.features
	object.get(input, ["contents", "base", feature.name], "base") != object.get(input, ["contents", "head", feature.name], "head")
}
