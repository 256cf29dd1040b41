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
# title: The right part of the version rises
# description: |
#   Other data, features or code ask for a new minor version, another meaning of the answers for a
#   new major one (a minor one while it is 0.y.z); a patch tells users that nothing of that changed.
# custom:
#   id: version-part-too-small
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "version-part-too-small",
	"msg": $"the changes ask for a new {part} version, but it goes from {input.base.model.version} to {input.head.model.version}",
	"path": "/model/version",
	"hint": "raise that part; mergeline plan says which change asks for it",
} if {
	lib.above(input.head.model.version, input.base.model.version)
	before := lib.core(input.base.model.version)
	after := lib.core(input.head.model.version)
	some part in parts_asked
	count_of_part := parts_up_to[part]
	array.slice(after, 0, count_of_part) == array.slice(before, 0, count_of_part)
	not on_its_way(input.base.model.version, count_of_part)
}

# A pre-release goes to its own core, and has announced no more than that: of 1.2.0-rc.1 a new minor
# version, of 1.1.1-rc.1 a patch.
on_its_way(version, count_of_part) if {
	lib.prerelease(version) != ""
	sum(array.slice(lib.core(version), count_of_part, 3)) == 0
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

# How many leading numbers of the version must not stay as they are.
parts_up_to := {"major": 1, "minor": 2}

parts_asked contains "minor" if {
	some change in input.changes
	change.part == "minor"
}

parts_asked contains highest if {
	some change in input.changes
	change.part == "major"
	highest := highest_part(lib.core(input.base.model.version)[0])
}

# 0.y.z promises nothing.
highest_part(0) := "minor"

highest_part(major) := "major" if major > 0

rank := {"low": 1, "medium": 2, "high": 3}

trained_anew contains "data" if pinned(input.base) != pinned(input.head)

trained_anew contains "features" if input.base.features != input.head.features

trained_anew contains "training" if training(input.base) != training(input.head)

# The lockfile and the template, which stand outside of the folder.
trained_anew contains change.kind if {
	some change in input.changes
	is_string(change.part)
	some top in {"lockfile", "pipeline"}
	startswith(change.path, $"/{top}")
}

trained_anew contains "code" if {
	input.base != null
	some file in input.changed_files
	startswith(file, $"models/{input.model}/")
	endswith(file, ".py")
}

# Expectations, retention, readers, prose and what feature stores ask do not change what is learned.
pinned(specs) := {
	"target": specs.data.target,
	"split": specs.data.split,
	"datasets": [dataset |
		some one in specs.data.datasets
		dataset := object.remove(one, ["expectations", "retention", "access", "description", "join_keys", "event_timestamp"])
	],
}

training(specs) := object.remove(specs.training, ["resources", "budget"])
