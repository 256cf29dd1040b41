package mergeline.model

import data.mergeline.lib
import data.organization

# METADATA
# title: A parameter is no place for a secret
# description: |
#   What is in Git is known to everyone who may read it, for ever.
# custom:
#   id: secret-in-parameters
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "secret-in-parameters",
	"msg": $"{place.text} is named like a secret and has a value",
	"path": $"{place.path}",
	"hint": "keep it in a vault and read it in the function; if it was ever real, revoke it",
} if {
	some place in named_values
	some word in organization.security.secret_words
	contains(lower(place.name), word)
}

# METADATA
# title: Links are encrypted
# description: |
#   Over http anyone between can read and change the runbook.
# custom:
#   id: link-not-encrypted
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "link-not-encrypted",
	"msg": $"link {name} goes over http",
	"path": $"/model/links/{name}",
	"hint": "use https",
} if {
	some name, link in object.get(input.specs.model, "links", {})
	is_string(link)
	startswith(lower(link), "http://")
}

# METADATA
# title: Personal data is marked as such
# description: |
#   Only what is marked is kept out of features and logs.
# custom:
#   id: personal-column-unmarked
#   severity: warning
#   practice: 9
#   owner: platform
warn contains {
	"id": "personal-column-unmarked",
	"msg": $"column {column.name} reads like personal data and is not marked",
	"path": $"/data/datasets/{i}/columns/{j}",
	"hint": "set pii: true, or false where it is none: written down it counts as looked at",
} if {
	some i, dataset in input.specs.data.datasets
	some j, column in dataset.columns
	not "pii" in object.keys(column)
	some word in words(column.name)
	word in organization.security.personal_words
}

# METADATA
# title: Personal data is not kept longer than allowed
# description: |
#   How long is for the organisation to say, not for a model.
# custom:
#   id: pii-kept-too-long
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "pii-kept-too-long",
	"msg": $"dataset {dataset.name} holds personal data for {dataset.retention}, at most {limit} is allowed",
	"path": $"/data/datasets/{i}/retention",
	"hint": "shorten the retention",
} if {
	some i, dataset in input.specs.data.datasets
	some column in dataset.columns
	object.get(column, "pii", false) == true
	is_string(object.get(dataset, "retention", null))
	limit := organization.security.pii_retention_max
	not lib.at_most(dataset.retention, limit)
}

# METADATA
# title: No trained model lies in Git
# description: |
#   Pickles and their like run code when they are read, and nothing in Git says what they were
#   trained on.
# custom:
#   id: binary-in-model
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "binary-in-model",
	"msg": $"{file} is a stored model or pickle",
	"path": $"/files/{pointed(file)}",
	"hint": "remove it: mergeline run trains the model from its specs",
} if {
	some file in files
	strings.any_suffix_match(lower(file), organization.security.binary_suffixes)
}

named_values contains {"name": name, "text": $"hyperparameter {name}", "path": $"/training/hyperparameters/{pointed(name)}"} if {
	some name, value in object.get(input.specs.training, "hyperparameters", {})
	is_string(value)
}

named_values contains {"name": name, "text": $"label {name}", "path": $"/model/labels/{pointed(name)}"} if {
	some name, value in object.get(input.specs.model, "labels", {})
	is_string(value)
}

named_values contains {"name": name, "text": $"source parameter {name}", "path": $"/data/datasets/{i}/source/parameters/{pointed(name)}"} if {
	some i, dataset in input.specs.data.datasets
	some name, value in object.get(dataset, ["source", "parameters"], {})
	is_string(value)
}

named_values contains {"name": name, "text": $"transform parameter {name}", "path": $"/features/features/{i}/transform/parameters/{pointed(name)}"} if {
	some i, feature in input.specs.features.features
	some name, value in object.get(feature, ["transform", "parameters"], {})
	is_string(value)
}
