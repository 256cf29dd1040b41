package mergeline.model_test

import data.mergeline.model

# A model of high risk of which no rule has anything to say.
good := {"model": {"name": "loans", "owner": "team-credit", "version": "1.1.0", "task": "classification", "risk": "high", "description": "Decides which loan requests a person looks at first.", "links": {"documentation": "https://example.com/d", "runbook": "https://example.com/r", "dashboard": "https://example.com/b"}, "labels": {}}, "data": {"datasets": [{"name": "requests", "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "source": {"type": "file", "path": "d.csv"}, "columns": [{"name": "amount", "type": "float64"}, {"name": "email", "type": "string", "pii": true}, {"name": "region", "type": "string"}, {"name": "default", "type": "int64"}], "expectations": [{"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "default", "value_set": [0, 1]}}, {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 0}}, {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 100}}], "retention": "365d"}], "target": "default", "split": {"strategy": "stratified", "test_fraction": 0.2, "random_seed": 7}}, "features": {"features": [{"name": "amount", "version": 2, "owner": "team-credit", "inputs": ["amount"], "transform": {"type": "passthrough"}}, {"name": "region", "version": 1, "owner": "team-credit", "inputs": ["region"], "transform": {"type": "python", "function": "features.py:region"}}]}, "training": {"pipeline": "classification", "estimator": "sklearn.linear_model.LogisticRegression", "hyperparameters": {"C": 1}, "random_seed": 7, "environment": {"python": "==3.11.*", "lockfile": "requirements/runtime.txt", "image": "example.com/train@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}, "resources": {"timeout": "30m"}, "budget": {"per_run": 1, "per_month": 10}}, "evaluation": {"baseline": "champion", "metrics": [{"name": "roc_auc", "threshold": 0.9, "greater_is_better": true, "min_absolute_change": -0.01}, {"name": "log_loss", "threshold": 0.3, "greater_is_better": false}], "fairness": [{"metric": "demographic_parity_difference", "sensitive_feature": "region", "threshold": 0.1}], "latency": {"threshold_milliseconds": 50}, "confidence": {"random_seed": 7}}, "deployment": {"mode": "realtime", "environments": {"staging": {"strategy": "direct"}, "production": {"strategy": "canary", "steps": [{"weight": 10, "pause": "1h"}, {"weight": 50, "pause": "1h"}, {"weight": 100}], "rollback_on": [{"metric": "error_rate", "threshold": 0.01}], "soak": "1h"}}}, "monitoring": {"prediction_log": {"features": ["amount"]}, "drift": [{"feature": "amount", "method": "psi", "threshold": 0.2}], "performance": [{"metric": "roc_auc", "threshold": 0.85, "label_delay": "30d"}], "alerts": [{"severity": "critical", "team": "team-credit"}], "retraining": {"triggers": [{"on": "drift", "reason": "Requests change with the season and the offers."}], "cooldown": "7d"}}, "environments": {}, "releases": {}}

denied(specs) := found if {
	found := model.deny with input as {"model": "loans", "specs": specs, "template": null}
}

warned(specs) := found if {
	found := model.warn with input as {"model": "loans", "specs": specs, "template": null}
}

finds(id, path, patch) if {
	specs := json.patch(good, patch)
	some result in (denied(specs) | warned(specs))
	result.id == id
	result.path == path
}

test_good_specs_pass if {
	count(denied(good)) == 0
	count(warned(good)) == 0
}

test_low_risk_asks_for_less if {
	low := json.patch(good, [
		{"op": "add", "path": "/model/risk", "value": "low"},
		{"op": "add", "path": "/deployment/environments/production", "value": {"strategy": "direct"}},
		{"op": "add", "path": "/monitoring", "value": {}},
		{"op": "remove", "path": "/evaluation/fairness"},
		{"op": "remove", "path": "/model/links/runbook"},
	])
	count(denied(low)) == 0
}

test_message_is_precise if {
	specs := json.patch(good, [{
		"op": "add",
		"path": "/deployment/environments/production/steps/0/weight",
		"value": 40,
	}])
	some result in denied(specs)
	result.msg == "the first step takes 40 % of the traffic, high risk allows 25 %"
}

test_owner_is_placeholder if finds("owner-is-placeholder", "/model/owner", [{"op": "add", "path": "/model/owner", "value": "TBD"}])

test_description_too_short if finds("description-too-short", "/model/description", [{"op": "add", "path": "/model/description", "value": "Loans."}])

test_runbook_missing if finds("runbook-missing", "/model/links", [{"op": "remove", "path": "/model/links/runbook"}])

test_runbook_missing_without_links if finds("runbook-missing", "/model/links", [{"op": "remove", "path": "/model/links"}])

test_documentation_missing if finds("documentation-missing", "/model/links", [{"op": "add", "path": "/model/links/documentation", "value": null}])

test_dashboard_missing if finds("dashboard-missing", "/model/links", [{"op": "remove", "path": "/model/links/dashboard"}])

test_dataset_digest_not_full if finds("dataset-digest-not-full", "/data/datasets/0/digest", [{"op": "add", "path": "/data/datasets/0/digest", "value": "sha256:abc"}])

test_dataset_digest_placeholder if finds("dataset-digest-not-full", "/data/datasets/0/digest", [{"op": "add", "path": "/data/datasets/0/digest", "value": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}])

test_too_few_expectations if finds("too-few-expectations", "/data/datasets/0", [{"op": "remove", "path": "/data/datasets/0/expectations/2"}])

test_target_without_expectation if finds("target-without-expectation", "/data/datasets/0", [{"op": "add", "path": "/data/datasets/0/expectations/0/kwargs/column", "value": "region"}])

test_target_nullable if finds("target-nullable", "/data/datasets/0/columns/3", [{"op": "add", "path": "/data/datasets/0/columns/3/nullable", "value": true}])

test_test_fraction_out_of_bounds if finds("test-fraction-out-of-bounds", "/data/split/test_fraction", [{"op": "add", "path": "/data/split/test_fraction", "value": 0.05}])

test_test_fraction_too_large if finds("test-fraction-out-of-bounds", "/data/split/test_fraction", [{"op": "add", "path": "/data/split/test_fraction", "value": 0.75}])

test_time_ignored_by_split if finds("time-ignored-by-split", "/data/split/strategy", [{"op": "add", "path": "/data/datasets/0/columns/0/type", "value": "datetime64"}])

test_classes_ignored_by_split if finds("classes-ignored-by-split", "/data/split/strategy", [{"op": "add", "path": "/data/split/strategy", "value": "random"}])

test_pii_in_features if finds("pii-in-features", "/features/features/0/inputs/0", [{"op": "add", "path": "/features/features/0/inputs", "value": ["email"]}])

test_pii_in_prediction_log if finds("pii-in-prediction-log", "/monitoring/prediction_log/features/0", [{"op": "add", "path": "/features/features/0/inputs", "value": ["email"]}])

test_pii_column_in_prediction_log if finds("pii-in-prediction-log", "/monitoring/prediction_log/features/0", [{"op": "add", "path": "/monitoring/prediction_log/features", "value": ["email"]}])

test_pii_without_retention if finds("pii-without-retention", "/data/datasets/0", [{"op": "add", "path": "/data/datasets/0/retention", "value": null}])

test_target_in_features if finds("target-in-features", "/features/features/1/inputs/1", [{"op": "add", "path": "/features/features/1/inputs", "value": ["region", "default"]}])

test_feature_owner_is_placeholder if finds("feature-owner-is-placeholder", "/features/features/1/owner", [{"op": "add", "path": "/features/features/1/owner", "value": "todo"}])

test_feature_not_versioned if finds("feature-not-versioned", "/features/features/1", [{"op": "remove", "path": "/features/features/1/version"}])

test_feature_named_twice if finds("feature-named-twice", "/features/features/1/name", [{"op": "add", "path": "/features/features/1/name", "value": "amount"}])

test_random_seed_missing if finds("random-seed-missing", "/training", [{"op": "remove", "path": "/training/random_seed"}])

test_seed_overridden if finds("seed-overridden", "/training/hyperparameters/random_state", [{"op": "add", "path": "/training/hyperparameters/random_state", "value": 1}])

test_many_threads if finds("many-threads", "/training/threads", [{"op": "add", "path": "/training/threads", "value": 4}])

test_image_not_by_digest if finds("image-not-by-digest", "/training/environment/image", [{"op": "add", "path": "/training/environment/image", "value": "example.com/train:latest"}])

test_image_missing if finds("image-missing", "/training/environment", [{"op": "add", "path": "/training/environment/image", "value": null}])

test_lockfile_missing if finds("lockfile-missing", "/training/environment", [{"op": "add", "path": "/training/environment/lockfile", "value": ""}])

test_estimator_not_allowed if finds("estimator-not-allowed", "/training/estimator", [{"op": "add", "path": "/training/estimator", "value": "evil.Model"}])

test_budget_missing if finds("budget-missing", "/training", [{"op": "add", "path": "/training/budget", "value": null}])

test_budget_too_high if finds("budget-too-high", "/training/budget/per_run", [{"op": "add", "path": "/training/budget/per_run", "value": 1000.5}])

test_gpu_not_justified if finds("gpu-not-justified", "/training/resources/gpu", [{"op": "add", "path": "/training/resources/gpu", "value": 1}])

test_timeout_too_long if finds("timeout-too-long", "/training/resources/timeout", [{"op": "add", "path": "/training/resources/timeout", "value": "2d"}])

test_timeout_not_read if finds("timeout-too-long", "/training/resources/timeout", [{"op": "add", "path": "/training/resources/timeout", "value": "soon"}])

test_no_gate if finds("no-gate", "/evaluation/metrics", [{"op": "add", "path": "/evaluation/metrics/0/threshold", "value": null}, {"op": "remove", "path": "/evaluation/metrics/1/threshold"}])

test_champion_comparison_missing if finds("champion-comparison-missing", "/evaluation", [{"op": "add", "path": "/evaluation/baseline", "value": null}])

test_champion_comparison_without_metric if finds("champion-comparison-missing", "/evaluation", [{"op": "add", "path": "/evaluation/metrics/0/min_absolute_change", "value": null}])

test_champion_not_compared if finds("champion-not-compared", "/evaluation", [{"op": "add", "path": "/model/risk", "value": "medium"}, {"op": "add", "path": "/evaluation/baseline", "value": null}])

test_fairness_missing if finds("fairness-missing", "/evaluation", [{"op": "add", "path": "/evaluation/fairness", "value": []}])

test_latency_missing if finds("latency-missing", "/evaluation", [{"op": "remove", "path": "/evaluation/latency"}])

test_too_few_resamples if finds("too-few-resamples", "/evaluation/confidence/resamples", [{"op": "add", "path": "/evaluation/confidence/resamples", "value": 50}])

test_confidence_level_low if finds("confidence-level-low", "/evaluation/confidence/level", [{"op": "add", "path": "/evaluation/confidence/level", "value": 0.5}])

test_direct_rollout if finds("direct-rollout", "/deployment/environments/production/strategy", [{"op": "add", "path": "/deployment/environments/production/strategy", "value": "direct"}])

test_first_step_too_large if finds("first-step-too-large", "/deployment/environments/production/steps/0/weight", [{"op": "add", "path": "/deployment/environments/production/steps/0/weight", "value": 40}])

test_gradual_rollout_without_steps if finds("gradual-rollout-without-steps", "/deployment/environments/production", [{"op": "add", "path": "/deployment/environments/production/steps", "value": []}])

test_steps_not_rising if finds("steps-not-rising", "/deployment/environments/production/steps/1/weight", [{"op": "add", "path": "/deployment/environments/production/steps/1/weight", "value": 10}])

test_rollback_trigger_missing if finds("rollback-trigger-missing", "/deployment/environments/production", [{"op": "remove", "path": "/deployment/environments/production/rollback_on"}])

test_autoscaling_bounds_crossed if finds("autoscaling-bounds-crossed", "/deployment/autoscaling", [{"op": "add", "path": "/deployment/autoscaling", "value": {"min_replicas": 3}}])

test_drift_missing if finds("drift-missing", "/monitoring", [{"op": "add", "path": "/monitoring/drift", "value": []}])

test_performance_missing if finds("performance-missing", "/monitoring", [{"op": "remove", "path": "/monitoring/performance"}])

test_alerts_missing if finds("alerts-missing", "/monitoring", [{"op": "add", "path": "/monitoring/alerts", "value": []}])

test_prediction_log_disabled if finds("prediction-log-disabled", "/monitoring/prediction_log/enabled", [{"op": "add", "path": "/monitoring/prediction_log/enabled", "value": false}])

test_violation_windows_exceed if finds("violation-windows-exceed", "/monitoring/violation_windows", [{"op": "add", "path": "/monitoring/violation_windows", "value": 3}])

test_retraining_schedule_missing if finds("retraining-schedule-missing", "/monitoring/retraining/triggers/0", [{"op": "add", "path": "/monitoring/retraining/triggers/0/on", "value": "schedule"}])

test_retraining_reason_missing if finds("retraining-reason-missing", "/monitoring/retraining/triggers/0/reason", [{"op": "add", "path": "/monitoring/retraining/triggers/0/reason", "value": "why not"}])

test_retraining_cooldown_too_short if finds("retraining-cooldown-too-short", "/monitoring/retraining/cooldown", [{"op": "add", "path": "/monitoring/retraining/cooldown", "value": "2h"}])
