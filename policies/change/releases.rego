package mergeline.change

# METADATA
# title: A release record is never edited
# description: |
#   The registry is append-only: what was released stays as it was.
# custom:
#   id: release-edited
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "release-edited",
	"msg": $"release {version} is edited",
	"path": $"/releases/{version}",
	"hint": "take the edit back; release a new version instead",
} if {
	some version, release in object.get(base, "releases", {})
	version in object.keys(object.get(head, "releases", {}))
	head.releases[version] != release
}

# METADATA
# title: A release record is never deleted
# description: |
#   An auditor must find every version that ever was.
# custom:
#   id: release-deleted
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "release-deleted",
	"msg": $"release {version} is deleted",
	"path": $"/releases/{version}",
	"hint": "restore the file",
} if {
	some version in object.keys(object.get(base, "releases", {}))
	not version in object.keys(object.get(head, "releases", {}))
}

# METADATA
# title: A model that serves is not deleted
# description: |
#   First take it out of its environments, then delete it.
# custom:
#   id: model-deleted-while-deployed
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "model-deleted-while-deployed",
	"msg": $"the model is deleted while {concat(", ", sort([one | some one in object.keys(base.environments)]))} wants it",
	"path": "/environments",
	"hint": "keep the folder until nothing uses the model",
} if {
	input.head == null
	count(object.get(base, "environments", {})) > 0
}

base := specs if {
	specs := input.base
	specs != null
} else := {}

head := specs if {
	specs := input.head
	specs != null
} else := {}
