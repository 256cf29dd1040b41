package mergeline.promotion

import data.mergeline.lib
import data.organization

# METADATA
# title: The release is on record
# description: |
#   What is promoted has a release record with all its evidence.
# custom:
#   id: release-missing
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "release-missing",
	"msg": $"there is no release record for version {version}",
	"path": $"/environments/{environment}/version",
	"hint": "promote a version that has a file in releases/",
} if {
	not is_object(release)
}

# METADATA
# title: The record is of the version asked for
# description: |
#   Version, record and environment say the same.
# custom:
#   id: release-of-other-version
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "release-of-other-version",
	"msg": $"environment {environment} asks for {shown(["desired", "version"])}, the record is of {shown(["release", "version"])}",
	"path": $"/environments/{environment}/version",
	"hint": "let mergeline promote write the file",
} if {
	is_object(release)
	not one_version
}

# METADATA
# title: An approval binds to the release's digest
# description: |
#   The digest asked for is that of the record.
# custom:
#   id: digest-differs-from-release
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "digest-differs-from-release",
	"msg": $"environment {environment} asks for {shown(["desired", "digest"])}, release {version} has {shown(["release", "digest"])}",
	"path": $"/environments/{environment}/digest",
	"hint": "let mergeline promote write the file",
} if {
	is_object(release)
	not digest_of_release
}

# METADATA
# title: The version is in the registry
# description: |
#   What is not registered cannot be served.
# custom:
#   id: registry-entry-missing
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "registry-entry-missing",
	"msg": $"version {version} is not in the registry",
	"path": $"/environments/{environment}/version",
	"hint": "run mergeline apply on the release's merge first",
} if {
	not is_object(registry)
}

# METADATA
# title: The registry holds what was approved
# description: |
#   A registry that holds another digest was changed behind Git's back.
# custom:
#   id: digest-differs-from-registry
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "digest-differs-from-registry",
	"msg": $"the registry holds {shown(["registry", "digest"])} for version {version}, environment {environment} asks for {shown(["desired", "digest"])}",
	"path": $"/environments/{environment}/digest",
	"hint": "find out who changed the registry; release a new version",
} if {
	is_object(registry)
	not digest_of_registry
}

# METADATA
# title: The registry entry is complete
# description: |
#   Owner, data, metrics, environment and approvals are all on record.
# custom:
#   id: registry-entry-incomplete
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "registry-entry-incomplete",
	"msg": $"the registry entry of {version} is incomplete: {missing}",
	"path": $"/environments/{environment}/version",
	"hint": "run mergeline apply on the release's merge again",
} if {
	is_object(registry)
	not registry.complete == true
}

# METADATA
# title: A promotion replaces what it expected to replace
# description: |
#   Of two promotions of one model the second must be planned again.
# custom:
#   id: replaced-digest-differs
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "replaced-digest-differs",
	"msg": $"the change expects {replaces} in {environment}, but {current_digest} is there",
	"path": $"/environments/{environment}/replaces",
	"hint": "update the branch and run mergeline promote again",
} if {
	not replaces == current_digest
	not left_as_it_was
}

# METADATA
# title: Evidence is fresh
# description: |
#   Data moves on: a model evaluated long ago is not known to be good today.
# custom:
#   id: evidence-too-old
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "evidence-too-old",
	"msg": $"the evidence of {version} is {days} days old, {risk} risk allows {limit}",
	"path": $"/environments/{environment}/version",
	"hint": "release a new version",
} if {
	not input.rollback == true
	not settled
	not "evidence-too-old" in waived
	limit := organization.evidence_max_age[risk]
	is_number(input.evidence_age_seconds)
	input.evidence_age_seconds > lib.seconds(limit)
	days := floor(input.evidence_age_seconds / 86400)
}

# METADATA
# title: The age of the evidence is known
# description: |
#   What cannot be dated is not fresh.
# custom:
#   id: evidence-age-unknown
#   severity: error
#   practice: 6
#   owner: platform
deny contains {
	"id": "evidence-age-unknown",
	"msg": $"the age of the evidence of {version}, or the age that {risk} risk allows, is not known",
	"path": $"/environments/{environment}/version",
	"hint": "set organization.evidence_max_age in policies/data.yaml, and see that the training commit is in the history",
} if {
	not input.rollback == true
	not settled
	not age_known
}

one_version if {
	input.desired.version == version
	release.version == version
}

digest_of_release if input.desired.digest == release.digest

digest_of_registry if input.desired.digest == registry.digest

# What is not said is neither null nor a digest.
replaces := object.get(input, ["desired", "replaces"], "nothing")

# Who edits the hold alone leaves the rest of the file as it is.
left_as_it_was if {
	digest_unchanged
	input.current.replaces == replaces
}

default missing := "it does not say what is missing"

missing := concat(", ", [name | some name in input.registry.missing]) if count(input.registry.missing) > 0

age_known if {
	is_number(input.evidence_age_seconds)
	lib.seconds(organization.evidence_max_age[risk]) >= 0
}
