package mergeline.model

import data.organization

# METADATA
# title: A fairness check can fail
# description: |
#   A difference that would pass anything is no bound.
# custom:
#   id: fairness-threshold-loose
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "fairness-threshold-loose",
	"msg": $"the accepted {fairness.metric} is {fairness.threshold}, at most {limit} is allowed",
	"path": $"/evaluation/fairness/{i}/threshold",
	"hint": "lower the threshold, or have organization.evaluation.fairness_threshold_max raised in policies/data.yaml",
} if {
	some i, fairness in object.get(input.specs.evaluation, "fairness", [])
	limit := organization.evaluation.fairness_threshold_max
	fairness.threshold > limit
}
