package mergeline.change_test

import data.mergeline.change

# The same cases are put to both engines through Mergeline's own code.
test_cases[name] if {
	some name, one in cases
	denied := change.deny with input as one.input
	warned := change.warn with input as one.input
	holds(one, denied, warned)
}

holds(one, denied, warned) if {
	some result in (denied | warned)
	result.id == one.finds.id
	result.path == one.finds.path
}

holds(one, denied, _) if {
	some result in denied
	result.msg == one.says
}

holds(one, denied, _) if {
	one.passes == true
	count(denied) == 0
}

holds(one, denied, warned) if {
	one.silent == true
	count(denied | warned) == 0
}

holds(one, denied, warned) if {
	is_string(one.mends)
	count(denied) == 0
	not one.mends in {result.id | some result in warned}
}
