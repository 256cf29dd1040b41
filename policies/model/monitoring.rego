package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: Inputs are watched for drift
# description: |
#   For medium and high risk the distributions of features are held against those of the
#   training data.
# custom:
#   id: drift-missing
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "drift-missing",
	"msg": $"the model is of {input.specs.model.risk} risk and watches no feature for drift",
	"path": "/monitoring",
	"hint": "add drift with a feature, a method and a threshold",
} if {
	watched
	not lib.given(input.specs.monitoring, ["drift"])
}

# METADATA
# title: Performance is watched once labels arrive
# description: |
#   For medium and high risk the model's quality in production is measured, however late.
# custom:
#   id: performance-missing
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "performance-missing",
	"msg": $"the model is of {input.specs.model.risk} risk and watches no performance metric",
	"path": "/monitoring",
	"hint": "add performance with a metric, a threshold and the label_delay",
} if {
	watched
	not lib.given(input.specs.monitoring, ["performance"])
}

# METADATA
# title: Somebody is told
# description: |
#   For medium and high risk a violation reaches a team.
# custom:
#   id: alerts-missing
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "alerts-missing",
	"msg": $"the model is of {input.specs.model.risk} risk and alerts nobody",
	"path": "/monitoring",
	"hint": "add alerts with a severity and a team",
} if {
	watched
	not lib.given(input.specs.monitoring, ["alerts"])
}

# METADATA
# title: Predictions are on record
# description: |
#   For high risk each prediction can be explained later.
# custom:
#   id: prediction-log-disabled
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "prediction-log-disabled",
	"msg": "the model is of high risk and keeps no prediction log",
	"path": "/monitoring/prediction_log/enabled",
	"hint": "set prediction_log.enabled: true",
} if {
	input.specs.model.risk == "high"
	object.get(input.specs.monitoring, ["prediction_log", "enabled"], true) == false
}

# METADATA
# title: Violations are counted among the windows looked at
# description: |
#   More violations than windows can never be reached: the alert would be dead.
# custom:
#   id: violation-windows-exceed
#   severity: error
#   practice: 7
#   owner: platform
deny contains {
	"id": "violation-windows-exceed",
	"msg": $"violation_windows {violations} is above evaluation_windows {windows}",
	"path": "/monitoring/violation_windows",
	"hint": "lower violation_windows",
} if {
	windows := object.get(input.specs.monitoring, "evaluation_windows", 1)
	violations := object.get(input.specs.monitoring, "violation_windows", 1)
	violations > windows
}

# METADATA
# title: A scheduled retraining says when
# description: |
#   A trigger on schedule needs a cron expression.
# custom:
#   id: retraining-schedule-missing
#   severity: error
#   practice: 4
#   owner: platform
deny contains {
	"id": "retraining-schedule-missing",
	"msg": "a trigger on schedule has no schedule",
	"path": $"/monitoring/retraining/triggers/{i}",
	"hint": "set schedule to a cron expression",
} if {
	some i, trigger in triggers
	trigger.on == "schedule"
	not lib.given(trigger, ["schedule"])
}

# METADATA
# title: A retraining has a reason
# description: |
#   Stable models are not retrained for the sake of it: the trigger says why it makes sense
#   here.
# custom:
#   id: retraining-reason-missing
#   severity: error
#   practice: 4
#   owner: platform
deny contains {
	"id": "retraining-reason-missing",
	"msg": $"the reason has {length} characters, {organization.monitoring.reason_min_characters} are asked for",
	"path": $"/monitoring/retraining/triggers/{i}/reason",
	"hint": "say why this model gains from being trained again then",
} if {
	some i, trigger in triggers
	length := count(trigger.reason)
	length < organization.monitoring.reason_min_characters
}

# METADATA
# title: Retrainings keep a distance
# description: |
#   Without a cooldown a drifting feature would start a training every window.
# custom:
#   id: retraining-cooldown-too-short
#   severity: error
#   practice: 4
#   owner: platform
deny contains {
	"id": "retraining-cooldown-too-short",
	"msg": $"the cooldown is {cooldown}, at least {organization.monitoring.retraining_cooldown_min} is asked for",
	"path": "/monitoring/retraining/cooldown",
	"hint": "raise retraining.cooldown",
} if {
	count(triggers) > 0
	cooldown := object.get(input.specs.monitoring, ["retraining", "cooldown"], "7d")
	not lib.at_least(cooldown, organization.monitoring.retraining_cooldown_min)
}

watched if input.specs.model.risk in {"medium", "high"}

triggers := object.get(input.specs.monitoring, ["retraining", "triggers"], [])
