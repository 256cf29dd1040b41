package mergeline.promotion_test

import data.mergeline.promotion

digest := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

other := "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

# A promotion of high risk into production, with all it takes.
good := {
	"model": "loans",
	"environment": "production",
	"version": "1.1.0",
	"risk": "high",
	"specs": {"deployment": {"environments": {"production": {"strategy": "canary", "soak": "1h"}}}},
	"release": {"version": "1.1.0", "digest": digest},
	"desired": {"version": "1.1.0", "digest": digest, "replaces": other, "reason": "better", "hold": null},
	"current": {"version": "1.0.0", "digest": other, "replaces": null, "reason": "first", "hold": null},
	"registry": {"version": "1.1.0", "digest": digest, "complete": true, "missing": []},
	"pull_request": {
		"number": 7,
		"author": "ann",
		"merged": true,
		"base": "main",
		"default_branch": "main",
		"head_sha": "abc",
		"committers": ["bob"],
		"dispatcher": "cid",
	},
	"approvals": [
		{"reviewer": "dora", "commit_id": "abc", "submitted_at": "2024-09-12T10:00:00Z"},
		{"reviewer": "emil", "commit_id": "abc", "submitted_at": "2024-09-12T11:00:00Z"},
	],
	"rejected_approvals": [],
	"previous_environment": {"version": "1.1.0", "digest": digest, "verified": true, "soaked_seconds": 3600},
	"rollback": false,
	"evidence_age_seconds": 86400,
}

denied(document) := found if found := promotion.deny with input as document

warned(document) := found if found := promotion.warn with input as document

finds(id, path, patch) if {
	document := json.patch(good, patch)
	some result in (denied(document) | warned(document))
	result.id == id
	result.path == path
}

says(message, patch) if {
	some result in denied(json.patch(good, patch))
	result.msg == message
}

passes(patch) if {
	document := json.patch(good, patch)
	count(denied(document)) == 0
}

test_good_promotion_passes if passes([])

test_first_promotion_passes if passes([
	{"op": "add", "path": "/current", "value": null},
	{"op": "add", "path": "/desired/replaces", "value": null},
])

test_staging_needs_no_approval if passes([
	{"op": "add", "path": "/environment", "value": "staging"},
	{"op": "add", "path": "/approvals", "value": []},
	{"op": "add", "path": "/previous_environment", "value": null},
])

test_rollback_skips_order_soak_and_age if passes([
	{"op": "add", "path": "/rollback", "value": true},
	{"op": "add", "path": "/previous_environment", "value": null},
	{"op": "add", "path": "/evidence_age_seconds", "value": 99999999},
	{"op": "add", "path": "/current/hold", "value": {"reason": "bad", "by": "dora"}},
	{"op": "add", "path": "/desired/hold", "value": {"reason": "bad", "by": "dora"}},
])

test_rollback_never_skips_digests if finds(
	"digest-differs-from-registry", "/environments/production/digest",
	[
		{"op": "add", "path": "/rollback", "value": true},
		{"op": "add", "path": "/registry/digest", "value": other},
	],
)

test_taking_a_hold_away_passes if passes([
	{"op": "add", "path": "/current/hold", "value": {"reason": "bad", "by": "dora"}},
	{"op": "add", "path": "/current/digest", "value": digest},
	{"op": "add", "path": "/desired/replaces", "value": digest},
])

test_approvals_message if says(
	"needs 2 approvals for high risk in production, has 0",
	[{"op": "add", "path": "/approvals", "value": []}],
)

test_approvals_message_says_who_did_not_count if says(
	"needs 2 approvals for high risk in production, has 1 (not counted: ann: is the author)",
	[
		{"op": "remove", "path": "/approvals/1"},
		{"op": "add", "path": "/rejected_approvals", "value": [{"reviewer": "ann", "reason": "is the author"}]},
	],
)

test_one_person_approves_once if says(
	"needs 2 approvals for high risk in production, has 1",
	[{"op": "add", "path": "/approvals/1/reviewer", "value": "Dora"}],
)

test_own_approval_does_not_count if says(
	"needs 2 approvals for high risk in production, has 1",
	[{"op": "add", "path": "/approvals/1/reviewer", "value": "Ann"}],
)

test_medium_risk_needs_one if passes([
	{"op": "add", "path": "/risk", "value": "medium"},
	{"op": "remove", "path": "/approvals/1"},
])

test_soak_message if says(
	"1.1.0 has been in staging for 60 s, 3600 s are needed",
	[{"op": "add", "path": "/previous_environment/soaked_seconds", "value": 60}],
)

test_empty_input_is_refused if count(denied({})) > 5

test_pull_request_missing if finds("pull-request-missing", "/environments/production", [{"op": "add", "path": "/pull_request", "value": null}])

test_pull_request_not_merged if finds("pull-request-not-merged", "/environments/production", [{"op": "add", "path": "/pull_request/merged", "value": false}])

test_pull_request_into_other_branch if finds("pull-request-into-other-branch", "/environments/production", [{"op": "add", "path": "/pull_request/base", "value": "side"}])

test_approvals_missing if finds("approvals-missing", "/environments/production", [{"op": "add", "path": "/approvals", "value": []}])

test_approvals_not_configured if finds("approvals-not-configured", "/environments/production", [{"op": "add", "path": "/risk", "value": "unheard"}])

test_approvals_not_configured_for_environment if finds("approvals-not-configured", "/environments/moon", [{"op": "add", "path": "/environment", "value": "moon"}])

test_approval_not_separate if finds("approval-not-separate", "/environments/production", [{"op": "add", "path": "/approvals/0/reviewer", "value": "ANN"}])

test_committer_does_not_approve if finds("approval-not-separate", "/environments/production", [{"op": "add", "path": "/approvals/0/reviewer", "value": "bob"}])

test_dispatcher_does_not_approve if finds("approval-not-separate", "/environments/production", [{"op": "add", "path": "/approvals/0/reviewer", "value": "cid"}])

test_approval_of_other_commit if finds("approval-of-other-commit", "/environments/production", [{"op": "add", "path": "/approvals/0/commit_id", "value": "old"}])

test_release_missing if finds("release-missing", "/environments/production/version", [{"op": "add", "path": "/release", "value": null}])

test_release_of_other_version if finds("release-of-other-version", "/environments/production/version", [{"op": "add", "path": "/release/version", "value": "1.0.0"}])

test_digest_differs_from_release if finds("digest-differs-from-release", "/environments/production/digest", [{"op": "add", "path": "/release/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_registry_entry_missing if finds("registry-entry-missing", "/environments/production/version", [{"op": "add", "path": "/registry", "value": null}])

test_digest_differs_from_registry if finds("digest-differs-from-registry", "/environments/production/digest", [{"op": "add", "path": "/registry/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_registry_entry_incomplete if finds("registry-entry-incomplete", "/environments/production/version", [{"op": "add", "path": "/registry/complete", "value": false}, {"op": "add", "path": "/registry/missing", "value": ["owner"]}])

test_registry_entry_of_unknown_state if finds("registry-entry-incomplete", "/environments/production/version", [{"op": "remove", "path": "/registry/complete"}, {"op": "add", "path": "/registry/missing", "value": []}])

test_replaced_digest_differs if finds("replaced-digest-differs", "/environments/production/replaces", [{"op": "add", "path": "/desired/replaces", "value": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}])

test_replaced_digest_not_named if finds("replaced-digest-differs", "/environments/production/replaces", [{"op": "add", "path": "/desired/replaces", "value": null}])

test_replaced_digest_gone if finds("replaced-digest-differs", "/environments/production/replaces", [{"op": "add", "path": "/current", "value": null}])

test_evidence_too_old if finds("evidence-too-old", "/environments/production/version", [{"op": "add", "path": "/evidence_age_seconds", "value": 1296000}])

test_evidence_age_unknown if finds("evidence-age-unknown", "/environments/production/version", [{"op": "add", "path": "/evidence_age_seconds", "value": null}])

test_not_verified_before if finds("not-verified-before", "/environments/production/version", [{"op": "add", "path": "/previous_environment", "value": null}])

test_other_digest_verified_before if finds("not-verified-before", "/environments/production/version", [{"op": "add", "path": "/previous_environment/digest", "value": "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"}])

test_not_verified_yet if finds("not-verified-before", "/environments/production/version", [{"op": "add", "path": "/previous_environment/verified", "value": false}])

test_soak_too_short if finds("soak-too-short", "/environments/production/version", [{"op": "add", "path": "/previous_environment/soaked_seconds", "value": 3599}])

test_soak_not_configured if finds("soak-not-configured", "/environments/production/version", [{"op": "add", "path": "/risk", "value": "unheard"}])

test_environment_held if finds("environment-held", "/environments/production/hold", [{"op": "add", "path": "/current/hold", "value": {"reason": "bad", "by": "dora"}}])

test_environment_held_by_the_change if finds("environment-held", "/environments/production/hold", [{"op": "add", "path": "/desired/hold", "value": {"reason": "bad", "by": "dora"}}])

test_rollback_without_hold if finds("rollback-without-hold", "/environments/production", [{"op": "add", "path": "/rollback", "value": true}])
