package mergeline.change

# METADATA
# title: A promotion changes nothing else
# description: |
#   Who approves a promotion approves one release for one environment, and no edit beside it.
# custom:
#   id: environment-mixed-with-specs
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "environment-mixed-with-specs",
	"msg": $"environment {name} changes together with {concat(", ", sort([one | some one in others]))}",
	"path": $"/environments/{name}",
	"hint": "put them into two pull requests",
} if {
	input.head != null
	some name in moved
	count(others) > 0
}

# METADATA
# title: An environment's file is not removed
# description: |
#   Without it nobody knows what should run there.
# custom:
#   id: environment-removed
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "environment-removed",
	"msg": $"environments/{name}.yaml is removed",
	"path": $"/environments/{name}",
	"hint": "restore the file",
} if {
	input.head != null
	some name in object.keys(object.get(base, "environments", {}))
	not name in object.keys(object.get(head, "environments", {}))
}

# METADATA
# title: An environment names a release that is on record
# description: |
#   The digest is that of the record, so that an approval binds to it.
# custom:
#   id: environment-without-release
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "environment-without-release",
	"msg": $"environment {name} wants {environment.version} with a digest that no release record has",
	"path": $"/environments/{name}/digest",
	"hint": "let mergeline promote write the file",
} if {
	some name in moved
	environment := head.environments[name]
	not on_record(environment)
}

on_record(environment) if head.releases[environment.version].digest == environment.digest

moved contains name if {
	some name, environment in object.get(head, "environments", {})
	not object.get(base, ["environments", name], null) == environment
}

others contains section if {
	some section in {"model", "data", "features", "training", "evaluation", "deployment", "monitoring"}
	object.get(base, section, null) != object.get(head, section, null)
}

# A release pull request adds the record and sets staging: that is one thing.
others contains file if {
	some file in input.changed_files
	not startswith(file, $"models/{input.model}/")
}

others contains file if {
	some file in input.changed_files
	startswith(file, $"models/{input.model}/")
	not endswith(file, ".yaml")
	not signature(file)
}

# The bundles that sign a release come with its record; that they are its own is checked with the specs.
signature(file) if {
	startswith(file, $"models/{input.model}/releases/")
	endswith(file, ".sigstore.json")
}
