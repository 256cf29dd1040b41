package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A month's budget pays for one run
# description: |
#   Who may not train once a month cannot repair a model.
# custom:
#   id: budget-below-one-run
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "budget-below-one-run",
	"msg": $"per_month is {month}, one run may cost {run}",
	"path": "/training/budget/per_month",
	"hint": "raise per_month or lower per_run",
} if {
	run := object.get(input.specs.training, ["budget", "per_run"], 0)
	month := object.get(input.specs.training, ["budget", "per_month"], 0)
	lib.given(input.specs.training, ["budget"])
	month < run
}

# METADATA
# title: A budget is in the organisation's currency
# description: |
#   Fifty of one currency are not fifty of another: limits and prices could not be compared with it.
# custom:
#   id: budget-in-other-currency
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "budget-in-other-currency",
	"msg": $"the budget is in {currency}, the organisation's prices are in {common}",
	"path": "/training/budget/currency",
	"hint": $"write the amounts in {common}",
} if {
	lib.given(input.specs.training, ["budget"])
	common := organization.prices.currency
	currency := object.get(input.specs.training, ["budget", "currency"], "EUR")
	currency != common
}

# METADATA
# title: A machine stays within the organisation's
# description: |
#   Large machines are asked for where their price is known.
# custom:
#   id: resources-too-large
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "resources-too-large",
	"msg": $"training asks for {amount} {name}, at most {limit} is allowed",
	"path": $"/training/resources/{name}",
	"hint": "ask for less, or have organization.training.resources_max raised in policies/data.yaml",
} if {
	some name, limit in organization.training.resources_max
	amount := object.get(input.specs.training, ["resources", name], 0)
	amount > limit
}

# METADATA
# title: The memory of a machine stays within the organisation's
# description: |
#   Memory decides the price of a machine as much as its cores do.
# custom:
#   id: memory-too-large
#   severity: error
#   practice: 10
#   owner: platform
deny contains {
	"id": "memory-too-large",
	"msg": $"training asks for {amount} of memory, at most {limit} is allowed",
	"path": "/training/resources/memory",
	"hint": "ask for less, or have organization.training.memory_max raised in policies/data.yaml",
} if {
	limit := organization.training.memory_max
	amount := input.specs.training.resources.memory
	units.parse_bytes(amount) > units.parse_bytes(limit)
}

# METADATA
# title: Long runs take cheap machines
# description: |
#   A run that may take hours costs a third on a machine that may be taken away, and the cache
#   keeps its steps.
# custom:
#   id: spot-unused
#   severity: warning
#   practice: 10
#   owner: platform
warn contains {
	"id": "spot-unused",
	"msg": $"the timeout is {timeout}, and spot is not set",
	"path": "/training/resources",
	"hint": "set spot: true, or shorten the timeout",
} if {
	timeout := object.get(input.specs.training, ["resources", "timeout"], "30m")
	lib.seconds(timeout) >= lib.seconds(organization.training.spot_from)
	object.get(input.specs.training, ["resources", "spot"], false) == false
}

# METADATA
# title: Replicas follow the load
# description: |
#   For medium and high risk in real time, a fixed number is too many at night and too few on a
#   busy day.
# custom:
#   id: autoscaling-fixed
#   severity: warning
#   practice: 10
#   owner: platform
warn contains {
	"id": "autoscaling-fixed",
	"msg": $"the model answers in real time with always {most} replicas",
	"path": "/deployment/autoscaling",
	"hint": "raise autoscaling.max_replicas above min_replicas",
} if {
	input.specs.model.risk in {"medium", "high"}
	input.specs.deployment.mode == "realtime"
	least := object.get(input.specs.deployment, ["autoscaling", "min_replicas"], 1)
	most := object.get(input.specs.deployment, ["autoscaling", "max_replicas"], 1)
	least == most
}

# METADATA
# title: A batch model does not wait on replicas
# description: |
#   Between two tables nothing needs to run.
# custom:
#   id: batch-keeps-replicas
#   severity: warning
#   practice: 10
#   owner: platform
warn contains {
	"id": "batch-keeps-replicas",
	"msg": $"the model scores tables and keeps {least} replicas",
	"path": "/deployment/autoscaling/min_replicas",
	"hint": "set autoscaling.min_replicas: 1",
} if {
	input.specs.deployment.mode == "batch"
	least := object.get(input.specs.deployment, ["autoscaling", "min_replicas"], 1)
	least > 1
}
