package mergeline.change_test

import data.mergeline.change

digest := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

specs := {"model": {"name": "loans", "owner": "team-credit", "version": "1.1.0", "task": "classification", "risk": "high", "description": "Decides which loan requests a person looks at first.", "links": {"documentation": "https://example.com/d", "runbook": "https://example.com/r", "dashboard": "https://example.com/b"}, "labels": {}}, "data": {"datasets": [{"name": "requests", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "source": {"type": "file", "path": "d.csv"}, "columns": [{"name": "amount", "type": "float64"}, {"name": "email", "type": "string", "pii": true}, {"name": "region", "type": "string"}, {"name": "default", "type": "int64"}], "expectations": [{"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "default", "value_set": [0, 1]}}, {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 0}}, {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 100}}], "retention": "365d"}], "target": "default", "split": {"strategy": "stratified", "test_fraction": 0.2, "random_seed": 7}}, "features": {"features": [{"name": "amount", "version": 2, "owner": "team-credit", "inputs": ["amount"], "transform": {"type": "passthrough"}}, {"name": "region", "version": 1, "owner": "team-credit", "inputs": ["region"], "transform": {"type": "python", "function": "features.py:region"}}]}, "training": {"pipeline": "classification", "estimator": "sklearn.linear_model.LogisticRegression", "hyperparameters": {"C": 1}, "random_seed": 7, "environment": {"python": "==3.11.*", "lockfile": "requirements/runtime.txt", "image": "example.com/train@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}, "resources": {"timeout": "30m"}, "budget": {"per_run": 1, "per_month": 10}}, "evaluation": {"baseline": "champion", "metrics": [{"name": "roc_auc", "threshold": 0.9, "greater_is_better": true, "min_absolute_change": -0.01}, {"name": "log_loss", "threshold": 0.3, "greater_is_better": false}], "fairness": [{"metric": "demographic_parity_difference", "sensitive_feature": "region", "threshold": 0.1}], "latency": {"threshold_milliseconds": 50}, "confidence": {"random_seed": 7}}, "deployment": {"mode": "realtime", "environments": {"staging": {"strategy": "direct"}, "production": {"strategy": "canary", "steps": [{"weight": 10, "pause": "1h"}, {"weight": 50, "pause": "1h"}, {"weight": 100}], "rollback_on": [{"metric": "error_rate", "threshold": 0.01}], "soak": "1h"}}}, "monitoring": {"prediction_log": {"features": ["amount"]}, "drift": [{"feature": "amount", "method": "psi", "threshold": 0.2}], "performance": [{"metric": "roc_auc", "threshold": 0.85, "label_delay": "30d"}], "alerts": [{"severity": "critical", "team": "team-credit"}], "retraining": {"triggers": [{"on": "drift", "reason": "Requests change with the season and the offers."}], "cooldown": "7d"}}, "environments": {"staging": {"version": "1.1.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}, "releases": {"1.1.0": {"version": "1.1.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}}

# A model at 1.1.0, released and in staging.
before := {
	"model": "loans",
	"base": specs,
	"head": specs,
	"changes": [],
	"changed_files": [],
}

denied(document) := found if found := change.deny with input as document

warned(document) := found if found := change.warn with input as document

finds(id, path, patch) if {
	document := json.patch(before, patch)
	some result in (denied(document) | warned(document))
	result.id == id
	result.path == path
}

passes(patch) if {
	document := json.patch(before, patch)
	count(denied(document)) == 0
}

test_no_change_passes if passes([])

test_new_model_passes if passes([
	{"op": "add", "path": "/base", "value": null},
	{"op": "add", "path": "/head/environments", "value": {}},
	{"op": "add", "path": "/changed_files", "value": ["models/loans/features.py"]},
])

test_raised_version_passes if passes([
	{"op": "add", "path": "/head/model/version", "value": "1.10.0"},
	{"op": "add", "path": "/head/training/hyperparameters/C", "value": 2},
])

test_budget_needs_no_version if passes([{"op": "add", "path": "/head/training/budget/per_run", "value": 2}])

test_release_pull_request_passes if passes([
	{"op": "add", "path": "/head/releases/1.2.0", "value": {"digest": digest}},
	{"op": "add", "path": "/head/environments/staging", "value": {"version": "1.2.0", "digest": digest}},
	{"op": "add", "path": "/changed_files", "value": [
		"models/loans/environments/staging.yaml",
		"models/loans/releases/1.2.0.yaml",
	]},
])

test_deleted_model_passes_when_unused if passes([
	{"op": "add", "path": "/base/environments", "value": {}},
	{"op": "add", "path": "/base/releases", "value": {}},
	{"op": "add", "path": "/head", "value": null},
])

test_version_message if {
	document := json.patch(before, [
		{"op": "add", "path": "/head/training/hyperparameters/C", "value": 2},
		{"op": "add", "path": "/head/data/target", "value": "amount"},
	])
	some result in denied(document)
	result.msg == "data, training changed, but the version is 1.1.0 as before"
}

test_version_not_raised if finds("version-not-raised", "/model/version", [{"op": "add", "path": "/head/training/hyperparameters/C", "value": 2}])

test_version_not_raised_for_data if finds("version-not-raised", "/model/version", [{"op": "add", "path": "/head/data/datasets/0/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_version_not_raised_for_features if finds("version-not-raised", "/model/version", [{"op": "add", "path": "/head/features/features/0/version", "value": 3}])

test_version_not_raised_for_code if finds("version-not-raised", "/model/version", [{"op": "add", "path": "/changed_files", "value": ["models/loans/features.py"]}])

test_version_lowered if finds("version-lowered", "/model/version", [{"op": "add", "path": "/head/model/version", "value": "1.0.9"}])

test_version_lowered_to_prerelease if finds("version-lowered", "/model/version", [{"op": "add", "path": "/head/model/version", "value": "1.1.0-rc.1"}])

test_risk_lowered if finds("risk-lowered", "/model/risk", [{"op": "add", "path": "/head/model/risk", "value": "low"}])

test_release_edited if finds("release-edited", "/releases/1.1.0", [{"op": "add", "path": "/head/releases/1.1.0/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_release_deleted if finds("release-deleted", "/releases/1.1.0", [{"op": "remove", "path": "/head/releases/1.1.0"}])

test_release_deleted_with_model if finds("release-deleted", "/releases/1.1.0", [{"op": "add", "path": "/head", "value": null}])

test_model_deleted_while_deployed if finds("model-deleted-while-deployed", "/environments", [{"op": "add", "path": "/head", "value": null}])

test_environment_mixed_with_specs if finds("environment-mixed-with-specs", "/environments/production", [{"op": "add", "path": "/head/environments/production", "value": {"version": "1.1.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}, {"op": "add", "path": "/head/model/risk", "value": "low"}])

test_environment_mixed_with_policies if finds("environment-mixed-with-specs", "/environments/production", [{"op": "add", "path": "/head/environments/production", "value": {"version": "1.1.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}, {"op": "add", "path": "/changed_files", "value": ["policies/data.yaml"]}])

test_environment_mixed_with_code if finds("environment-mixed-with-specs", "/environments/production", [{"op": "add", "path": "/head/environments/production", "value": {"version": "1.1.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}, {"op": "add", "path": "/changed_files", "value": ["models/loans/features.py"]}])

test_environment_of_a_new_model if finds("environment-mixed-with-specs", "/environments/staging", [{"op": "add", "path": "/base", "value": null}])

test_environment_removed if finds("environment-removed", "/environments/staging", [{"op": "remove", "path": "/head/environments/staging"}])

test_environment_without_release if finds("environment-without-release", "/environments/staging/digest", [{"op": "add", "path": "/head/environments/staging/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_environment_of_unknown_release if finds("environment-without-release", "/environments/production/digest", [{"op": "add", "path": "/head/environments/production", "value": {"version": "9.0.0", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}])

test_feature_version_not_raised if finds("feature-version-not-raised", "/features/features/0/version", [{"op": "add", "path": "/head/features/features/0/inputs", "value": ["amount", "region"]}])

test_feature_code_changed if finds("feature-code-changed", "/features/features/1/version", [{"op": "add", "path": "/changed_files", "value": ["models/loans/features.py"]}])

test_gate_loosened if finds("gate-loosened", "/evaluation/metrics/0/threshold", [{"op": "add", "path": "/head/evaluation/metrics/0/threshold", "value": 0.8}])

test_gate_of_a_loss_loosened if finds("gate-loosened", "/evaluation/metrics/1/threshold", [{"op": "add", "path": "/head/evaluation/metrics/1/threshold", "value": 0.5}])

test_gate_removed if finds("gate-removed", "/evaluation/metrics", [{"op": "remove", "path": "/head/evaluation/metrics/0"}])
