package mergeline.change

# METADATA
# title: A gate is not loosened in passing
# description: |
#   A lower bar is a decision; the reviewer must see it.
# custom:
#   id: gate-loosened
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "gate-loosened",
	"msg": $"the threshold of {metric.name} goes from {before.threshold} to {metric.threshold}, which is looser",
	"path": $"/evaluation/metrics/{i}/threshold",
	"hint": "say in the pull request why less is enough",
} if {
	some i, metric in input.head.evaluation.metrics
	some before in input.base.evaluation.metrics
	before.name == metric.name
	object.get(before, "slice", null) == object.get(metric, "slice", null)
	looser(metric, before)
}

# METADATA
# title: A gate is not removed in passing
# description: |
#   A metric that could stop a release no longer can.
# custom:
#   id: gate-removed
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "gate-removed",
	"msg": $"metric {before.name} no longer has a threshold",
	"path": "/evaluation/metrics",
	"hint": "say in the pull request why it is not needed",
} if {
	some before in input.base.evaluation.metrics
	is_number(object.get(before, "threshold", null))
	not gated(before.name)
}

looser(metric, before) if {
	metric.greater_is_better == true
	metric.threshold < before.threshold
}

looser(metric, before) if {
	metric.greater_is_better == false
	metric.threshold > before.threshold
}

gated(name) if {
	some metric in input.head.evaluation.metrics
	metric.name == name
	is_number(object.get(metric, "threshold", null))
}

gated(_) if input.head == null
