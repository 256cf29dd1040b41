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
	some word in words_like_secrets
	some place in named_values
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
	links := object.get(input.specs.model, "links", {})
	some name, link in links
	is_string(link)
	startswith(lower(link), "http://")
}

# METADATA
# title: Data is encrypted on its way
# description: |
#   The digest tells whether data were changed on their way, not who read them.
# custom:
#   id: data-not-encrypted
#   severity: error
#   practice: 9
#   owner: platform
deny contains {
	"id": "data-not-encrypted",
	"msg": $"dataset {dataset.name} is fetched over {scheme}",
	"path": $"/data/datasets/{i}/source/uri",
	"hint": "use https, or a store such as s3",
} if {
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	dataset.source.type == "uri"
	scheme := split(dataset.source.uri, ":")[0]
	scheme in {"http", "ftp"}
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
	columns_read_personal
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	columns := dataset.columns
	some j, column in columns
	not "pii" in object.keys(column)
	reads_personal(column.name)
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
	limit := organization.security.pii_retention_max
	datasets := input.specs.data.datasets
	some i, dataset in datasets
	is_string(dataset.retention)
	not lib.at_most(dataset.retention, limit)
	columns := dataset.columns
	some column in columns
	column.pii == true
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
	suffixes := organization.security.binary_suffixes
	strings.any_suffix_match(files_in_lower_case, suffixes)
	some file in files
	strings.any_suffix_match(lower(file), suffixes)
}

# One look at all names together: few models have one that needs a second look.
words_like_secrets contains word if {
	names := lower(concat("\n", [name | some name in parameter_names]))
	listed := organization.security.secret_words
	some word in listed
	contains(names, word)
}

parameter_names contains name if {
	parameters := input.specs.training.hyperparameters
	some name, _ in parameters
}

parameter_names contains name if {
	labels := input.specs.model.labels
	some name, _ in labels
}

parameter_names contains name if {
	datasets := input.specs.data.datasets
	some dataset in datasets
	parameters := dataset.source.parameters
	some name, _ in parameters
}

parameter_names contains name if {
	features := input.specs.features.features
	some feature in features
	parameters := feature.transform.parameters
	some name, _ in parameters
}

# By the names that Mergeline knows, and by the organisation's own words.
columns_read_personal if count(known_as_personal) > 0

columns_read_personal if {
	names := concat(" ", [column.name |
		datasets := input.specs.data.datasets
		some dataset in datasets
		columns := dataset.columns
		some column in columns
	])
	strings.any_prefix_match(words(names), organization.security.personal_words)
}

known_as_personal := object.get(input, "personal_columns", [])

reads_personal(name) if name in known_as_personal

reads_personal(name) if {
	some word in words(name)
	word in organization.security.personal_words
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
