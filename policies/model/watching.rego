package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: Predictions are kept until their labels arrive
# description: |
#   A prediction that is deleted before its label comes can never be measured.
# custom:
#   id: prediction-log-too-short
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "prediction-log-too-short",
	"msg": $"predictions are kept for {kept}, labels for {performance.metric} take {performance.label_delay}",
	"path": "/monitoring/prediction_log/retention",
	"hint": "raise prediction_log.retention above the label_delay",
} if {
	kept := object.get(input.specs.monitoring, ["prediction_log", "retention"], "90d")
	metrics := object.get(input.specs.monitoring, "performance", [])
	some performance in metrics
	not lib.at_least(kept, performance.label_delay)
}

# METADATA
# title: Of a model of high risk every prediction is kept
# description: |
#   Who is refused a loan asks about that one prediction, not about a sample.
# custom:
#   id: prediction-log-sampled
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "prediction-log-sampled",
	"msg": $"the model is of high risk and logs a share of {rate} of its predictions",
	"path": "/monitoring/prediction_log/sample_rate",
	"hint": "set prediction_log.sample_rate: 1.0",
} if {
	input.specs.model.risk == "high"
	rate := object.get(input.specs.monitoring, ["prediction_log", "sample_rate"], 1)
	rate < 1
}

# METADATA
# title: A drift check can fire
# description: |
#   Above the usual lines a distribution has long become another one.
# custom:
#   id: drift-threshold-loose
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "drift-threshold-loose",
	"msg": $"the {drift.method} threshold of {drift.feature} is {drift.threshold}, at most {limit} is allowed",
	"path": $"/monitoring/drift/{i}/threshold",
	"hint": "lower the threshold, or have organization.monitoring.drift_threshold_max raised in policies/data.yaml",
} if {
	limits := organization.monitoring.drift_threshold_max
	checks := object.get(input.specs.monitoring, "drift", [])
	some i, drift in checks
	limit := limits[drift.method]
	drift.threshold > limit
}

# METADATA
# title: Of a model of high risk somebody is woken
# description: |
#   An alert that waits until morning is too late where a wrong answer costs much.
# custom:
#   id: critical-alert-missing
#   severity: warning
#   practice: 7
#   owner: platform
warn contains {
	"id": "critical-alert-missing",
	"msg": "the model is of high risk and has no critical alert",
	"path": "/monitoring/alerts",
	"hint": "add an alert of severity critical with the team that is on call",
} if {
	input.specs.model.risk == "high"
	count([alert | some alert in object.get(input.specs.monitoring, "alerts", []); alert.severity == "critical"]) == 0
}

# METADATA
# title: Every model in production is watched
# description: |
#   Whatever the risk: a model whose inputs and quality nobody looks at is found out by its users.
# custom:
#   id: not-watched
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "not-watched",
	"msg": "the model goes to production, and neither drift nor performance is watched",
	"path": "/monitoring",
	"hint": "add drift with a feature, a method and a threshold, or performance with a metric",
} if {
	is_object(production)
	not lib.given(input.specs.monitoring, ["drift"])
	not lib.given(input.specs.monitoring, ["performance"])
}
