package mergeline.model

import data.mergeline.lib

# METADATA
# title: A retraining waits for the labels
# description: |
#   Where labels take longer than the cooldown, training follows training before anybody can tell
#   whether the last one helped: on the same dip, or by the calendar.
# custom:
#   id: retraining-outruns-labels
#   severity: error
#   practice: 4
#   owner: platform
deny contains {
	"id": "retraining-outruns-labels",
	"msg": $"labels for {performance.metric} take {performance.label_delay}, the cooldown is {cooldown}",
	"path": $"/monitoring/retraining/triggers/{i}",
	"hint": "raise retraining.cooldown to the label_delay, or let people decide when to train",
} if {
	some i, _ in triggers
	some performance in object.get(input.specs.monitoring, "performance", [])
	cooldown := object.get(input.specs.monitoring, ["retraining", "cooldown"], "7d")
	not lib.at_least(cooldown, performance.label_delay)
}

# METADATA
# title: A trigger has the signal that it waits for
# description: |
#   A trigger on drift without a drift check, or on performance without a metric, can never
#   fire.
# custom:
#   id: retraining-signal-missing
#   severity: error
#   practice: 4
#   owner: platform
deny contains {
	"id": "retraining-signal-missing",
	"msg": $"a trigger on {trigger.on} has no {trigger.on} to watch",
	"path": $"/monitoring/retraining/triggers/{i}/on",
	"hint": "add what it is to watch to monitoring.yaml, or remove the trigger",
} if {
	some i, trigger in triggers
	trigger.on in {"drift", "performance"}
	not lib.given(input.specs.monitoring, [trigger.on])
}

# METADATA
# title: A model is not retrained every day
# description: |
#   Daily training costs every day and helps the few models whose world changes overnight.
# custom:
#   id: retrained-every-day
#   severity: warning
#   practice: 4
#   owner: platform
warn contains {
	"id": "retrained-every-day",
	"msg": $"the schedule {trigger.schedule} fires every day",
	"path": $"/monitoring/retraining/triggers/{i}/schedule",
	"hint": "name a day of the month or of the week, or let drift start the training",
} if {
	some i, trigger in triggers
	is_string(object.get(trigger, "schedule", null))
	fields := cron_fields(trigger.schedule)
	count(fields) == 5
	fires_every_day(fields[2], fields[3], fields[4])
}

# METADATA
# title: A model of low risk is not retrained by the calendar
# description: |
#   Continuous training is for models that lose value as time passes; drift or a metric tells
#   when.
# custom:
#   id: stable-model-on-schedule
#   severity: warning
#   practice: 4
#   owner: platform
warn contains {
	"id": "stable-model-on-schedule",
	"msg": "the model is of low risk and is retrained on a schedule",
	"path": $"/monitoring/retraining/triggers/{i}/on",
	"hint": "let drift or performance start it, or people",
} if {
	input.specs.model.risk == "low"
	some i, trigger in triggers
	trigger.on == "schedule"
}

cron_fields(schedule) := [field |
	some field in split(schedule, " ")
	field != ""
]

# Of two days that are named, either one starts it; a star names none.
fires_every_day(day, month, weekday) if {
	month in each_month
	day in each_day
	weekday in each_day
}

fires_every_day(day, month, _) if {
	month in each_month
	day in {"1-31", "1-31/1"}
}

fires_every_day(_, month, weekday) if {
	month in each_month
	week(weekday)
}

each_day := {"*", "*/1"}

each_month := {"*", "*/1", "1-12", "1-12/1", "JAN-DEC"}

week(weekday) if weekday in {"0-6", "0-6/1", "SUN-SAT"}

week(weekday) if count({day | some day in split(weekday, ",")}) >= 7
