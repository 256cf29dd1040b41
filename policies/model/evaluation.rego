package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A candidate must pass at least one gate
# description: |
#   A model that no threshold can stop is not evaluated.
# custom:
#   id: no-gate
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "no-gate",
	"msg": "no metric has a threshold",
	"path": "/evaluation/metrics",
	"hint": "set threshold on the metric that matters most",
} if {
	count([metric | some metric in input.specs.evaluation.metrics; is_number(lib.at(metric, ["threshold"]))]) == 0
}

# METADATA
# title: A candidate of high risk is held against the champion
# description: |
#   Good enough is not enough where the version in production is better.
# custom:
#   id: champion-comparison-missing
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "champion-comparison-missing",
	"msg": "the model is of high risk and no metric is compared with the champion",
	"path": "/evaluation",
	"hint": "set baseline: champion, and min_absolute_change on a metric",
} if {
	input.specs.model.risk == "high"
	not compared
}

# METADATA
# title: A candidate is held against the champion
# description: |
#   Without a comparison a release may be worse than what it replaces.
# custom:
#   id: champion-not-compared
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "champion-not-compared",
	"msg": "no metric is compared with the champion",
	"path": "/evaluation",
	"hint": "set baseline: champion, and min_absolute_change on a metric",
} if {
	input.specs.model.risk == "medium"
	not compared
}

# METADATA
# title: A classifier of high risk is checked for fairness
# description: |
#   Differences between groups are measured and bounded before people are subject to them.
# custom:
#   id: fairness-missing
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "fairness-missing",
	"msg": "the model is a classifier of high risk without a fairness check",
	"path": "/evaluation",
	"hint": "add fairness with a sensitive_feature, a metric and a threshold",
} if {
	input.specs.model.risk == "high"
	input.specs.model.task in {"classification", "text-classification"}
	not lib.given(input.specs.evaluation, ["fairness"])
}

# METADATA
# title: A realtime model has a latency gate
# description: |
#   A model that answers too late does not answer.
# custom:
#   id: latency-missing
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "latency-missing",
	"msg": "the model serves in real time and has no latency gate",
	"path": "/evaluation",
	"hint": "set latency.threshold_milliseconds",
} if {
	input.specs.deployment.mode == "realtime"
	not lib.given(input.specs.evaluation, ["latency"])
}

# METADATA
# title: Confidence intervals are drawn often enough
# description: |
#   With few resamples the bounds of an interval are luck.
# custom:
#   id: too-few-resamples
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "too-few-resamples",
	"msg": $"the bootstrap draws {resamples} resamples, {organization.evaluation.resamples_min} are asked for",
	"path": "/evaluation/confidence/resamples",
	"hint": "raise confidence.resamples",
} if {
	resamples := object.get(input.specs.evaluation, ["confidence", "resamples"], 1000)
	resamples < organization.evaluation.resamples_min
}

# METADATA
# title: Intervals are wide enough to mean something
# description: |
#   A low level calls a difference real that is not.
# custom:
#   id: confidence-level-low
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "confidence-level-low",
	"msg": $"the confidence level is {level}, {organization.evaluation.confidence_level_min} is asked for",
	"path": "/evaluation/confidence/level",
	"hint": "raise confidence.level",
} if {
	level := object.get(input.specs.evaluation, ["confidence", "level"], 0.95)
	level < organization.evaluation.confidence_level_min
}

compared if {
	input.specs.evaluation.baseline == "champion"
	champion_metric
}

# The schema's default baseline is the champion.
compared if {
	not "baseline" in object.keys(input.specs.evaluation)
	champion_metric
}

champion_metric if {
	some metric in input.specs.evaluation.metrics
	is_number(lib.at(metric, ["min_absolute_change"]))
}
