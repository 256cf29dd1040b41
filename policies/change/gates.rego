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
	"msg": $"{gate.what} goes from {gate.before} to {gate.after}, which is looser",
	"path": gate.path,
	"hint": "say in the pull request why less is enough",
} if {
	some gate in loosened
}

# METADATA
# title: A gate is not removed in passing
# description: |
#   A metric, a comparison with the champion, a check of fairness or of latency that could stop a
#   release no longer can.
# custom:
#   id: gate-removed
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "gate-removed",
	"msg": gate.what,
	"path": gate.path,
	"hint": "say in the pull request why it is not needed",
} if {
	input.head != null
	some gate in removed
}

loosened contains {
	"what": $"the threshold of {named(metric)}",
	"before": before.threshold,
	"after": metric.threshold,
	"path": $"/evaluation/metrics/{i}/threshold",
} if {
	some i, metric in input.head.evaluation.metrics
	some before in input.base.evaluation.metrics
	same(before, metric)
	looser(metric, before)
}

loosened contains {
	"what": $"the margin of {named(metric)} against the champion",
	"before": before.min_absolute_change,
	"after": metric.min_absolute_change,
	"path": $"/evaluation/metrics/{i}/min_absolute_change",
} if {
	some i, metric in input.head.evaluation.metrics
	some before in input.base.evaluation.metrics
	same(before, metric)
	is_number(metric.min_absolute_change)
	is_number(before.min_absolute_change)
	metric.min_absolute_change < before.min_absolute_change
}

loosened contains {
	"what": $"the accepted {fairness.metric} by {fairness.sensitive_feature}",
	"before": before.threshold,
	"after": fairness.threshold,
	"path": $"/evaluation/fairness/{i}/threshold",
} if {
	some i, fairness in object.get(input.head.evaluation, "fairness", [])
	some before in object.get(input.base.evaluation, "fairness", [])
	before.metric == fairness.metric
	before.sensitive_feature == fairness.sensitive_feature
	fairness.threshold > before.threshold
}

loosened contains {
	"what": "the limit of the latency",
	"before": before,
	"after": after,
	"path": "/evaluation/latency/threshold_milliseconds",
} if {
	before := input.base.evaluation.latency.threshold_milliseconds
	after := input.head.evaluation.latency.threshold_milliseconds
	after > before
}

removed contains {"what": $"metric {named(before)} no longer has a threshold", "path": "/evaluation/metrics"} if {
	some before in input.base.evaluation.metrics
	is_number(object.get(before, "threshold", null))
	count([metric |
		some metric in input.head.evaluation.metrics
		same(before, metric)
		is_number(object.get(metric, "threshold", null))
	]) == 0
}

removed contains {"what": $"metric {named(before)} is no longer compared with the champion", "path": "/evaluation/metrics"} if {
	some before in input.base.evaluation.metrics
	against_champion(input.base.evaluation, before)
	count([metric |
		some metric in input.head.evaluation.metrics
		same(before, metric)
		against_champion(input.head.evaluation, metric)
	]) == 0
}

removed contains {
	"what": $"{before.metric} by {before.sensitive_feature} is no longer bounded",
	"path": "/evaluation",
} if {
	some before in object.get(input.base.evaluation, "fairness", [])
	count([fairness |
		some fairness in object.get(input.head.evaluation, "fairness", [])
		fairness.metric == before.metric
		fairness.sensitive_feature == before.sensitive_feature
	]) == 0
}

removed contains {"what": "the latency no longer has a limit", "path": "/evaluation"} if {
	is_object(input.base.evaluation.latency)
	not is_object(object.get(input.head.evaluation, "latency", null))
}

# One gate for each metric and slice.
same(before, metric) if {
	before.name == metric.name
	object.get(before, "slice", null) == object.get(metric, "slice", null)
}

named(metric) := metric.name if not is_object(object.get(metric, "slice", null))

named(metric) := $"{metric.name} where {metric.slice.column} is {metric.slice.value}" if is_object(object.get(metric, "slice", null))

against_champion(evaluation, metric) if {
	object.get(evaluation, "baseline", "champion") == "champion"
	is_number(object.get(metric, "min_absolute_change", null))
}

looser(metric, before) if {
	metric.greater_is_better == true
	metric.threshold < before.threshold
}

looser(metric, before) if {
	metric.greater_is_better == false
	metric.threshold > before.threshold
}
