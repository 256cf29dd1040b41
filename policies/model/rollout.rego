package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A gradual rollout ends with all of the traffic
# description: |
#   A canary that stops half-way leaves two versions in production for good.
# custom:
#   id: rollout-not-finished
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "rollout-not-finished",
	"msg": $"the last step of {production.strategy} takes {last.weight} % of the traffic",
	"path": "/deployment/environments/production/steps",
	"hint": "end with weight: 100",
} if {
	production.strategy in {"canary", "blue_green"}
	some last in last_step
	last.weight < 100
}

# METADATA
# title: Between the steps there is time to look
# description: |
#   For medium and high risk a step without a pause shows nobody anything.
# custom:
#   id: step-without-pause
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "step-without-pause",
	"msg": $"step {i + 1} takes {step.weight} % of the traffic and does not pause",
	"path": $"/deployment/environments/production/steps/{i}",
	"hint": "set pause to as long as a fault takes to show",
} if {
	input.specs.model.risk in {"medium", "high"}
	least := organization.deployment.pause_min
	steps := object.get(production, "steps", [])
	some i, step in steps
	step.weight < 100
	not lib.at_least(object.get(step, "pause", "0s"), least)
}

# METADATA
# title: A rollout of high risk is measured while it runs
# description: |
#   Without an analysis the steps go on whatever happens.
# custom:
#   id: analysis-missing
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "analysis-missing",
	"msg": "the model is of high risk and its rollout has no analysis",
	"path": "/deployment/environments/production",
	"hint": "add analysis with metrics and thresholds",
} if {
	input.specs.model.risk == "high"
	not lib.given(production, ["analysis"])
}

# METADATA
# title: A realtime model survives the loss of a machine
# description: |
#   With one replica every restart is an outage.
# custom:
#   id: single-replica
#   severity: warning
#   practice: 8
#   owner: platform
warn contains {
	"id": "single-replica",
	"msg": $"the model is of high risk, answers in real time and may run as {least} replica",
	"path": "/deployment/autoscaling",
	"hint": "set autoscaling.min_replicas: 2",
} if {
	input.specs.model.risk == "high"
	input.specs.deployment.mode == "realtime"
	least := object.get(input.specs.deployment, ["autoscaling", "min_replicas"], 1)
	least < 2
}

# METADATA
# title: A limit of a rollout can be reached
# description: |
#   A share of errors of 100 %, or a latency of an hour, never sends anything back: whoever reads it
#   believes in a safeguard that is none.
# custom:
#   id: analysis-threshold-loose
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "analysis-threshold-loose",
	"msg": $"the limit of {one.metric} in {list} is {one.threshold}, at most {limit} is allowed",
	"path": $"/deployment/environments/production/{list}/{i}/threshold",
	"hint": "lower the threshold, or have organization.deployment.analysis_threshold_max raised in policies/data.yaml",
} if {
	limits := organization.deployment.analysis_threshold_max
	some list in ["analysis", "rollback_on"]
	metrics := object.get(production, list, [])
	some i, one in metrics
	limit := limits[one.metric]
	one.threshold > limit
}

# METADATA
# title: A soak takes time
# description: |
#   Neither the model nor the organisation asks a version of high risk to spend any time in staging.
# custom:
#   id: soak-is-zero
#   severity: warning
#   practice: 8
#   owner: platform
warn contains {
	"id": "soak-is-zero",
	"msg": "the model is of high risk, and neither its soak nor the organisation's is longer than nothing",
	"path": "/deployment/environments/production/soak",
	"hint": "set soak, such as 72h, or organization.soak in policies/data.yaml",
} if {
	input.specs.model.risk == "high"
	production.soak in {"0s", "0m", "0h", "0d", "0w"}
	not lib.seconds(organization.soak.production.high) > 0
}

last_step contains step if {
	steps := object.get(production, "steps", [])
	some i, step in steps
	i == count(steps) - 1
}

# METADATA
# title: A model of high risk says how long it soaks
# description: |
#   Faults that need a day to show are found in staging only by a version that stays there a day.
# custom:
#   id: soak-missing
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "soak-missing",
	"msg": "the model is of high risk and says no soak before production",
	"path": "/deployment/environments/production",
	"hint": "set soak, such as 72h",
} if {
	input.specs.model.risk == "high"
	not lib.given(production, ["soak"])
}
