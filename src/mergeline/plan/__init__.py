"""Plan: base against head, as changes of meaning, actions that follow, approvals they need."""
