package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A model of high risk goes out by canary or shadow
# description: |
#   High risk is shown to few people first, or to none. Direct and blue/green take all traffic in
#   one moment, and a test is made to compare two answers, not to find a fault in one.
# custom:
#   id: direct-rollout
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "direct-rollout",
	"msg": $"the model is of high risk and is rolled out by {production.strategy}",
	"path": "/deployment/environments/production/strategy",
	"hint": "use canary or shadow",
} if {
	input.specs.model.risk == "high"
	not cautious
}

cautious if production.strategy in {"canary", "shadow"}

# METADATA
# title: The first step takes a small share of the traffic
# description: |
#   What goes wrong must go wrong for few. A step of no traffic before it, as a shadow has, makes it
#   no smaller; only blue/green is made to move everything at once.
# custom:
#   id: first-step-too-large
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "first-step-too-large",
	"msg": $"the first step takes {weight} % of the traffic, {input.specs.model.risk} risk allows {limit} %",
	"path": $"/deployment/environments/production/steps/{i}/weight",
	"hint": "begin with a smaller weight",
} if {
	some i in first_shares
	weight := production.steps[i].weight
	limit := organization.deployment.first_step_max_weight[input.specs.model.risk]
	weight > limit
}

# METADATA
# title: A gradual rollout says its steps
# description: |
#   Without steps a canary is a direct rollout by another name, and so is what follows a shadow.
# custom:
#   id: gradual-rollout-without-steps
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "gradual-rollout-without-steps",
	"msg": $"strategy {production.strategy} has no steps",
	"path": "/deployment/environments/production",
	"hint": "add steps with weight and pause",
} if {
	production.strategy in {"canary", "shadow", "ab_test"}
	not lib.given(production, ["steps"])
}

# METADATA
# title: The traffic only grows from step to step
# description: |
#   A step that takes less than the one before is a slip.
# custom:
#   id: steps-not-rising
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "steps-not-rising",
	"msg": $"step {i + 1} takes {step.weight} % after {before.weight} %",
	"path": $"/deployment/environments/production/steps/{i}/weight",
	"hint": "let the weights rise",
} if {
	some i, step in object.get(production, "steps", [])
	i > 0
	before := production.steps[i - 1]
	step.weight <= before.weight
}

# METADATA
# title: Production knows when to go back
# description: |
#   For medium and high risk the metrics that send the traffic back are written down.
# custom:
#   id: rollback-trigger-missing
#   severity: error
#   practice: 8
#   owner: platform
deny contains {
	"id": "rollback-trigger-missing",
	"msg": $"the model is of {input.specs.model.risk} risk and production has no rollback_on",
	"path": "/deployment/environments/production",
	"hint": "add rollback_on with metrics and thresholds",
} if {
	input.specs.model.risk in {"medium", "high"}
	not lib.given(production, ["rollback_on"])
}

# METADATA
# title: The least is not above the most
# description: |
#   Replicas cannot be at least more than at most.
# custom:
#   id: autoscaling-bounds-crossed
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "autoscaling-bounds-crossed",
	"msg": $"min_replicas {least} is above max_replicas {most}",
	"path": "/deployment/autoscaling",
	"hint": "raise max_replicas or lower min_replicas",
} if {
	least := object.get(input.specs.deployment, ["autoscaling", "min_replicas"], 1)
	most := object.get(input.specs.deployment, ["autoscaling", "max_replicas"], 1)
	least > most
}

production := input.specs.deployment.environments.production

# A step of nothing is no share.
first_shares contains 0 if production.steps[0].weight > 0

first_shares contains i if {
	production.strategy != "blue_green"
	steps := object.get(production, "steps", [])
	some i, step in steps
	i > 0
	step.weight > 0
	steps[i - 1].weight == 0
}
