package mergeline.promotion

import data.organization

# METADATA
# title: A release is signed by somebody who may sign
# description: |
#   Whoever can write to the registry and to Git still cannot make a release: it takes a key, or the
#   identity of the workflow that releases. Nothing waives it; a rollback to what went in unsigned
#   passes. That the signature holds is checked by `mergeline apply`, whatever is asked for here.
# custom:
#   id: signature-missing
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "signature-missing",
	"msg": $"{environment} takes signed releases of {risk} risk only, and nobody signed {version}",
	"path": $"/environments/{environment}/version",
	"hint": "release a new version where MERGELINE_SIGNING_KEY, or id-token: write, is set",
} if {
	to_be_signed
	count(signers) > 0
	not is_object(object.get(release, "signature", null))
}

# METADATA
# title: Who may sign is known
# description: |
#   Without it nothing could be asked to be signed.
# custom:
#   id: signing-not-configured
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "signing-not-configured",
	"msg": "who may sign, or what must be signed, is not known",
	"path": $"/environments/{environment}/version",
	"hint": "write organization.signing in policies/data.yaml: required and signers",
} if {
	not signing_known
}

# METADATA
# title: Somebody may sign
# description: |
#   Until the first signer is named, releases go unsigned to where they should be signed.
# custom:
#   id: signers-missing
#   severity: warning
#   practice: 9
#   owner: platform
warn contains {
	"id": "signers-missing",
	"msg": $"{environment} should take signed releases of {risk} risk only, but nobody may sign",
	"path": $"/environments/{environment}/version",
	"hint": "make a key with mergeline key new, and name it in policies/data.yaml",
} if {
	to_be_signed
	count(signers) == 0
}

to_be_signed if {
	is_object(release)
	not input.rollback == true
	not settled
	risk in organization.signing.required[environment]
}

signing_known if {
	is_array(signers)
	is_object(organization.signing.required)
}

signers := input.signers if is_array(input.signers)
