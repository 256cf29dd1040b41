package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: Datasets are pinned by a full digest
# description: |
#   A dataset is an immutable snapshot: its content is known by a full SHA-256, no shortened one
#   and no placeholder.
# custom:
#   id: dataset-digest-not-full
#   severity: error
#   practice: 1
#   owner: platform
deny contains {
	"id": "dataset-digest-not-full",
	"msg": $"dataset {dataset.name} is not pinned by a full SHA-256",
	"path": $"/data/datasets/{i}/digest",
	"hint": "set digest to sha256: and the 64 hexadecimal digits that the data check prints",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	not lib.full_digest(object.get(dataset, "digest", ""))
}

# METADATA
# title: Data is where others can read it
# description: |
#   What lies on one machine is there for one person: nobody else can train, check or rebuild.
# custom:
#   id: data-on-one-machine
#   severity: warning
#   practice: 1
#   owner: platform
warn contains {
	"id": "data-on-one-machine",
	"msg": $"dataset {dataset.name} is read from {scheme}:, which is another thing on each machine",
	"path": $"/data/datasets/{i}/source/uri",
	"hint": "put it into a store that all runners reach, or into the model folder",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	dataset.source.type == "uri"
	scheme := split(dataset.source.uri, ":")[0]
	scheme in {"file", "local", "memory"}
}

# METADATA
# title: Data is tested before it is learned from
# description: |
#   Every dataset has as many expectations as the model's risk asks.
# custom:
#   id: too-few-expectations
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "too-few-expectations",
	"msg": $"dataset {dataset.name} has {found} expectations, {input.specs.model.risk} risk needs {needed}",
	"path": $"/data/datasets/{i}",
	"hint": "add expectations, in Great Expectations' names, to the dataset",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	found := count(object.get(dataset, "expectations", []))
	needed := organization.data.expectations_min[input.specs.model.risk]
	found < needed
}

# METADATA
# title: The target is tested
# description: |
#   What the model learns to predict is checked like any other column, or more.
# custom:
#   id: target-without-expectation
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "target-without-expectation",
	"msg": $"no expectation of dataset {dataset.name} names the target {input.specs.data.target}",
	"path": $"/data/datasets/{i}",
	"hint": "add an expectation whose kwargs.column is the target, such as expect_column_values_to_be_in_set",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	not tested(dataset, input.specs.data.target)
}

# METADATA
# title: The target is never missing
# description: |
#   Rows without a label teach nothing and hide a fault upstream.
# custom:
#   id: target-nullable
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "target-nullable",
	"msg": $"the target {column.name} may be null",
	"path": $"/data/datasets/{i}/columns/{j}",
	"hint": "set nullable: false and drop such rows where the data is made",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	columns := dataset.columns
	some j, column in columns
	column.nullable == true
	column.name == input.specs.data.target
}

# METADATA
# title: The test set is neither tiny nor most of the data
# description: |
#   Too small a test set decides by luck; too large a one starves training.
# custom:
#   id: test-fraction-out-of-bounds
#   severity: error
#   practice: 5
#   owner: platform
deny contains {
	"id": "test-fraction-out-of-bounds",
	"msg": $"test_fraction is {fraction}, allowed are {bounds.min} to {bounds.max}",
	"path": "/data/split/test_fraction",
	"hint": "choose a fraction within the bounds",
} if {
	fraction := input.specs.data.split.test_fraction
	bounds := organization.data.test_fraction
	outside(fraction, bounds)
}

# METADATA
# title: Data with a time is split by time
# description: |
#   A random split of data that has a time lets the future leak into training.
# custom:
#   id: time-ignored-by-split
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "time-ignored-by-split",
	"msg": $"the split is {input.specs.data.split.strategy}, though column {column.name} is a time",
	"path": "/data/split/strategy",
	"hint": "use strategy: temporal with that column",
} if {
	input.specs.data.split.strategy != "temporal"
	datasets := input.specs.data.datasets
	some dataset in datasets
	columns := dataset.columns
	some column in columns
	column.type == "datetime64"
}

# METADATA
# title: Classes are split in equal shares
# description: |
#   A plain random split can leave a rare class out of the test set.
# custom:
#   id: classes-ignored-by-split
#   severity: warning
#   practice: 5
#   owner: platform
warn contains {
	"id": "classes-ignored-by-split",
	"msg": "a classification's rows are split at random, whatever their class",
	"path": "/data/split/strategy",
	"hint": "use strategy: stratified, or temporal where there is a time",
} if {
	input.specs.model.task in {"classification", "text-classification"}
	input.specs.data.split.strategy == "random"
}

tested(dataset, column) if {
	expectations := object.get(dataset, "expectations", [])
	some expectation in expectations
	expectation.kwargs.column == column
}

tested(dataset, column) if {
	expectations := object.get(dataset, "expectations", [])
	some expectation in expectations
	column in expectation.kwargs.column_list
}

outside(fraction, bounds) if fraction < bounds.min

outside(fraction, bounds) if fraction > bounds.max
