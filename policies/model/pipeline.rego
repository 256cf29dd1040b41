package mergeline.model

import data.organization

# METADATA
# title: A pipeline has every step that models need
# description: |
#   A template that leaves out evaluation or the record would bring models to production
#   unmeasured.
# custom:
#   id: pipeline-steps-missing
#   severity: error
#   practice: 3
#   owner: platform
deny contains {
	"id": "pipeline-steps-missing",
	"msg": $"pipeline {input.specs.training.pipeline} lacks the steps {concat(", ", sort([step | some step in steps_missing]))}",
	"path": "/training/pipeline",
	"hint": "use a template that has them, or add them to the template in pipelines/",
} if {
	count(steps_missing) > 0
}

# METADATA
# title: The steps come in their order
# description: |
#   A model is evaluated after it is trained and recorded after it is packaged; any other order
#   measures something else.
# custom:
#   id: pipeline-steps-out-of-order
#   severity: error
#   practice: 3
#   owner: platform
deny contains {
	"id": "pipeline-steps-out-of-order",
	"msg": $"the steps of pipeline {input.specs.training.pipeline} come as {concat(", ", [step | some step in steps_as_written])}",
	"path": "/training/pipeline",
	"hint": "put the steps of the template in the order that organization.pipelines.required_steps has in policies/data.yaml",
} if {
	steps_as_written != [step | some step in organization.pipelines.required_steps; step in template_steps]
}

# METADATA
# title: No notebook goes to production
# description: |
#   A notebook runs in whatever order it was clicked; what production needs of it is a function
#   with a test.
# custom:
#   id: notebook-in-model
#   severity: error
#   practice: 3
#   owner: platform
deny contains {
	"id": "notebook-in-model",
	"msg": $"{file} is a notebook",
	"path": $"/files/{pointed(file)}",
	"hint": "move what is needed into a Python function that features.yaml or data.yaml names, the rest elsewhere",
} if {
	strings.any_suffix_match(files_in_lower_case, ".ipynb")
	some file in files
	endswith(lower(file), ".ipynb")
}

# METADATA
# title: Nothing runs beside the pipeline
# description: |
#   Scripts that no step calls run on somebody's machine, or not at all.
# custom:
#   id: foreign-code-in-model
#   severity: warning
#   practice: 3
#   owner: platform
warn contains {
	"id": "foreign-code-in-model",
	"msg": $"{file} is code that no step of a pipeline can run",
	"path": $"/files/{pointed(file)}",
	"hint": "make it a Python function that a spec names, or keep it outside models/",
} if {
	suffixes := organization.pipelines.foreign_suffixes
	strings.any_suffix_match(files_in_lower_case, suffixes)
	some file in files
	strings.any_suffix_match(lower(file), suffixes)
}

# METADATA
# title: Code in a model's folder is used
# description: |
#   A Python file that no spec names is read by every reviewer and run by nobody, unless a named
#   one imports it.
# custom:
#   id: code-unused
#   severity: warning
#   practice: 3
#   owner: platform
warn contains {
	"id": "code-unused",
	"msg": $"no spec names a function of {file}",
	"path": $"/files/{pointed(file)}",
	"hint": "remove it, or name its function in data.yaml or features.yaml",
} if {
	count(code_named) == 0
	some file in files
	endswith(file, ".py")
	not contains(file, "/")
}

# METADATA
# title: A feature is a parameter, not a copy
# description: |
#   Two features that do the same with the same columns cost twice and drift apart at the next
#   edit.
# custom:
#   id: feature-copied
#   severity: warning
#   practice: 3
#   owner: platform
warn contains {
	"id": "feature-copied",
	"msg": $"feature {feature.name} does the same as {other.name}",
	"path": $"/features/features/{i}",
	"hint": "keep one of them",
} if {
	features := input.specs.features.features
	count({feature.inputs[0] | some feature in features}) < count(features)
	some i, feature in features
	some j, other in features
	feature.inputs == other.inputs
	feature.transform == other.transform
	j < i
}

files := object.get(input, "files", [])

files_in_lower_case := split(lower(concat("\n", [file | some file in files])), "\n")

template_steps := object.get(input, ["template", "steps"], [])

steps_as_written := [step | some step in template_steps; step in organization.pipelines.required_steps]

# A template that is not there has no steps.
steps_missing contains step if {
	some step in organization.pipelines.required_steps
	not step in template_steps
}

# A helper beside a named file may be imported by it; where nothing is named, nothing is used.
code_named contains source.function if {
	datasets := input.specs.data.datasets
	some dataset in datasets
	source := dataset.source
	source.type == "python"
}

code_named contains feature.transform.function if {
	features := input.specs.features.features
	some feature in features
	feature.transform.type == "python"
}

# A file's path as one part of a JSON pointer.
pointed(file) := concat("~1", split(concat("~0", split(file, "~")), "/"))
