package mergeline.promotion

import data.mergeline.lib

# METADATA
# title: The organisation's numbers are there
# description: |
#   A rule whose number is missing could never say no.
# custom:
#   id: tunables-missing
#   severity: error
#   practice: 9
#   owner: platform
#   bad: "organization: {soak: {}}  # and nothing else"
#   good: "organization: {soak: {}, evidence_max_age: {low: 90d, medium: 30d, high: 14d}, …}"
deny contains {
	"id": "tunables-missing",
	"msg": $"policies/data.yaml has no organization.{name}",
	"path": $"/environments/{environment}",
	"hint": "write it; the reference repository's policies/data.yaml shows how",
} if {
	some name in lib.missing_tunables
}
